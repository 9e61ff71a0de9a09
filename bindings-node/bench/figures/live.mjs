// From an event's POST to the entry at each subscriber. One clock, the machine's; each event carries when it was sent.
import { startApps, withChildren } from '../child.mjs';
import { row } from '../../../tests/bench/js/row.mjs';

async function watch(bench, { workspaces, clients, perSecond, seconds, goalMs }) {
  return withChildren(async (start) => {
    const { live } = await startApps(start, bench, ['live']);
    const listeners = await start('listeners.mjs', [String(live.port), String(workspaces), String(clients)]);
    const poster = await start('poster.mjs');
    const plan = { port: live.port, workspaces };
    await poster.ask({ ...plan, perSecond: Math.min(perSecond, 200), seconds: 2 });
    await listeners.ask({ expect: 0 });
    bench.progress(`${perSecond} events/s for ${seconds} s to ${workspaces} x ${clients} clients`);
    const { posted, late } = await poster.ask({ ...plan, perSecond, seconds });
    const { p50, p99, most, missing, repeated } = await listeners.ask({ expect: posted });
    const lost = missing === 0 && repeated === 0;
    return row({
      name: `event to entry, p99, ${workspaces} x ${clients} clients, ${perSecond} events/s`,
      ours: lost ? p99 : Infinity,
      peerName: 'the goal',
      peer: goalMs,
      goal: '<= 1',
      unit: 'ms',
      note:
        `${posted} events in ${seconds} s, ${posted * clients} deliveries, ${missing} missing, ${repeated} twice; ` +
        `p50 ${p50.toFixed(1)} ms, most ${most.toFixed(1)} ms; sent late by p99 ${late.toFixed(1)} ms, which counts`,
    });
  });
}

export async function live(bench) {
  return [
    await watch(bench, { workspaces: 1, clients: 1, perSecond: 20, seconds: bench.quick ? 10 : 60, goalMs: 20 }),
    await watch(bench, { workspaces: 10, clients: 10, perSecond: 1_000, seconds: bench.quick ? 10 : 60, goalMs: 100 }),
  ];
}
