// What a recorded call costs an API under load: server, load and MongoDB share the machine, as they would in a small deployment.
import { startApps, turns, withChildren } from '../child.mjs';
import { median, row, spread } from '../../../tests/bench/js/row.mjs';

const medianRatio = (ours, theirs) => median(ours.map((value, round) => value / theirs[round]));
const difference = (ours, theirs) => ours.map((value, round) => value - theirs[round]);

/** Each mode's answers of each round: `{ mode: [{ perSecond, p50, p99, left }] }`. */
async function rounds(bench, { apps, load, modes, count, ...request }) {
  const answers = Object.fromEntries(modes.map((mode) => [mode, []]));
  for (const [mode, round] of turns(modes, count)) {
    const { answered, seconds, p50, p99 } = await load.ask({ port: apps[mode].port, ...request });
    const { left } = await apps[mode].ask('measure');
    answers[mode].push({ perSecond: answered / seconds, p50, p99, left });
    bench.progress(`${request.connections} connections, round ${round + 1} of ${count}`);
  }
  return answers;
}

const pick = (answers, field) => answers.map((answer) => answer[field]);

/** Requests a second, the next when the last is answered; and what is added to the slowest hundredth. */
export async function closed(bench) {
  const modes = ['off', 'tasktrail', 'buffer', 'middleware', 'strict'];
  const [count, ms] = bench.quick ? [3, 2_000] : [7, 3_000];
  return withChildren(async (start) => {
    const load = await start('load.mjs');
    const apps = await startApps(start, bench, modes);
    const rows = [];
    for (const mode of modes) await load.ask({ port: apps[mode].port, connections: 30, ms: 3_000 });
    for (const connections of [30, 50]) {
      const answers = await rounds(bench, { apps, load, modes, count, connections, ms });
      const perSecond = Object.fromEntries(modes.map((mode) => [mode, pick(answers[mode], 'perSecond')]));
      const p99 = Object.fromEntries(modes.map((mode) => [mode, pick(answers[mode], 'p99')]));
      const beside = (mode, peer, peerName, goal, note = '') =>
        row({
          name: `${mode === 'strict' ? 'strict, ' : ''}requests/s, ${connections} connections`,
          ours: median(perSecond[mode]),
          peerName,
          peer: median(perSecond[peer]),
          ratio: medianRatio(perSecond[mode], perSecond[peer]),
          goal,
          unit: '/s',
          note:
            `${count} interleaved rounds of ${ms / 1_000} s; p99 ${spread(p99[mode])} ms, peer ${spread(p99[peer])} ms; ` +
            `left to write at a round's end ${median(pick(answers[mode], 'left'))}, peer ${median(pick(answers[peer], 'left'))}${note}`,
        });
      rows.push(beside('tasktrail', 'off', 'without audit', '>= 0.85'));
      rows.push(beside('tasktrail', 'buffer', 'a JavaScript buffer, redaction by hand, insertMany', '>= 1.15'));
      rows.push(beside('tasktrail', 'middleware', 'an empty listener', null));
      if (connections !== 50) continue;
      const added = difference(p99.strict, p99.off);
      rows.push(beside('strict', 'off', 'without audit', null, `; p99 added ${spread(added)} ms`));
    }
    return rows;
  });
}

/** What is added to the slowest hundredth at a rate that leaves the machine room. */
export async function rate(bench) {
  const modes = ['off', 'tasktrail'];
  const [count, ms] = bench.quick ? [5, 3_000] : [15, 4_000];
  return withChildren(async (start) => {
    const load = await start('load.mjs');
    const apps = await startApps(start, bench, modes);
    for (const mode of modes) await load.ask({ port: apps[mode].port, connections: 30, ms: 3_000 });
    const answers = await rounds(bench, { apps, load, modes, count, connections: 30, ms, rate: 400 });
    const [ours, off] = modes.toReversed().map((mode) => pick(answers[mode], 'p99'));
    const added = difference(ours, off);
    return [
      row({
        name: 'added p99 at 400 requests/s',
        ours: median(added),
        peerName: 'a millisecond',
        peer: 1,
        goal: '<= 1',
        unit: 'ms',
        note:
          `median of ${count} interleaved runs of ${ms / 1_000} s: added ${spread(added, 2)}; p99 ${spread(ours, 2)}, without audit ` +
          `${spread(off, 2)}; p50 ${spread(pick(answers.tasktrail, 'p50'), 2)} and ${spread(pick(answers.off, 'p50'), 2)}`,
      }),
    ];
  });
}
