import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { source } from '../support/source.mjs';

const { RecentRecords } = await source('recent-records');
const { Feed } = await source('feed');
const { Channel } = await source('channel');

const record = (number, more = {}) => ({
  audit_id: String(number).padStart(6, '0'),
  timestamp: new Date(1_700_000_000_000 + number * 1_000).toISOString(),
  ...more,
});
const range = (from, to) => Array.from({ length: to - from }, (_, index) => record(from + index));
const ids = (records) => records.map(({ audit_id: id }) => Number(id));

/** Always the same numbers, so that a failure can be looked at. */
function shuffled(list, seed) {
  const out = [...list];
  let state = seed;
  for (let index = out.length - 1; index > 0; index--) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = state % (index + 1);
    [out[index], out[other]] = [out[other], out[index]];
  }
  return out;
}

/** A source that a test speaks through. */
class Spoken {
  refreshed = 0;
  closed = false;
  connect(listener) {
    this.listener = listener;
    return {
      refresh: () => this.refreshed++,
      close: () => (this.closed = true),
      older: async (before) => {
        this.before = before;
        return this.past;
      },
    };
  }
  say(state, more = {}) {
    this.listener.connection({ state, since: 1, ...more });
  }
}

class Heard {
  said = [];
  records = (records) => this.said.push(['records', ids(records)]);
  ready = () => this.said.push(['ready']);
  connection = (connection) => this.said.push(['connection', connection.state]);
  get ids() {
    return this.said.filter(([what]) => what === 'records').flatMap(([, numbers]) => numbers);
  }
}

test('the newest records are kept, in any order and as often as they come', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const records = new RecentRecords(50);
    const given = shuffled([...range(0, 120), ...range(30, 90)], seed);
    for (let at = 0; at < given.length; at += 7) records.add(given.slice(at, at + 7));
    assert.deepEqual(ids(records.all()), ids(range(70, 120)).reverse());
  }
});

test('what is kept is told once, and what is too old not at all', () => {
  const records = new RecentRecords(3);
  assert.deepEqual(ids(records.add([record(5), record(5), record(7)])), [5, 7]);
  assert.deepEqual(ids(records.add([record(6), record(1)])), [6]);
  assert.deepEqual(ids(records.add([record(4)])), []);
  assert.deepEqual(ids(records.add([{ audit_id: 'x', timestamp: 'never' }])), []);
  const young = new RecentRecords(3, () => Date.parse(record(6).timestamp));
  assert.deepEqual(ids(young.add([record(5), record(6), record(7)])), [6, 7]);
});

test('what becomes too old while it is kept goes', () => {
  let oldest = 0;
  const records = new RecentRecords(5, () => Date.parse(record(oldest).timestamp));
  records.add(range(0, 4));
  assert.equal(records.expire(), false);
  oldest = 2;
  assert.equal(records.expire(), true);
  assert.deepEqual(ids(records.all()), [3, 2]);
  assert.deepEqual(
    [1, 2].map((number) => records.isTooOld(record(number))),
    [true, false],
  );
});

test('the past comes from the source, as far back as is to be seen', async () => {
  const source = new Spoken();
  const feed = new Feed(source, new RecentRecords(5, () => Date.parse(record(3).timestamp)));
  const before = { timestamp: 1, auditId: 'x' };
  source.past = { records: range(3, 6), isEnd: false };
  const page = await feed.connect(new Heard()).older(before);
  assert.deepEqual([ids(page.records), page.isEnd, source.before], [[3, 4, 5], false, before]);
  source.past = { records: range(1, 6), isEnd: false };
  const last = await feed.connect(new Heard()).older(before);
  assert.deepEqual([ids(last.records), last.isEnd], [[3, 4, 5], true]);
});

test('a connection is told on, with the time through which nothing is missing', () => {
  const source = new Spoken();
  const feed = new Feed(source, new RecentRecords(100));
  const heard = new Heard();
  feed.connect(heard);
  source.listener.records([record(1), record(1)]);
  source.listener.ready();
  source.say('live');
  assert.equal(feed.connection.completeThrough, undefined, 'now');
  source.say('offline', { since: 77 });
  assert.equal(feed.connection.completeThrough, 77, 'when it was last live');
  source.say('catching-up', { completeThrough: 99 });
  assert.equal(feed.connection.completeThrough, 99, 'what the source knows goes before');
  assert.deepEqual(heard.ids, [1]);
  assert.equal(heard.said.filter(([what]) => what === 'ready').length, 1);
  feed.refresh();
  assert.equal(source.refreshed, 1);
  feed.close();
  assert.equal(source.closed, true);
});

test('whoever comes late gets what there was, then what comes', () => {
  const source = new Spoken();
  const feed = new Feed(source, new RecentRecords(3));
  source.listener.records(range(0, 5));
  source.listener.ready();
  source.say('live');
  const heard = new Heard();
  const connection = feed.connect(heard);
  assert.deepEqual(heard.said, [['connection', 'live'], ['records', [4, 3, 2]], ['ready']]);
  source.listener.records([record(9)]);
  assert.deepEqual(heard.ids.at(-1), 9);
  connection.close();
  source.listener.records([record(10)]);
  assert.equal(heard.ids.includes(10), false);
});

test('a saved copy is shown, and marked until the API has been heard', () => {
  const source = new Spoken();
  const feed = new Feed(source, new RecentRecords(10), { records: range(0, 3), completeThrough: 5 });
  assert.deepEqual([feed.connection.saved, feed.connection.completeThrough, feed.isReady], [true, 5, false]);
  source.say('offline');
  assert.deepEqual([feed.connection.saved, feed.connection.completeThrough], [true, 5]);
  source.listener.records(range(1, 5));
  source.listener.ready();
  source.say('live');
  assert.deepEqual([feed.connection.saved, feed.connection.completeThrough], [undefined, undefined]);
  assert.deepEqual(ids(feed.records.all()), [4, 3, 2, 1, 0]);
});

/** As much of a webview as a channel needs; the test is the page. */
class Page {
  sent = [];
  postMessage(message) {
    this.sent.push(message);
    return Promise.resolve(true);
  }
  of(type) {
    return this.sent.filter((message) => message.type === type);
  }
}

test('one message of records is under way at a time, and no more wait than can be shown', async () => {
  const source = new Spoken();
  const page = new Page();
  const channel = new Channel(page, 7, source, 500);
  source.listener.records([record(0)]);
  await sleep(5);
  assert.equal(page.of('records').length, 1);
  for (let number = 1; number <= 5_000; number++) source.listener.records([record(number)]);
  source.listener.ready();
  source.say('live');
  await sleep(5);
  assert.equal(page.of('records').length, 1, 'nothing more before the first is taken');
  assert.equal(page.of('connection').length, 0, 'live is said when the records are there');
  channel.taken();
  assert.deepEqual(ids(page.of('records')[1].records), ids(range(4_501, 5_001)).reverse());
  channel.taken();
  assert.deepEqual(
    page.sent.slice(-2).map(({ type }) => type),
    ['ready', 'connection'],
  );
  assert.ok(page.sent.every(({ generation }) => generation === 7));
  channel.close();
  source.listener.records([record(9_999)]);
  await sleep(5);
  assert.equal(page.of('records').length, 2);
});
