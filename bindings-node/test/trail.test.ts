import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import {
  deriveWorkspaceId,
  operationType,
  sanitize,
  TasktrailError,
  Trail,
  validateEvent,
  type ErrorCode,
  type LiveBatch,
  type ProjectEvent,
} from '@tasktrail/node';
import { until } from './until';

const folder = mkdtempSync(join(tmpdir(), 'tasktrail-node-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const started = (workItemId: string, workspaceId: string): ProjectEvent => ({
  type: 'task.started',
  data: { projectNumber: 42, phaseNumber: 1, workItemId, workItemTitle: 'An item', workspaceId },
});

/** Asserts a rejection with a code; the error. */
async function rejects(promise: Promise<unknown>, code: ErrorCode): Promise<TasktrailError> {
  const fault = await promise.then(
    () => assert.fail(`expected ${code}`),
    (fault: unknown) => fault,
  );
  assert.ok(fault instanceof TasktrailError, String(fault));
  assert.equal(fault.code, code, fault.message);
  return fault;
}

describe('Trail.open', () => {
  it('refuses a URL that it does not know', async () => {
    const fault = await rejects(Trail.open('redis://localhost'), 'TT_URL_INVALID');
    assert.match(fault.message, /redis/);
    assert.equal(fault.retryable, false);
    assert.ok(fault instanceof Error && fault.name === 'TasktrailError');
  });

  it('refuses an unknown option by name', async () => {
    const fault = await rejects(Trail.open('memory:', { retentoinDays: 3 } as never), 'TT_OPTIONS_INVALID');
    assert.match(fault.message, /retentoinDays/);
  });

  it('names the path of a SQLite file that cannot be written', async () => {
    const fault = await rejects(
      Trail.open(`sqlite:${join(folder, 'is-a-folder')}`.replace('is-a-folder', '')),
      'TT_STORE_PATH',
    );
    assert.ok(fault.message.includes(folder), fault.message);
    mkdirSync(join(folder, 'taken.db'));
    const taken = await rejects(Trail.open(`sqlite:${join(folder, 'taken.db')}`), 'TT_STORE_PATH');
    assert.ok(taken.message.includes('taken.db'), taken.message);
  });

  it('says within its deadline that a MongoDB cannot be reached', async () => {
    const began = Date.now();
    const fault = await Trail.open('mongodb://127.0.0.1:1/audit', { openTimeoutMs: 500 }).then(
      () => assert.fail('opened'),
      (fault: TasktrailError) => fault,
    );
    assert.ok(['TT_STORE_UNAVAILABLE', 'TT_STORE_TIMEOUT'].includes(fault.code), fault.code);
    assert.equal(fault.retryable, true);
    assert.ok(Date.now() - began < 3_000, `took ${Date.now() - began} ms`);
  });
});

const stores: Array<[string, () => string]> = [
  ['memory', () => 'memory:'],
  ['sqlite', () => `sqlite:${join(folder, `audit-${Math.random()}.db`)}`],
];
const mongodb = process.env.TASKTRAIL_TEST_MONGODB;
if (mongodb) stores.push(['mongodb', () => mongodb.replace(/^(mongodb:\/\/[^/]+)[^?]*/, `$1/tt_node_${process.pid}`)]);

