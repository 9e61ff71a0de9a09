import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TaskHistory, init } from '@tasktrail/wasm';
import { TasktrailClient } from '@tasktrail/wasm/client';
import { Backoff } from '../dist/backoff.js';
import { RecentIds } from '../dist/recent-ids.js';
import { task } from './support/records.mjs';
import { TestApi } from './support/server.mjs';

let api;
let feed;

/** A listener that keeps a history, as the page does. */
function listen(workspaceId = 'ws_demo', options = {}) {
  const history = new TaskHistory({ workspaceId });
  const heard = { history, states: [], ready: 0, errors: [] };
  feed = new TasktrailClient({ baseUrl: api.url, ...options }).source(workspaceId).connect({
    records: (records) => history.apply(records),
    ready: () => heard.ready++,
    connection: ({ state, error }) => {
      if (heard.states.at(-1) !== state) heard.states.push(state);
      if (error) heard.errors.push(error);
    },
  });
  heard.items = () => history.view().rows.filter((row) => row.kind === 'item').length;
  heard.state = () => heard.states.at(-1);
  return heard;
}

async function until(condition, what, ms = 8_000) {
  for (const end = Date.now() + ms; Date.now() < end;) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`in ${ms} ms: ${what}`);
}

let next = 0;
const items = (count, more) => Array.from({ length: count }, () => task('started', `1.${next++}`, 'Item', more));

before(() => init());
beforeEach(async () => {
  api = await new TestApi().start();
});
afterEach(async () => {
  feed?.close();
  await api.stop();
});

test('the past and the present join without a hole', async () => {
  api.publish(items(450), { lost: true });
  // Published before anybody listened and not in the store yet: only the ring has it.
  api.publish(items(1), { unstored: true });
  const heard = listen();
  const during = setInterval(() => api.publish(items(1)), 1);
  await until(() => heard.state() === 'live', 'live');
  clearInterval(during);
  assert.equal(heard.ready, 1);
  assert.deepEqual(heard.states, ['connecting', 'live']);
  api.publish(items(1));
  await until(() => heard.history.cursor().records === Math.min(500, api.records.length + 1), 'all records');
});

test('a gap in the numbers is filled from the store', async () => {
  const heard = listen();
  await until(() => heard.state() === 'live', 'live');
  api.publish(items(3), { lost: true });
  api.publish(items(1));
  await until(() => heard.items() === 4, 'the lost ones');
  await until(() => heard.state() === 'live', 'live again');
});

test('a listener that the server left behind fetches what it missed', async () => {
  const heard = listen();
  await until(() => heard.state() === 'live', 'live');
  api.leaveBehind('ws_demo', items(3));
  await until(() => heard.items() === 3, 'what it was not told');
  await until(() => heard.state() === 'live', 'live again');
  assert.deepEqual(heard.states, ['connecting', 'live', 'catching-up', 'live']);
});

test('a listener that is left behind before it has joined fetches what it missed', async () => {
  const heard = listen();
  await until(() => heard.state() === 'live', 'live');
  api.joining = () => {
    api.joining = undefined;
    api.leaveBehind('ws_demo', items(3));
  };
  api.disconnect();
  await until(() => heard.items() === 3, 'what it was not told');
  await until(() => heard.state() === 'live', 'live again');
});

test('what the ring has lost while nobody was connected comes from the store', async () => {
  const heard = listen();
  await until(() => heard.state() === 'live', 'live');
  // More than the ring holds, before there is time to come back.
  api.disconnect();
  api.publish(items(300), { lost: true });
  await until(() => heard.items() === 300, 'all of it');
  await until(() => heard.state() === 'live', 'live again');
  assert.deepEqual(heard.states, ['connecting', 'live', 'offline', 'catching-up', 'live']);
});

test('a room that forgot its past is caught up with from the store', async () => {
  const heard = listen();
  await until(() => heard.state() === 'live', 'live');
  api.publish(items(3), { lost: true });
  api.forget('ws_demo');
  api.publish(items(1));
  await until(() => heard.items() === 4, 'all of it');
  await until(() => heard.state() === 'live', 'live again');
});

test('what is neither in the ring nor in the store yet is found when it is', async () => {
  const heard = listen();
  await until(() => heard.state() === 'live', 'live');
  const late = items(2);
  api.leaveBehind('ws_demo', []);
  await until(() => heard.states.at(-1) === 'live' && heard.states.length > 2, 'caught up');
  api.records.push(...late);
  await until(() => heard.items() === 2, 'what was stored after that');
});

test('delays grow to a bound, are spread over all of it, and begin anew', () => {
  const widest = new Backoff(() => 1);
  const delays = Array.from({ length: 6 }, () => widest.next());
  assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  widest.reset();
  assert.equal(widest.next(), 1_000);
  const narrowest = new Backoff(() => 0);
  assert.deepEqual([narrowest.next(), narrowest.next()], [100, 100]);
});

