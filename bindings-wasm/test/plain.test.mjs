// The history beside the same in plain JavaScript that sorts again and builds every row anew: whatever comes, both show the same rows,
// and the patches lead a page from one to the next.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { TaskHistory, init } from '@tasktrail/wasm/slim';
import { PlainHistory } from '../bench/plain.mjs';
import { recordAt } from '../bench/records.mjs';
import { record, scene } from './support/records.mjs';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const MINUTE = 60_000;

/** Numbers that look random and are the same each time. */
function generator(seed) {
  let state = seed;
  return (below) => (state = (state * 48_271) % 2_147_483_647) % below;
}

/** A page that does what the patches say, and nothing else. */
class Page {
  #rows = new Map();
  #children = new Map([['', []]]);

  take(patches) {
    for (const patch of patches) {
      const parent = patch.row?.parent ?? this.#rows.get(patch.key).parent;
      const siblings = this.#children.get(parent);
      if (patch.op === 'update') {
        this.#rows.set(patch.row.key, patch.row);
        continue;
      }
      const key = patch.key ?? patch.row.key;
      if (patch.op !== 'insert') siblings.splice(siblings.indexOf(key), 1);
      if (patch.op === 'remove') {
        this.#rows.delete(key);
        this.#children.delete(key);
        continue;
      }
      siblings.splice(patch.before === null ? siblings.length : siblings.indexOf(patch.before), 0, key);
      if (patch.op === 'insert') {
        this.#rows.set(key, patch.row);
        this.#children.set(key, []);
      }
    }
  }

  rows(parent = '') {
    return this.#children.get(parent).flatMap((key) => [this.#rows.get(key), ...this.rows(key)]);
  }
}

/** Records of a small world, so that they meet often. */
function small(random, count) {
  const kinds = [
    'task.started',
    'task.started',
    'task.progress',
    'task.failed',
    'task.completed',
    'phase.started',
    'phase.completed',
    'orchestration.progress',
    'project.completed',
    'widget.created',
    'event.posted',
    'audit.gap',
  ];
  return Array.from({ length: count }, (_, index) => {
    const [phase, item, agent] = [1 + random(2), 1 + random(3), random(4)];
    const http = random(4) === 0;
    const said = { workItemTitle: `T${index}`, phaseName: `P${index}`, totalItems: item, completedItems: random(3) };
    const failed = random(3) === 0 ? { code: 'E', message: `fault ${index}` } : null;
    return record(kinds[random(kinds.length)], {
      audit_id: `id-${String(random(1_000_000)).padStart(6, '0')}-${index}`,
      at: NOW - random(12) * MINUTE,
      channel: http ? 'http' : 'agent',
      phase_number: random(9) === 0 ? null : phase,
      work_item_id: http ? null : `${phase}.${item}`,
      agent_id: agent === 0 ? null : `agent-${agent}`,
      run_id: [null, 'run-1', 'run/2%'][random(3)],
      workspace_id: ['ws_demo', 'ws_demo', 'ws_b'][random(3)],
      origin_workspace_id: [null, null, 'ws_demo'][random(3)],
      response_status: [201, 400, 503][random(3)],
      outcome: ['success', 'failure', 'denied', 'unknown'][random(4)],
      error: failed,
      task_id: random(2) ? `t${index}` : null,
      metadata:
        random(6) === 0
          ? null
          : {
              ...said,
              message: `m${index}`,
              percent: random(150),
              parentAgentId: random(2) ? 'lead' : null,
              filesChanged: [`f${random(4)}`],
              durationMs: random(9),
            },
    });
  });
}

before(() => init());

test('both show the same rows of the same records, in any order and any pieces', () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = generator(seed * 7_919);
    const options = { workspaceId: random(3) ? 'ws_demo' : null, capacity: 1 + random(50) };
    const [history, plain, page] = [new TaskHistory(options), new PlainHistory(options), new Page()];
    const records = small(random, random(60));
    let summary;
    while (records.length > 0) {
      const batch = records.splice(0, 1 + random(6));
      const now = NOW + random(10) * MINUTE;
      const changes = history.apply([...batch, batch[0]], now);
      page.take(changes.patches);
      summary = changes.summary ?? summary;
      assert.deepEqual(summary ?? history.view().summary, history.view().summary, `summary, seed ${seed}`);
      const expected = plain.apply(batch, now);
      assert.deepEqual(history.view().rows, expected, `seed ${seed}`);
      assert.deepEqual(page.rows(), expected, `patches, seed ${seed}`);
    }
    history.free();
  }
});

test('both show the same of a run as it happens, past what is kept', () => {
  const options = { workspaceId: 'ws_demo', capacity: 100 };
  const [history, plain, page] = [new TaskHistory(options), new PlainHistory(options), new Page()];
  for (const one of [...scene(NOW), ...Array.from({ length: 400 }, (_, index) => recordAt(index, NOW))]) {
    const now = Date.parse(one.timestamp);
    page.take(history.apply([one], now).patches);
    assert.deepEqual(page.rows(), plain.apply([one], now));
  }
});

test('every summary is whole, and names what there is to choose from', () => {
  const history = new TaskHistory({ workspaceId: 'ws_demo', capacity: 40, olderCapacity: 60 });
  const page = new Page();
  const records = [...Array.from({ length: 100 }, (_, index) => recordAt(index, NOW)), ...scene(NOW + 60_000)];
  const saved = new TaskHistory({ workspaceId: 'ws_demo' });
  saved.apply(records.slice(0, 30), NOW);
  let [told, last] = [0, undefined];
  for (const step of [
    () => history.setFilter({ agent: 'agent-amber' }, NOW),
    ...records.slice(60).map((one) => () => history.apply([one], Date.parse(one.timestamp))),
    () => history.setFilter({}, NOW),
    () => history.pageIn(records.slice(0, 60), NOW),
    () => history.tick(NOW + 3_600_000),
    () => history.pageOut(NOW),
    () => history.restore(saved.save(), NOW),
    () => history.tick(NOW + 1),
  ]) {
    const { patches, summary } = step();
    page.take(patches);
    const view = history.view();
    assert.deepEqual(page.rows(), view.rows);
    if (!summary) continue;
    told++;
    assert.deepEqual(summary, view.summary);
    if (last) assert.notDeepEqual(summary, last, 'told though nothing of it changed');
    last = structuredClone(summary);
  }
  assert.ok(told > 40, `${told} summaries`);
  assert.deepEqual(last.workspaces, ['ws_demo']);
});