for (const [store, url] of stores) {
  describe(`Trail on ${store}`, () => {
    it('records, finds, gets and counts', async () => {
      const trail = await Trail.open(url(), { service: 'tests' });
      const body = Buffer.from(JSON.stringify({ title: 'x', password: 'hunter2' }));
      const workspaceId = `ws_${Math.random()}`;
      const call = {
        method: 'POST',
        path: '/api/tasks/7/start',
        route: '/api/tasks/:id/start',
        params: { id: '7' },
        status: 201,
      };
      const id = trail.record({ ...call, workspaceId, apiKey: 'secret-key' }, body);
      trail.record({ ...call, workspaceId, status: 500 }, new Uint8Array(body));
      const stats = await trail.flush();
      assert.equal(stats.queued + stats.inFlight, 0);
      const page = await trail.query({ workspaceId });
      assert.equal(page.total, 2);
      const record = await trail.get(id);
      assert.equal(record?.audit_id, id);
      assert.equal(record?.operation_type, 'task.started');
      assert.equal(record?.service, 'tests');
      assert.deepEqual(record?.request_summary, { title: 'x', password: '[redacted]' });
      assert.match(record?.actor ?? '', /^key_/);
      assert.equal((await trail.query({ workspaceId, outcome: 'failure' })).items.length, 1);
      assert.equal(await trail.get('019ab3c2-7f00-7abc-8def-0123456789ab'), null);
      await trail.close();
      assert.equal(trail.stats().seen, trail.stats().stored);
    });

    it('takes an event, refuses a bad one with every fault, and is deaf to repeats', async () => {
      const trail = await Trail.open(url());
      const workspaceId = `ws_${Math.random()}`;
      const eventId = `e-${Math.random()}`;
      const accepted = await trail.emit({ ...started('1.1', workspaceId), eventId });
      assert.equal(accepted.accepted, true);
      assert.equal(accepted.type, 'task.started');
      assert.equal(accepted.durable, true);
      const again = await trail.emit({ ...started('1.1', workspaceId), eventId });
      assert.equal(again.auditId, accepted.auditId);
      await trail.flush();
      assert.equal((await trail.query({ workspaceId })).total, 1);
      const fault = await rejects(
        trail.emit('{"type":"task.started","data":{"projectNumber":"x"}}'),
        'TT_EVENT_INVALID',
      );
      assert.ok(fault.details.length > 1);
      assert.ok(fault.details.some((detail) => detail.path === 'data.projectNumber'));
      await rejects(trail.emit('{'), 'TT_EVENT_INVALID');
      await rejects(
        trail.emit(JSON.stringify({ type: 'x', data: { pad: 'x'.repeat(1_100_000) } })),
        'TT_EVENT_TOO_LARGE',
      );
      await trail.close();
    });

    it('tells subscribers of their scope only, from a position on', async () => {
      const trail = await Trail.open(url());
      const [mine, other] = [`ws_${Math.random()}`, `ws_${Math.random()}`];
      const heard: LiveBatch[] = [];
      const subscription = trail.subscribe({ workspaceId: mine }, (batch) => heard.push(batch));
      await trail.emit(started('1', mine));
      await trail.emit(started('2', other));
      await trail.emit(started('3', mine));
      const items = (): unknown[] => heard.flatMap((batch) => batch.entries.map((entry) => entry.work_item_id));
      await until('two entries', () => items().length >= 2);
      assert.deepEqual(items(), ['1', '3']);
      assert.equal(subscription.dropped, 0);
      subscription.unsubscribe();
      subscription.unsubscribe();
      await trail.emit(started('4', mine));
      const { epoch } = heard[0]!;
      const replay = trail.replay({ workspaceId: mine }, { epoch, seq: heard[0]!.seq });
      assert.deepEqual(
        replay.entries.map((entry) => entry.work_item_id),
        ['3', '4'],
      );
      assert.equal(replay.missed, false);
      assert.equal(items().length, 2);
      await trail.close();
    });

    it('refuses what is wrong by name', async () => {
      const trail = await Trail.open(url());
      assert.equal((await rejects(trail.query({ limit: 0 }), 'TT_QUERY_INVALID')).field, 'limit');
      assert.equal((await rejects(trail.query({ nonsense: 1 } as never), 'TT_QUERY_INVALID')).field, 'nonsense');
      assert.equal((await rejects(trail.get('nonsense'), 'TT_QUERY_INVALID')).field, 'auditId');
      assert.throws(() => trail.record({ method: 'POST', path: '/x', status: 'ok' } as never), {
        code: 'TT_CALL_INVALID',
        field: 'status',
      });
      assert.throws(() => trail.subscribe({ workspaceId: '' }, () => undefined), { code: 'TT_OPTIONS_INVALID' });
      await trail.close();
    });

    it('is closed once and for all', async () => {
      const trail = await Trail.open(url());
      await trail.close();
      await trail.close();
      await rejects(trail.query(), 'TT_CLOSED');
      await rejects(trail.emit(started('1', 'ws_a')), 'TT_CLOSED');
      trail.record({ method: 'POST', path: '/late' });
      assert.equal(trail.stats().dropped.closed, 1);
    });
  });
}

