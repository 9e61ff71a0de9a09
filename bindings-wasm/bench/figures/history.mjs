// What the view model costs the page's thread, beside the same in plain JavaScript. Both get records as a socket gives them, as objects, and
// give rows as a page takes them: the crossing into WebAssembly and back, as JSON, is in our figure.
import { deepStrictEqual } from 'node:assert';
import { TaskHistory, init } from '@tasktrail/wasm/slim';
import { median, row, spread } from '../../../tests/bench/js/row.mjs';
import { PlainHistory } from '../plain.mjs';
import { recordAt } from '../records.mjs';

const CAPACITY = 500;
const PEER = 'plain JavaScript: sort again, build every row anew';
const BEGAN = Date.parse('2026-11-22T10:00:00Z');
const OPTIONS = { workspaceId: 'ws_demo', capacity: CAPACITY };

const recordsFrom = (first, count) => Array.from({ length: count }, (_, index) => recordAt(first + index, BEGAN));
const timeOf = (record) => Date.parse(record.timestamp);

/** Milliseconds that it takes. */
function took(work) {
  const began = performance.now();
  work();
  return performance.now() - began;
}

/** Both must show the same, or they have not done the same work. */
const sameRows = (ours, peer, now) => deepStrictEqual(peer.rows(now), ours.view().rows);

function rows(name, unit, scale, goal, pairs, note) {
  const [ours, peer] = [0, 1].map((side) => pairs.map((pair) => pair[side] * scale));
  const ratios = pairs.map(([mine, theirs]) => mine / theirs);
  return [
    row({
      name,
      ours: median(ours),
      peerName: 'goal',
      peer: goal,
      goal: '<= 1.0',
      unit,
      note: `${spread(ours)} ${unit}`,
    }),
    row({
      name,
      ours: median(ours),
      peerName: PEER,
      peer: median(peer),
      ratio: median(ratios),
      unit,
      note: `${spread(peer)} ${unit}; ${note}`,
    }),
  ];
}

/** One event, when as many are there as are kept: each pushes one out. */
export async function event({ quick, progress }) {
  await init();
  const [rounds, events] = quick ? [20, 100] : [100, 200];
  const ours = new TaskHistory(OPTIONS);
  const peer = new PlainHistory(OPTIONS);
  const first = recordsFrom(0, CAPACITY);
  ours.apply(first, timeOf(first.at(-1)));
  peer.apply(first, timeOf(first.at(-1)));
  let next = CAPACITY;
  const round = () => {
    const records = recordsFrom(next, events);
    next += events;
    const each = (history) => () => records.forEach((record) => void history.apply([record], timeOf(record)));
    const sides = [() => took(each(ours)) / events, () => took(each(peer)) / events];
    // Neither side always goes first.
    if (next % (2 * events) === 0) return sides.map((side) => side());
    const theirs = sides[1]();
    return [sides[0](), theirs];
  };
  for (let warm = 0; warm < rounds / 5; warm++) round();
  const pairs = [];
  for (let at = 0; at < rounds; at++) {
    pairs.push(round());
    progress(`round ${at + 1} of ${rounds}`);
  }
  sameRows(ours, peer, timeOf(recordAt(next - 1, BEGAN)));
  return rows(
    `one event at ${CAPACITY} records`,
    'µs',
    1_000,
    20,
    pairs,
    `ours answers with patches, the peer with all rows`,
  );
}

/** As many as are kept, in one piece, into an empty history: what a page does when it opens. */
export async function batch({ quick, progress }) {
  await init();
  const rounds = quick ? 20 : 100;
  const records = recordsFrom(0, CAPACITY);
  const now = timeOf(records.at(-1));
  const round = (at) => {
    const histories = [new TaskHistory(OPTIONS), new PlainHistory(OPTIONS)];
    const sides = histories.map((history) => () => took(() => history.apply(records, now)));
    const times =
      at % 2
        ? sides.map((side) => side())
        : sides
            .toReversed()
            .map((side) => side())
            .toReversed();
    sameRows(...histories, now);
    histories[0].free();
    return times;
  };
  for (let warm = 0; warm < rounds / 5; warm++) round(warm);
  const pairs = [];
  for (let at = 0; at < rounds; at++) {
    pairs.push(round(at));
    progress(`round ${at + 1} of ${rounds}`);
  }
  return rows(`${CAPACITY} records into an empty view`, 'ms', 1, 5, pairs, 'both from and to objects');
}
