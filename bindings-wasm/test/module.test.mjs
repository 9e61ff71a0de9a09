import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { TaskHistory, VERSION, deriveWorkspaceId, init, sanitize, validateEvent } from '@tasktrail/wasm';
import { record, scene, task } from './support/records.mjs';

const NOW = Date.parse('2026-11-22T10:00:00Z');

before(async () => {
  for (const use of [() => validateEvent({}), () => new TaskHistory(), () => deriveWorkspaceId('/a', 'salt-salt')]) {
    assert.throws(use, (fault) => fault.code === 'TT_WASM_NOT_INITIALISED' && fault.message.includes('await init()'));
  }
  await Promise.all([init(), init()]);
  await init();
});

test('the package, its JavaScript and its module have one version', async () => {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  assert.equal(VERSION, version);
});

test('a module that cannot be loaded is an error that can be tried again', () => {
  const script = `
    import { init } from '@tasktrail/wasm';
    try { await init(new Uint8Array([1, 2, 3])); } catch (fault) { console.log(fault.code, fault.retryable); }
    await init();
    console.log('loaded');`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: new URL('..', import.meta.url),
    encoding: 'utf8',
  });
  assert.equal(stdout, 'TT_WASM_LOAD_FAILED true\nloaded\n');
});

test('events are checked as the API checks them', () => {
  const good = validateEvent({ type: 'issue.updated', data: { projectNumber: 42 } }, NOW);
  assert.deepEqual(good, {
    accepted: true,
    event: { type: 'issue.updated', data: { projectNumber: 42 }, timestamp: '2026-11-22T10:00:00.000Z' },
  });
  const bad = validateEvent({ type: 'task.started', data: { projectNumber: 'x', phaseNumber: 1 } });
  assert.equal(bad.accepted, false);
  assert.equal(bad.code, 'TT_EVENT_INVALID');
  assert.deepEqual(bad.details.map((detail) => detail.path).sort(), [
    'data.projectNumber',
    'data.workItemId',
    'data.workItemTitle',
  ]);
  assert.equal(validateEvent('{"type":').accepted, false);
  assert.equal(validateEvent(undefined).accepted, false);
});

test('workspace ids, operation types and sanitizing are the core’s', () => {
  const id = deriveWorkspaceId('/home/a/project', 'a-random-salt');
  assert.match(id, /^ws_[a-z2-7]{26}$/);
  assert.equal(deriveWorkspaceId('/home/a/./project/', 'a-random-salt'), id);
  assert.notEqual(deriveWorkspaceId('/home/a/project', 'another-salt'), id);
  assert.throws(() => deriveWorkspaceId('relative', 'a-random-salt'), { code: 'TT_WORKSPACE_INVALID', field: 'path' });
  assert.deepEqual(sanitize({ a: 1, password: 'x' }), { a: 1, password: '[redacted]' });
});

test('the history ends in the same view whatever the order, and its patches lead there', () => {
  const records = scene(NOW);
  const straight = new TaskHistory({ workspaceId: 'ws_demo' });
  straight.apply(records, NOW);
  const expected = straight.view();
  assert.equal(expected.rows.filter((row) => row.kind === 'item').length, 9);
  let seed = 7;
  const random = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 25; round++) {
    const shuffled = records
      .map((one) => [random(1e9), one])
      .sort(([a], [b]) => a - b)
      .map(([, one]) => one);
    const history = new TaskHistory({ workspaceId: 'ws_demo' });
    const keys = new Map();
    while (shuffled.length > 0) {
      const batch = shuffled.splice(0, 1 + random(5));
      const { patches } = history.apply([...batch, batch[0]], NOW);
      for (const patch of patches) {
        if (patch.op === 'remove') keys.delete(patch.key);
        else if (patch.row) keys.set(patch.row.key, patch.row);
      }
    }
    assert.deepEqual(history.view(), expected);
    assert.deepEqual(new Map(expected.rows.map((row) => [row.key, row])), keys);
    history.free();
  }
});

test('older records come by pages, what is saved comes back, and workspaces can be the top', () => {
  const started = (index, workspace) =>
    task('started', `1.${index}`, `Item ${index}`, { at: NOW + index, workspace_id: workspace ?? 'ws_demo' });
  const history = new TaskHistory({ workspaceId: ['ws_demo', 'ws_b'], capacity: 2, olderCapacity: 2 });
  const records = [1, 2, 3, 4].map((index) => started(index));
  history.apply(records, NOW);
  const { patches, accepted } = history.pageIn(JSON.stringify(records), NOW);
  assert.deepEqual([accepted, patches.filter(({ op }) => op === 'insert').length, history.cursor().records], [2, 2, 4]);
  assert.equal(history.view().summary.older, 2);
  assert.equal(history.pageOut(NOW).patches.filter(({ op }) => op === 'remove').length, 2);
  history.setFilter({ text: 'item', workspace: null }, NOW);
  assert.deepEqual(history.filter(), { status: [], text: 'item' });

  const grouped = TaskHistory.byWorkspace();
  grouped.restore(history.save(), NOW);
  grouped.apply([started(9, 'ws_b')], NOW);
  const tops = grouped.view().rows.filter(({ parent }) => parent === '');
  assert.deepEqual(
    tops.map(({ kind, workspaceId, total, percent }) => [kind, workspaceId, total, percent]),
    [
      ['workspace', 'ws_b', 1, 0],
      ['workspace', 'ws_demo', 2, 0],
    ],
  );
  assert.throws(() => grouped.restore('{"version":99}'), { code: 'TT_HISTORY_INVALID', field: 'version' });
  assert.throws(() => grouped.pageIn('nonsense'), { code: 'TT_CALL_INVALID' });
});

test('what is kept is bounded, and refused arguments are named', () => {
  const history = new TaskHistory({ workspaceId: 'ws_demo', capacity: 500 });
  const many = Array.from({ length: 600 }, (_, index) =>
    task('started', `1.${index}`, `Item ${index}`, { at: NOW + index }),
  );
  const { accepted } = history.apply(many, NOW);
  assert.equal(accepted, 600);
  assert.equal(history.cursor().records, 500);
  assert.equal(history.cursor().oldest.timestamp, NOW + 100);
  assert.equal(history.apply([record('x.y', { workspace_id: 'ws_other' }), null, { audit_id: 5 }], NOW).outOfScope, 1);
  assert.throws(() => history.apply('nonsense'), { code: 'TT_CALL_INVALID' });
  assert.throws(() => history.setFilter({ stauts: [] }), { code: 'TT_QUERY_INVALID' });
  assert.throws(() => new TaskHistory({ capacity: 'many' }), { code: 'TT_OPTIONS_INVALID', field: 'capacity' });
});