describe('a durable record', () => {
  it('is on disk when its promise resolves, and taken before that is waited for', async () => {
    const spool = mkdtempSync(join(folder, 'spool-'));
    // Nobody listens there.
    const trail = await Trail.open('mongodb://127.0.0.1:1/audit', { degradedStart: true, spool });
    trail.assertReady();
    const body = Buffer.from('{"password":"hunter2"}');
    const waiting = trail.recordDurable({ method: 'POST', path: '/tasks', status: 201 }, body);
    assert.ok(trail.stats().seen >= 1);
    const { auditId, seq, place } = await waiting;
    assert.deepEqual([auditId.length, place], [36, 'spool']);
    assert.ok(seq > 0);
    await trail.close(100);
    await using later = await Trail.open('memory:', { spool });
    await until('the record is drained', () => {
      const { adopted, spooled } = later.stats();
      return adopted > 0 && spooled === 0;
    });
    const found = await later.get(auditId);
    assert.match(JSON.stringify(found?.request_summary), /"\[redacted\]"/);
  });

  it('is refused with its reason', async () => {
    const trail = await Trail.open('mongodb://127.0.0.1:1/audit', { degradedStart: true });
    const refusal = (act: () => void): unknown => {
      try {
        return act();
      } catch (fault) {
        return (fault as TasktrailError).code;
      }
    };
    assert.equal(
      refusal(() => trail.assertReady()),
      'TT_AUDIT_UNAVAILABLE',
    );
    const invalid = await rejects(trail.recordDurable({ method: 'POST' } as never), 'TT_CALL_INVALID');
    assert.match(invalid.message, /path/);
    await trail.close(0);
    await rejects(trail.recordDurable({ method: 'POST', path: '/x' }), 'TT_CLOSED');
  });
});

describe('an export', () => {
  it('gives every record once, a page at a time', async () => {
    await using trail = await Trail.open(`sqlite:${join(folder, 'export.db')}`);
    const ids = new Set<string>();
    for (let at = 0; at < 2_500; at++)
      ids.add(trail.record({ method: 'POST', path: `/tasks/${at}`, workspaceId: 'ws_e' }));
    await trail.flush();
    let records = 0;
    for await (const record of trail.export({ workspaceId: 'ws_e', order: 'asc' })) {
      assert.ok(ids.delete(record.audit_id));
      records++;
    }
    assert.deepEqual([records, ids.size], [2_500, 0]);
    const text = trail.exportText({ workspaceId: 'ws_e' }, 'csv');
    const first = await text.next();
    assert.deepEqual([text.records, first.value?.split('\r\n').length], [1_000, 1_002]);
    // Another one goes on where this one was left.
    const rest = trail.exportText({ workspaceId: 'ws_e', cursor: text.cursor ?? '' });
    for await (const piece of rest) assert.notEqual(piece, '');
    assert.equal(rest.records, 1_500);
  });

  it('refuses by name what it does not know', async () => {
    await using trail = await Trail.open('memory:');
    for (const [query, format, field] of [
      [{ limit: 5 }, 'ndjson', 'limit'],
      [{ nonsense: 5 }, 'ndjson', 'nonsense'],
      [{}, 'xml', 'format'],
    ] as const) {
      assert.throws(
        () => trail.exportText(query as never, format as never),
        (fault: TasktrailError) => fault.code === 'TT_QUERY_INVALID' && fault.field === field,
      );
    }
  });
});

