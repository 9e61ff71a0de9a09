import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { TaskHistory, deriveWorkspaceId, discoverWorkspace, init, sanitize, validateEvent } from '@tasktrail/wasm';
import { limited } from './support/limited.mjs';
import { scene, task } from './support/records.mjs';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const HUGE = 32 << 20;
const MODULE = new URL('../pkg/web/tasktrail_wasm_bg.wasm', import.meta.url);

/** More than the module has memory for. */
const poison = () => task('progress', '9.9', 'Poison', { at: NOW, metadata: { message: 'x'.repeat(HUGE) } });

/** A page that does what the patches say. */
function page() {
  const rows = new Map();
  return {
    rows,
    take(changes) {
      for (const patch of changes.patches) {
        if (patch.op === 'remove') assert.ok(rows.delete(patch.key));
        else if (patch.op === 'insert') {
          assert.ok(!rows.has(patch.row.key));
          rows.set(patch.row.key, patch.row);
        } else if (patch.op === 'update') {
          assert.ok(rows.has(patch.row.key));
          rows.set(patch.row.key, patch.row);
        }
      }
      return changes;
    },
    shows: (history) => assert.deepEqual(rows, new Map(history.view().rows.map((row) => [row.key, row]))),
  };
}

before(async () => init(limited(await readFile(MODULE), 16 << 20)));

test('a call that traps says so, and the next one works', () => {
  for (const call of [() => validateEvent('x'.repeat(HUGE)), () => sanitize({ a: 'x'.repeat(HUGE) })]) {
    assert.throws(
      call,
      (fault) => fault.code === 'TT_WASM_TRAPPED' && fault.retryable && fault.cause instanceof WebAssembly.RuntimeError,
    );
    assert.deepEqual(sanitize({ password: 'x' }), { password: '[redacted]' });
  }
});

test('a history goes on in the next instance, and only what it cannot bear is left out', () => {
  const records = scene(NOW);
  const untouched = new TaskHistory({ workspaceId: 'ws_demo' });
  const history = new TaskHistory({ workspaceId: 'ws_demo' });
  const shown = page();
  shown.take(history.apply(records.slice(0, 12), NOW));
  shown.take(history.setFilter({ project: 42 }, NOW));
  shown.take(history.tick(NOW + 1_000));
  const changes = shown.take(history.apply([...records.slice(12, 20), poison(), ...records.slice(20)], NOW + 2_000));
  assert.deepEqual([changes.accepted, changes.rejected], [records.length - 12, 1]);
  assert.equal(changes.trapped.code, 'TT_WASM_TRAPPED');
  shown.shows(history);
  untouched.apply(records, NOW);
  untouched.setFilter({ project: 42 }, NOW + 2_000);
  assert.deepEqual(history.view(), untouched.view());
  assert.deepEqual(history.filter(), { project: 42, status: [] });
  assert.deepEqual(changes.summary, history.view().summary);
});

test('each history of the instance that trapped comes back, as it was at its last word', () => {
  const [one, other] = [new TaskHistory(), new TaskHistory({ capacity: 3, olderCapacity: 10 })];
  const records = scene(NOW);
  one.apply(records, NOW);
  one.tick(NOW + 3_600_000);
  other.apply(records, NOW);
  other.pageIn(records, NOW);
  const before = [one, other].map((history) => [history.view(), history.cursor()]);
  assert.equal(before[1][1].records, 13);
  assert.ok(before[0][0].summary.stalled > 0, 'the time that was told last is part of the view');
  assert.throws(() => sanitize({ a: 'x'.repeat(HUGE) }), { code: 'TT_WASM_TRAPPED' });
  assert.deepEqual(
    [one, other].map((history) => [history.view(), history.cursor()]),
    before,
  );
  const { accepted } = one.apply([task('started', '7.7', 'Afterwards', { at: NOW })], NOW);
  assert.equal(accepted, 1);
  for (const history of [one, other]) history.free();
});

test('what a long-lived history remembers for it does not grow with all that ever came', () => {
  const history = new TaskHistory({ capacity: 50 });
  const shown = page();
  const text = 'y'.repeat(2_000);
  for (let index = 0; index < 3_000; index++) {
    const one = task('progress', `1.${index % 70}`, 'Item', {
      at: NOW + index,
      metadata: { message: `${index} ${text}` },
    });
    shown.take(history.apply([one], NOW + index));
  }
  const before = history.view();
  // 6 MB came; were all of it taken in again, it would show in the time, and in the memory: the module has 16 MB.
  assert.throws(() => sanitize({ a: 'x'.repeat(HUGE) }), { code: 'TT_WASM_TRAPPED' });
  assert.deepEqual(history.view(), before);
  shown.shows(history);
});

test('a search for a workspace that another call’s trap meets begins anew', async () => {
  let reads = 0;
  const files = {
    async readTextFile() {
      if (++reads === 2) assert.throws(() => sanitize({ a: 'x'.repeat(HUGE) }), { code: 'TT_WASM_TRAPPED' });
      return undefined;
    },
  };
  const { workspaceId } = await discoverWorkspace('/home/a/project', files, 'a-random-salt');
  assert.equal(workspaceId, deriveWorkspaceId('/home/a/project', 'a-random-salt'));
  assert.ok(reads > 4, `${reads} reads`);
});

test('a history that was freed leaves the next instance alone', () => {
  const [freed, kept] = [new TaskHistory(), new TaskHistory()];
  assert.throws(() => sanitize({ a: 'x'.repeat(HUGE) }), { code: 'TT_WASM_TRAPPED' });
  kept.apply(scene(NOW), NOW);
  const before = kept.view();
  freed.free();
  assert.deepEqual(kept.view(), before);
});