test('ids are remembered up to a bound, and those that come again for longer', () => {
  for (const form of ['0193a5c7-0000-7000-8000-', 'of another form ']) {
    const seen = new RecentIds(100);
    const id = (n) => form + String(n).padStart(12, '0');
    for (let n = 0; n < 100; n++) assert.equal(seen.add(id(n)), true);
    for (let n = 0; n < 100; n++) assert.equal(seen.has(id(n)), true);
    assert.equal(seen.add(id(7)), false);
    for (let n = 100; n < 150; n++) assert.equal(seen.add(id(n)), true);
    assert.equal(seen.has(id(0)), false);
    assert.equal(seen.has(id(60)), true);
    assert.equal(seen.has(id(149)), true);
    // One that keeps coming stays, whatever else comes.
    for (let n = 150; n < 10_000; n++) {
      assert.equal(seen.add(id(n)), true);
      assert.equal(seen.has(id(149)), true, String(n));
    }
    const held = Array.from({ length: 10_000 }, (_, n) => id(n)).filter((one) => seen.has(one));
    assert.equal(held.length, 100);
  }
});

test('a source without a workspace, or with a capacity that is none, is refused by name', () => {
  const client = new TasktrailClient({ baseUrl: api.url });
  for (const workspaces of [[], '', ['ws_a', '']])
    assert.throws(() => client.source(workspaces), { code: 'TT_QUERY_INVALID', field: 'workspaces' });
  for (const capacity of [0, -1, 1.5, NaN, 1e9])
    assert.throws(() => client.source('ws_a', { capacity }), { code: 'TT_OPTIONS_INVALID', field: 'capacity' });
});

test('the types of an event are those of its type', () => {
  const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [tsc, '--project', 'test/types'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout);
});

test('after a restart of the API nothing is missing', async () => {
  const heard = listen();
  api.publish(items(2));
  await until(() => heard.state() === 'live' && heard.items() === 2, 'live');
  await api.stop();
  await until(() => heard.state() === 'offline', 'offline');
  api.records.push(...items(5));
  await api.start();
  await until(() => heard.state() === 'live' && heard.items() === 7, 'caught up');
  assert.equal(heard.ready, 1);
});

test('an API that comes late is waited for, and says why meanwhile', async () => {
  await api.stop();
  const heard = listen();
  await until(() => heard.errors.some((error) => error.code === 'TT_API_UNAVAILABLE'), 'an error');
  assert.equal(heard.state(), 'offline');
  api.records.push(...items(1));
  await api.start();
  await until(() => heard.state() === 'live' && heard.ready === 1 && heard.items() === 1, 'live');
});

test('a refused read says so and is tried again', async () => {
  api.refuse = { status: 403, code: 'TT_READ_FORBIDDEN', message: 'reads are refused outside development' };
  const heard = listen();
  await until(() => heard.errors.some((error) => error.code === 'TT_READ_FORBIDDEN'), 'the refusal');
  api.refuse = undefined;
  await until(() => heard.state() === 'live', 'live');
});

test('what is closed says nothing any more', async () => {
  const heard = listen();
  await until(() => heard.state() === 'live', 'live');
  feed.close();
  api.publish(items(1));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(heard.items(), 0);
});

test('requests carry who works where, and errors what was wrong', async () => {
  const seen = [];
  const answer = (status, body, headers = {}) => new globalThis.Response(JSON.stringify(body), { status, headers });
  const answers = [
    answer(202, { accepted: true, auditId: 'a' }),
    answer(400, {
      accepted: false,
      error: 'bad',
      code: 'TT_EVENT_INVALID',
      details: [{ path: 'data.x', message: 'no' }],
    }),
    answer(404, { code: 'TT_RECORD_NOT_FOUND', message: 'no record' }),
    answer(429, { message: 'slow down' }, { 'retry-after': '3' }),
    answer(429, { message: 'slow down', retryAfter: 4 }),
    answer(403, { message: 'no' }),
    answer(401, { message: 'no' }),
    answer(404, { message: 'Cannot GET /api/audit-history' }),
    new globalThis.Response('<html>', { status: 502 }),
  ];
  const client = new TasktrailClient({
    baseUrl: 'http://api.test/',
    apiKey: 'k',
    context: { workspaceId: 'ws_a', runId: 'r' },
    fetch: async (url, request) => {
      seen.push([url, request]);
      return answers.shift();
    },
  });
  await client.emit({ type: 'issue.updated', data: { projectNumber: 1 } });
  const [url, { headers, body }] = seen[0];
  assert.equal(url, 'http://api.test/api/events/project');
  assert.deepEqual([headers['x-workspace-id'], headers['x-run-id'], headers['x-api-key']], ['ws_a', 'r', 'k']);
  assert.match(JSON.parse(body).eventId, /^[0-9a-f-]{36}$/);
  await assert.rejects(client.emit({ type: 'issue.updated', data: { projectNumber: 1 } }), {
    code: 'TT_EVENT_INVALID',
    details: [{ path: 'data.x', message: 'no' }],
  });
  assert.equal(await client.record('x'), null);
  await assert.rejects(client.history({ operationType: ['task.*', 'a b'], limit: 5 }), {
    code: 'TT_RATE_LIMITED',
    retryAfterMs: 3_000,
    retryable: true,
  });
  await assert.rejects(client.history(), { code: 'TT_RATE_LIMITED', retryAfterMs: 4_000 });
  await assert.rejects(client.emit({ type: 'issue.updated', data: { projectNumber: 1 } }), {
    code: 'TT_EVENT_FORBIDDEN',
  });
  await assert.rejects(client.history(), { code: 'TT_READ_FORBIDDEN' });
  await assert.rejects(client.history(), { code: 'TT_API_NOT_FOUND' });
  assert.equal(seen[3][0], 'http://api.test/api/audit-history?operationType=task.*&operationType=a+b&limit=5');
  await assert.rejects(client.history(), { code: 'TT_API_UNAVAILABLE', retryable: true });
});