describe('pure functions', () => {
  it('validate events', () => {
    const good = validateEvent(started('1', 'ws_a'), 1_000);
    assert.ok(good.accepted && good.event.timestamp === '1970-01-01T00:00:01.000Z');
    const bad = validateEvent({ type: 'nonsense' });
    assert.ok(!bad.accepted && bad.code === 'TT_EVENT_INVALID' && bad.details[0]?.path === 'type');
    assert.equal(validateEvent(undefined).accepted, false);
  });

  it('derive ids and names, and sanitize', () => {
    const salt = 'a-salt-of-more-than-sixteen-bytes';
    assert.match(deriveWorkspaceId('/home/me/clone', salt), /^ws_/);
    assert.throws(() => deriveWorkspaceId('', salt), { code: 'TT_WORKSPACE_INVALID' });
    assert.equal(operationType('POST', '/api/tasks/:id/complete'), 'task.completed');
    assert.deepEqual(sanitize({ token: 'abc', a: 1 }), { token: '[redacted]', a: 1 });
  });
});

describe('the package', () => {
  const run = (code: string, ...flags: string[]): { status: number | null; out: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', code], {
      cwd: __dirname,
      encoding: 'utf8',
      timeout: 20_000,
    });
    return { status, out: stdout + stderr };
  };
  const open = (file: string): string =>
    `const { Trail } = require('@tasktrail/node'); Trail.open('sqlite:${file}').then((trail) => {
      for (let i = 0; i < 1000; i++) trail.record({ method: 'POST', path: '/x', workspaceId: 'ws_exit' }); `;
  const saved = async (file: string): Promise<number> => {
    const trail = await Trail.open(`sqlite:${file}`);
    const { total } = await trail.query({ workspaceId: 'ws_exit' });
    await trail.close();
    return total;
  };
  const exits: Array<[name: string, code: string, status: number]> = [
    ['its natural end', '})', 0],
    ['process.exit()', 'process.exit(3) })', 3],
    ['an uncaught throw', 'setImmediate(() => { throw new Error("boom") }) })', 1],
  ];
  for (const [name, code, expected] of exits) {
    it(`drains at ${name} and does not keep the process alive`, async () => {
      const file = join(folder, `exit-${Math.random()}.db`);
      const { status, out } = run(open(file) + code);
      assert.equal(status, expected, out);
      assert.equal(await saved(file), 1000);
    });
  }

  it('drains at the end of a worker', async () => {
    const file = join(folder, 'worker.db');
    const worker = open(file) + '})';
    const { status, out } = run(
      `const { Worker } = require('worker_threads'); new Worker(${JSON.stringify(worker)}, { eval: true })`,
    );
    assert.equal(status, 0, out);
    assert.equal(await saved(file), 1000);
  });

  it('does not keep the process alive by a subscription', () => {
    const { status, out } = run(
      `require('@tasktrail/node').Trail.open('memory:').then((trail) => trail.subscribe({}, () => {}))`,
    );
    assert.equal(status, 0, out);
  });

  it('has named exports for ES modules and CommonJS', () => {
    const code = `import { Trail, HEADERS, EVENT_TYPES, TasktrailError } from '@tasktrail/node';
      import { TasktrailModule, Audit, SkipAudit, InjectTrail } from '@tasktrail/node/nestjs';
      if (![Trail, HEADERS, EVENT_TYPES, TasktrailError, TasktrailModule, Audit, SkipAudit, InjectTrail].every(Boolean)) process.exit(1);
      await using trail = {}; `.replace('await using trail = {};', '');
    const { status, out } = run(code, '--input-type=module');
    assert.equal(status, 0, out);
  });
});
