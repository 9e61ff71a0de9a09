// What a recorded call costs the JavaScript thread. The figure is CPU time of an app's main thread alone, from the kernel; a batch ends when
// nothing that it caused is left to do there. Added time is that of a batch less that of the same round's batch of the app without audit.
//
// A batch is long enough for several rounds of the garbage collector, and none is asked for: one more or one less would be 25 µs a request of a
// short batch, and one by force makes V8 forget what it has learned of the code.
import { startApps, turns, withChildren } from '../child.mjs';
import { median, row, spread } from '../../../tests/bench/js/row.mjs';

const CONNECTIONS = 10;

/** µs of the main thread a request, by mode and round. */
async function sample({ apps, load, modes, rounds, requests, ...request }, bench) {
  const batch = async (mode) => {
    const { port } = apps[mode];
    const { cpu: before } = await apps[mode].ask('measure');
    const { answered } = await load.ask({ port, requests, connections: CONNECTIONS, ...request });
    const { cpu: after } = await apps[mode].ask('measure');
    return (after - before) / answered;
  };
  const samples = Object.fromEntries(modes.map((mode) => [mode, []]));
  for (const [mode, round] of turns(modes, rounds)) {
    samples[mode].push(await batch(mode));
    bench.progress(`round ${round + 1} of ${rounds}`);
  }
  return { samples, batch };
}

const added = (samples, mode) => samples[mode].map((value, round) => value - samples.off[round]);

/** One audited POST of 1 KB, beside what else a host would write from the same hook. */
export async function post(bench) {
  const peers = {
    mongoose: ['Mongoose create(), not awaited', '<= 0.05'],
    pino: ['pino, five paths redacted, to nowhere', '<= 0.8'],
    buffer: ['a JavaScript buffer, redaction by hand, insertMany', '<= 0.5'],
  };
  const modes = ['off', 'middleware', 'tasktrail', ...Object.keys(peers)];
  const [rounds, requests, warmUp] = bench.quick ? [6, 1_500, 3_000] : [24, 2_000, 5_000];
  return withChildren(async (start) => {
    const load = await start('load.mjs');
    const apps = await startApps(start, bench, modes);
    for (const mode of modes) {
      bench.progress(`warming up ${mode}`);
      await load.ask({ port: apps[mode].port, requests: warmUp, connections: CONNECTIONS });
    }
    const { samples } = await sample({ apps, load, modes, rounds, requests }, bench);
    const sent = warmUp + rounds * requests;
    for (const mode of ['tasktrail', 'mongoose', 'buffer']) {
      const { stored } = await apps[mode].ask('stored');
      if (stored !== sent) throw new Error(`${mode} has stored ${stored} of ${sent}`);
    }
    const ours = added(samples, 'tasktrail');
    return Object.entries(peers).map(([mode, [peerName, goal]]) => {
      const theirs = added(samples, mode);
      return row({
        name: 'added JavaScript-thread time, POST of 1 KB',
        ours: median(ours),
        peerName,
        peer: median(theirs),
        goal,
        unit: 'µs',
        note:
          `${rounds} interleaved rounds of ${requests}; medians with 95 % intervals: ours ${spread(ours)}, peer ${spread(theirs)}, ` +
          `an empty listener ${spread(added(samples, 'middleware'))}, a request without audit ${spread(samples.off)}`,
      });
    });
  });
}

/** A body of 10 MB beside one of 64 KiB: only the budget of a body is looked at. */
export async function body(bench) {
  const modes = ['off', 'tasktrail'];
  const sizes = { large: [10_000_000, 40], small: [65_536, 1_500] };
  const [rounds, warmUp] = bench.quick ? [6, 2] : [24, 3];
  return withChildren(async (start) => {
    const load = await start('load.mjs');
    const apps = await startApps(start, bench, modes, { bodyParser: false });
    const figures = { large: [], small: [] };
    const off = {};
    for (const [name, [bodyBytes, requests]] of Object.entries(sizes)) {
      const asked = { apps, load, modes, requests, bodyBytes, path: '/tasks/upload' };
      await sample({ ...asked, rounds: warmUp }, bench);
      const { samples } = await sample({ ...asked, rounds }, bench);
      figures[name] = added(samples, 'tasktrail');
      off[name] = samples.off;
    }
    return [
      row({
        name: 'added JavaScript-thread time, body of 10 MB',
        ours: median(figures.large),
        peerName: 'body of 64 KiB',
        peer: median(figures.small),
        goal: '<= 1.2',
        unit: 'µs',
        note:
          `${rounds} interleaved pairs, nobody parses; 95 % intervals: 10 MB ${spread(figures.large)}, 64 KiB ${spread(figures.small)}; ` +
          `without audit ${spread(off.large)} and ${spread(off.small)}`,
      }),
    ];
  });
}
