// Records, kills, cuts, pauses and restarts in an order that a seed decides: in the end the client has what the store has, each once.
// `TASKTRAIL_SEED` repeats one, `TASKTRAIL_ROUNDS` runs more.
import { afterEach, test } from 'node:test';
import { TasktrailClient } from '@tasktrail/wasm/client';
import { RealApi } from './support/api.mjs';
import { Listener, until } from './support/listener.mjs';

const ROUNDS = Number(process.env.TASKTRAIL_ROUNDS ?? 2);
const SEEDS = process.env.TASKTRAIL_SEED
  ? [Number(process.env.TASKTRAIL_SEED)]
  : Array.from({ length: ROUNDS }, (_, round) => 1 + round * 7_919);
const STEPS = 40;
const WORKSPACES = ['ws_a', 'ws_b'];
/** More than a round records, so that "all" means all. */
const CAPACITY = 20_000;

let api;
let client;
afterEach(async () => {
  client?.close();
  await api?.stop();
});

/** Numbers that only look random (mulberry32). */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

for (const seed of SEEDS) {
  for (const isResumable of [true, false]) {
    test(`seed ${seed}, ${isResumable ? 'with' : 'without'} a cursor`, async () => {
      const random = numbers(seed);
      api = await new RealApi().start();
      const listener = new Listener();
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, random(ms)));
      let feed;
      let paused = false;
      const start = (from) => {
        client = new TasktrailClient({ baseUrl: api.url });
        const kept = isResumable ? { from, known: [...listener.times.keys()] } : {};
        feed = client.source(WORKSPACES, { capacity: CAPACITY, ...kept }).connect(listener);
        paused = false;
      };
      const said = [];
      const posted = [];
      const scope = () =>
        [{ workspaceId: 'ws_a' }, { workspaceId: 'ws_b' }, { workspaceId: 'ws_b', originWorkspaceId: 'ws_a' }][
          random(3)
        ];
      const steps = {
        events: () => posted.push(api.items(1 + random(20), scope())),
        manyEvents: () => posted.push(api.items(300, scope())),
        kill: async () => {
          await api.kill();
          await pause(400);
          await api.run();
        },
        flap: () => api.flap(),
        cut: () => api.cut(),
        mend: () => api.mend(),
        pause: () => {
          feed[paused ? 'resume' : 'pause']();
          paused = !paused;
        },
        slow: () => {
          listener.taking = listener.taking ? undefined : () => pause(60);
        },
        refresh: () => feed.refresh(),
        // A host keeps the records with the cursor; without one it starts from nothing.
        restart: () => {
          const cursor = feed.cursor();
          client.close();
          if (!isResumable) listener.times.clear();
          start(cursor);
        },
        wait: () => pause(500),
      };
      const names = [
        'events',
        'events',
        'events',
        'events',
        'manyEvents',
        'kill',
        'flap',
        'flap',
        'cut',
        'mend',
        'mend',
      ];
      names.push('pause', 'pause', 'slow', 'refresh', 'restart', 'wait', 'wait', 'wait');
      start(null);
      for (let step = 0; step < STEPS; step++) {
        const name = names[random(names.length)];
        said.push(name);
        await steps[name]();
        await pause(60);
      }
      api.mend();
      listener.taking = undefined;
      if (paused) feed.resume();
      await Promise.all(posted);
      let stored;
      await until(
        async () => listener.state === 'live' && listener.has((stored = await api.stored(WORKSPACES))),
        () => `${stored?.size} records, not ${listener.times.size}, ${listener.state}: ${said.join(' ')}`,
        120_000,
      );
      listener.hasExactly(stored);
    });
  }
}
