// The client against a real API in a process of its own, with real Socket.IO, over a wire that can be cut.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { init } from '@tasktrail/wasm';
import { TasktrailClient } from '@tasktrail/wasm/client';
import { init as initSlim } from '@tasktrail/wasm/slim';
import { RealApi } from './support/api.mjs';
import { Listener, until } from './support/listener.mjs';

let api;
let clients;
/** What was read over REST, by every client of the test. */
let reads;

const counted = (...request) => {
  reads.push(String(request[0]));
  return fetch(...request);
};

function client(options = {}) {
  const made = new TasktrailClient({ baseUrl: api.url, fetch: counted, ...options });
  clients.push(made);
  return made;
}

/** Connects a listener. */
function listen(source, listener = new Listener()) {
  listener.feed = source.connect(listener);
  return listener;
}

const live = (listener) =>
  until(
    () => listener.state === 'live',
    () => `live, not ${listener.state} ${listener.errors.at(-1)}`,
  );

async function complete(listener, workspaces) {
  let stored;
  await until(
    async () => listener.has((stored = await api.stored(workspaces))),
    () => `all ${stored?.size} records, not ${listener.times.size}`,
  );
  await live(listener);
  listener.hasExactly(stored);
}

/** A program that closes its client, and says what that leaves behind, once it is in such a state. */
const CLOSING = `
  import { TasktrailClient } from '@tasktrail/wasm/client';
  const [baseUrl, when] = process.argv.slice(1);
  // Timers of our own, by where they were set; Node's and Socket.IO's are theirs.
  const timers = new Map();
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  globalThis.setTimeout = (work, ms, ...more) => {
    const [, , by] = new Error().stack.split('\\n');
    const timer = set((...given) => (timers.delete(timer), work(...given)), ms, ...more);
    if (by.includes('/bindings-wasm/dist/')) timers.set(timer, by.trim() + ' ' + ms);
    return timer;
  };
  globalThis.clearTimeout = (timer) => (timers.delete(timer), clear(timer));
  const ended = new AbortController();
  const client = new TasktrailClient({ baseUrl, signal: ended.signal });
  let closing = false;
  const say = (text) => process.stdout.write(text + '\\n');
  const listener = {
    records: () => undefined,
    ready: () => undefined,
    connection: ({ state }) => {
      if (state !== when || ended.signal.aborted || closing) return;
      closing = true;
      setImmediate(() => {
        ended.abort();
        client.history().catch((fault) => say(fault.code));
        // What was under way has heard of the end then.
        setImmediate(() => setImmediate(() => timers.forEach((by) => say(by))));
      });
    },
  };
  client.onProjectEvents([1], { event: () => undefined });
  client.source(['ws_a', 'ws_b'], { from: null }).connect(listener);
  client.sourceOfAll().connect({ ...listener, connection: () => undefined });`;

