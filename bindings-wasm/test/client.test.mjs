import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, test } from 'node:test';
import { TaskHistory, init } from '@tasktrail/wasm';
import { TasktrailClient } from '@tasktrail/wasm/client';
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
  await assert.rejects(client.emit({ type: 'issue.updated', data: {} }), {
    code: 'TT_EVENT_INVALID',
    details: [{ path: 'data.x', message: 'no' }],
  });
  assert.equal(await client.record('x'), null);
  await assert.rejects(client.history({ operationType: ['task.*', 'a b'], limit: 5 }), {
    code: 'TT_RATE_LIMITED',
    retryAfterMs: 3_000,
    retryable: true,
  });
  assert.equal(seen[3][0], 'http://api.test/api/audit-history?operationType=task.*&operationType=a+b&limit=5');
  await assert.rejects(client.history(), { code: 'TT_API_UNAVAILABLE', retryable: true });
});