async function closes(url, when) {
  const node = spawn(process.execPath, ['--input-type=module', '--eval', CLOSING, url, when], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  node.stdout.on('data', (chunk) => (said += chunk));
  node.stderr.on('data', (chunk) => (said += chunk));
  const timer = setTimeout(() => node.kill(), 60_000);
  const [code, signal] = await once(node, 'exit');
  clearTimeout(timer);
  assert.deepEqual([code, signal, said], [0, null, 'TT_CLOSED\n'], `${url} ${when}`);
}

beforeEach(() => {
  clients = [];
  reads = [];
});
afterEach(async () => {
  for (const one of clients) one.close();
  await api.stop();
});

describe('an API as it is', () => {
  beforeEach(async () => {
    api = await new RealApi().start();
  });

  test('several workspaces are one source over one connection, and what lies in two comes once', async () => {
    const one = client();
    const both = listen(one.source(['ws_a', 'ws_b']));
    await live(both);
    await api.items(3);
    await api.items(3, { workspaceId: 'ws_b' });
    await api.items(3, { workspaceId: 'ws_b', originWorkspaceId: 'ws_a' });
    await api.items(3, { workspaceId: 'ws_c' });
    await complete(both, ['ws_a', 'ws_b']);
    assert.equal(both.times.size, 9);
    assert.equal(both.readyTimes, 1);
    const alone = listen(one.source('ws_a'));
    await complete(alone, ['ws_a']);
    assert.equal(alone.times.size, 6);
    alone.feed.close();
    await api.items(2);
    await complete(both, ['ws_a', 'ws_b']);
    assert.equal(alone.times.size, 6, 'what is closed hears nothing');
  });

  test('all workspaces are one source', async () => {
    await api.items(2);
    const all = listen(client().sourceOfAll());
    await live(all);
    await api.items(2, { workspaceId: 'ws_b' });
    await api.items(2, { workspaceId: 'ws_c' });
    await until(
      () => all.times.size >= 7,
      () => `${all.times.size} records`,
    );
    // The trail's own record of its start is among them.
    await complete(all, ['ws_a', 'ws_b', 'ws_c', 'unknown']);
  });

  test('a loss is told live to who follows the whole trail, and to no single workspace', async () => {
    const socket = io(api.directUrl, { path: '/orchestration', transports: ['websocket'], forceNew: true });
    try {
      const heard = [];
      socket.on('task.history', ({ room, entries }) => heard.push(...entries.map((entry) => ({ room, ...entry }))));
      for (const asked of [{ all: true }, { workspaceId: 'ws_a' }, { workspaceId: 'unknown' }])
        assert.equal((await socket.emitWithAck('subscribe', asked)).ok, true);
      const data = { projectNumber: 1, phaseNumber: 1, workItemId: '1.1', workItemTitle: 'Twice', workspaceId: 'ws_a' };
      // The number that the second of them was given is nobody's.
      for (let n = 0; n < 2; n++) await api.emit({ eventId: 'twice', type: 'task.started', data });
      const roomsOf = (operation) =>
        heard.filter(({ operation_type: its }) => its === operation).map(({ room }) => room);
      await until(
        () => roomsOf('audit.gap').length === 2,
        () => JSON.stringify(heard),
      );
      await api.items(1);
      await until(() => roomsOf('task.started').length === 4, 'what comes after it');
      assert.deepEqual(roomsOf('audit.gap').sort(), ['all', 'workspace:unknown']);
      assert.equal(heard.find(({ operation_type: its }) => its === 'audit.gap').metadata.reason, 'duplicate');
    } finally {
      socket.disconnect();
    }
  });

  test('after a short cut the ring is enough; after a long one the store is asked from where it was', async () => {
    const heard = listen(client().source('ws_a', { from: null, capacity: 2_000 }));
    await live(heard);
    await api.items(5);
    await complete(heard, ['ws_a']);
    reads = [];
    api.flap();
    await until(() => heard.states.includes('offline'), 'the loss');
    await api.items(5);
    await complete(heard, ['ws_a']);
    assert.deepEqual(reads, []);
    assert.equal(heard.errors.at(-1).code, 'TT_API_UNAVAILABLE');

    api.cut();
    await until(() => heard.state === 'offline', 'the loss');
    await api.many(700, 'ws_a');
    assert.equal(heard.times.size, 10);
    assert.ok(heard.connectionNow.completeThrough > 0);
    api.mend();
    await complete(heard, ['ws_a']);
    assert.ok(reads.some((url) => url.includes('after=')));
    assert.equal(
      reads.filter((url) => url.includes('/workspace/') && !url.includes('after=')).length,
      0,
      reads.join('\n'),
    );
    assert.equal(heard.readyTimes, 1);
  });

  test('a cursor goes on where it was made: from the ring, or from the store after a restart', async () => {
    await api.items(20);
    const kept = listen(client().source('ws_a', { from: null }));
    assert.equal(kept.feed.cursor(), null);
    await complete(kept, ['ws_a']);
    const goOn = () => {
      const from = kept.feed.cursor();
      kept.feed.close();
      reads = [];
      return () => listen(client().source('ws_a', { from, known: kept.times.keys() }), kept);
    };
    let start = goOn();
    await api.items(3);
    start();
    await complete(kept, ['ws_a']);
    assert.deepEqual(reads, []);
    assert.equal(kept.readyTimes, 2);

    start = goOn();
    await api.kill();
    await api.run();
    await api.items(4);
    start();
    await complete(kept, ['ws_a']);
    assert.equal(kept.times.size, 27);
    assert.ok(reads.some((url) => url.includes('after=')));
    assert.equal(reads.filter((url) => url.includes('limit=') && !url.includes('after=')).length, 0, reads.join('\n'));
  });

  test('a cursor of a store that is no more is put aside, and so is a damaged one', async () => {
    await api.items(5);
    const first = listen(client().source('ws_a', { from: null }));
    await complete(first, ['ws_a']);
    const cursor = JSON.parse(first.feed.cursor());
    cursor.at['workspace:ws_a'].anchor = '01890000-0000-7000-8000-000000000000';
    delete cursor.at['workspace:ws_a'].live;
    const unknown = JSON.parse(first.feed.cursor());
    unknown.at['workspace:ws_a'].after = 'of-another-version';
    delete unknown.at['workspace:ws_a'].live;
    // With nothing in its ring, the API has the records in its store alone.
    await api.kill();
    await api.run();
    for (const from of [
      JSON.stringify(cursor),
      JSON.stringify(unknown),
      '{',
      '{"version":1,"at":{"workspace:ws_a":5}}',
    ]) {
      const again = listen(client().source('ws_a', { from }));
      await complete(again, ['ws_a']);
      assert.equal(again.times.size, 5);
    }
  });

  test('what comes while it is paused waits, and beyond the bound it is fetched anew', async () => {
    const heard = listen(client().source('ws_a', { capacity: 2_000, from: null }));
    await live(heard);
    await api.items(5);
    await complete(heard, ['ws_a']);
    const before = heard.feed.cursor();
    heard.feed.pause();
    const other = listen(client().source('ws_a', { capacity: 3_000 }));
    reads = [];
    await api.items(20);
    await complete(other, ['ws_a']);
    assert.equal(heard.times.size, 5);
    assert.equal(heard.feed.cursor(), before, 'what waits has not been handed over');
    heard.feed.resume();
    await complete(heard, ['ws_a']);

    heard.feed.pause();
    // One that keeps no place in the store has no other reason to look there.
    const placeless = listen(client().source('ws_a'));
    await complete(placeless, ['ws_a']);
    placeless.feed.pause();
    // Slowly enough for the server's ring: only the bound is in the way.
    for (let n = 0; n < 23; n++) {
      await api.many(100, 'ws_a');
      await until(() => other.times.size === 25 + (n + 1) * 100, 'what another one hears');
    }
    assert.equal(heard.times.size, 25);
    heard.feed.resume();
    await complete(heard, ['ws_a']);
    assert.equal(heard.times.size, 2_325);
    placeless.feed.resume();
    await until(
      () => placeless.times.size === 25 + 500,
      () => `the newest 500, not ${placeless.times.size - 25}`,
    );
    await live(placeless);
  });

  test('a listener that takes its time is not run over', async () => {
    const heard = new Listener();
    let taking = 0;
    let most = 0;
    heard.taking = async () => {
      most = Math.max(most, ++taking);
      await new Promise((resolve) => setTimeout(resolve, 30));
      taking--;
    };
    listen(client().source('ws_a', { capacity: 5_000 }), heard);
    await live(heard);
    for (let n = 0; n < 5; n++) await api.many(300, 'ws_a');
    await complete(heard, ['ws_a']);
    assert.equal(most, 1);
  });

  test('the past comes by pages, of several workspaces without a hole', async () => {
    await api.many(450, 'ws_a');
    await api.many(30, 'ws_b');
    await api.many(310, 'ws_a');
    const workspaces = ['ws_a', 'ws_b'];
    const stored = await (async () => {
      let ids;
      await until(async () => (ids = await api.stored(workspaces)).size === 790, 'all of them are stored');
      return ids;
    })();
    for (const asked of [workspaces, undefined]) {
      const one = client();
      const source = asked ? one.source(asked, { capacity: 50 }) : one.sourceOfAll({ capacity: 50 });
      const heard = listen(source);
      await live(heard);
      const page = await one.history({ limit: 1, endTime: Date.now() + 60_000 });
      let before = { timestamp: Date.parse(page.items[0].timestamp), auditId: page.items[0].audit_id };
      const found = new Set([before.auditId]);
      let last;
      do {
        last = await heard.feed.older(before);
        for (const record of last.records) {
          assert.equal(found.has(record.audit_id), false, 'each once');
          found.add(record.audit_id);
          // A page begins where the one before ended, and goes on from there.
          const at = Date.parse(record.timestamp);
          assert.ok(at < before.timestamp || (at === before.timestamp && record.audit_id < before.auditId));
          before = { timestamp: at, auditId: record.audit_id };
        }
      } while (!last.isEnd);
      // The whole trail has others' records as well.
      const own = asked ? [...found] : [...found].filter((id) => stored.has(id));
      assert.deepEqual(own.sort(), [...stored].sort());
    }
  });

  test('a wrong event is refused by the API, and before it leaves where the rules are there', async () => {
    let posts = 0;
    const one = client({ fetch: (...request) => fetch(...request, posts++) });
    const wrong = { type: 'task.started', data: { projectNumber: 'x', phaseNumber: 1 } };
    const refusal = () =>
      one.emit(wrong).then(assert.fail, ({ name, code, message, details, retryable }) => ({
        name,
        code,
        message,
        details,
        retryable,
      }));
    const byApi = await refusal();
    assert.deepEqual([byApi.code, byApi.retryable], ['TT_EVENT_INVALID', false]);
    assert.deepEqual(byApi.details.map(({ path }) => path).sort(), [
      'data.projectNumber',
      'data.workItemId',
      'data.workItemTitle',
    ]);
    await initSlim();
    assert.deepEqual(await refusal(), byApi);
    assert.equal(posts, 2);
    await init();
    assert.deepEqual(await refusal(), byApi);
    assert.equal(posts, 2);
    const event = { eventId: 'mine', type: 'issue.updated', data: { projectNumber: 1 } };
    const accepted = await one.emit(event);
    assert.deepEqual([accepted.accepted, accepted.type, accepted.durable], [true, 'issue.updated', true]);
    assert.equal((await one.emit(event)).auditId, accepted.auditId);
    await until(async () => (await one.record(accepted.auditId)) !== null, 'the record');
  });

  test('an event is heard as it was posted, by who listens to its project', async () => {
    const one = client();
    const heard = [];
    const missed = [];
    let listening = false;
    for (let n = 0; n < 55; n++) await api.items(1, { projectNumber: 7 });
    const stop = one.onProjectEvents([7, 8], {
      event: (event) => heard.push(event),
      missed: (project) => missed.push(project),
      listening: (is) => (listening = is),
    });
    await until(() => heard.length >= 50, 'the last 50');
    const { auditId } = await one.emit({
      type: 'task.failed',
      data: { projectNumber: 8, phaseNumber: 1, workItemId: '1.1', workItemTitle: 'It', error: 'no' },
    });
    await until(() => heard.some((event) => event.auditId === auditId), 'the event');
    const event = heard.find((event) => event.auditId === auditId);
    assert.deepEqual([event.type, event.data.projectNumber, event.data.error], ['task.failed', 8, 'no']);

    api.flap();
    await until(() => !listening, 'the loss');
    await api.items(3, { projectNumber: 7 });
    await until(() => listening, 'the return');
    await until(() => heard.length >= 54, 'those in between');
    assert.equal(new Set(heard.map((event) => event.auditId)).size, heard.length, 'each once');
    assert.deepEqual(missed, []);

    await api.kill();
    await until(() => !listening, 'the loss');
    await api.run();
    await until(() => missed.includes(7) && missed.includes(8), 'it says that it cannot know');
    stop();
    const before = heard.length;
    await api.items(1, { projectNumber: 7 });
    const late = listen(one.source('ws_a'));
    await complete(late, ['ws_a']);
    assert.equal(heard.length, before);
  });

  test('a closed client leaves nothing behind, whatever it was doing', async () => {
    const dead = 'http://127.0.0.1:9';
    for (const [url, when] of [
      [api.url, 'live'],
      [api.url, 'connecting'],
      [dead, 'offline'],
      [dead, 'connecting'],
    ])
      await closes(url, when);
  });
});

describe('an API that refuses', () => {
  test('a wrong key is named as the reason, for reads and live updates alike', async () => {
    api = await new RealApi({ key: 'good' }).start();
    const wrong = listen(client({ apiKey: 'wrong' }).source('ws_a'));
    await until(
      () => wrong.state === 'offline' && wrong.connectionNow.error?.code === 'TT_READ_FORBIDDEN',
      'the reason',
    );
    const { since } = wrong.connectionNow;
    await until(() => reads.length >= 3, 'another try');
    assert.deepEqual([wrong.state, wrong.connectionNow.since], ['offline', since]);
    const good = listen(client({ apiKey: 'good' }).source('ws_a'));
    await live(good);
    assert.equal(good.errors.length, 0);
  });

  test('a client that is refused leaves nothing behind when it is closed', async () => {
    api = await new RealApi({ key: 'good' }).start();
    await closes(api.url, 'offline');
  });

  test('an address without an audit trail is told from one without an API', async () => {
    api = await new RealApi().start();
    const lost = listen(client({ baseUrl: `${api.url}/elsewhere` }).source('ws_a'));
    await until(() => lost.errors.some((error) => error.code === 'TT_API_NOT_FOUND'), 'the reason');
    await assert.rejects(
      client({ baseUrl: `${api.url}/elsewhere` }).emit({ type: 'issue.updated', data: { projectNumber: 1 } }),
      {
        code: 'TT_API_NOT_FOUND',
      },
    );
  });

  test('without live updates the store is asked again and again', async () => {
    api = await new RealApi({ gateway: false }).start();
    await api.items(2);
    const heard = listen(client().source('ws_a'));
    await until(() => heard.readyTimes === 1 && heard.state === 'catching-up', 'what there is');
    assert.equal(heard.connectionNow.error.code, 'TT_API_UNAVAILABLE');
    await api.items(2);
    await until(() => heard.times.size === 4, 'what came since');
  });

  test('a cursor is never ahead of what has been taken from the store', async () => {
    // Without live updates, all comes from there.
    api = await new RealApi({ gateway: false }).start();
    const heard = new Listener();
    let taken;
    const start = async (from) => {
      await api.items(3);
      await api.stored(['ws_a']);
      heard.taking = () => new Promise((resolve) => (taken = resolve));
      listen(client().source('ws_a', { from, known: heard.times.keys() }), heard);
      await until(() => taken, 'records in hand');
    };
    const take = async (count) => {
      heard.taking = undefined;
      taken();
      taken = undefined;
      await until(() => heard.times.size === count, 'all of them');
    };
    const placeOf = (cursor) => JSON.parse(cursor)?.at['workspace:ws_a'].after;
    await start(null);
    assert.equal(heard.feed.cursor(), null);
    await take(3);
    await until(() => heard.feed.cursor() !== null, 'a place');
    const from = heard.feed.cursor();
    heard.feed.close();

    await start(from);
    assert.equal(placeOf(heard.feed.cursor()), placeOf(from));
    await take(6);
    await until(() => placeOf(heard.feed.cursor()) !== placeOf(from), 'a later place');
  });

  test('too many reads wait as long as they are told to', async () => {
    api = await new RealApi({ rateLimit: { reads: 10, events: false } }).start();
    const one = client();
    let refusal;
    while (!refusal)
      refusal = await one.history().then(
        () => undefined,
        (fault) => fault,
      );
    assert.deepEqual([refusal.code, refusal.retryable, refusal.retryAfterMs > 0], ['TT_RATE_LIMITED', true, true]);
    reads = [];
    const heard = listen(one.source('ws_a'));
    await until(() => heard.errors.some((error) => error.code === 'TT_RATE_LIMITED'), 'the refusal');
    await live(heard);
    // One that was refused, and one when there was a token again.
    assert.equal(reads.length, 2, reads.join('\n'));
  });
});
