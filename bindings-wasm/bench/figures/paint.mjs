// From an event to its row on the page, at a rate that an orchestration with many agents has, and whether a burst makes the page stutter.
//
// Painted is: the row says on itself what the event says, and the frame that it is in has been presented, which the next frame's first
// `requestAnimationFrame` tells (the second one, counted from where the row comes in). So an event costs one frame at least, and up to two.
import { cpus, loadavg } from 'node:os';
import { withApi } from '../api.mjs';
import { open, traced, withBrowser } from '../page.mjs';
import { median, quantile, row } from '../../../tests/bench/js/row.mjs';

const PER_SECOND = 50;
const GOAL_MS = 50;
const PEER = 'a page that adds a line of text';
const FULL = 500;
const BURST = { events: 1_000, seconds: 10 };
const ATTEMPT_MS = 10_000;

/** Fills the view, follows it live, posts at a rate, and says what the page did meanwhile. */
async function watch(browser, api, kind, count, perSecond) {
  const workspaceId = api.workspace();
  const warm = Math.min(2 * perSecond, count / 4);
  await api.pour(workspaceId, 0, FULL);
  await api.stored(workspaceId, FULL);
  const window = await open(browser, api);
  await window.goto(kind, workspaceId);
  await api.play(workspaceId, FULL, warm, perSecond);
  await settled(window);
  await window.take();
  const { result, tasks } = await traced(browser, async () => {
    const answered = await api.play(workspaceId, FULL + warm, count, perSecond);
    return { answered, seen: await settled(window, answered.size) };
  });
  const { answered, seen } = result;
  const ahead = await window.clock();
  await window.close();
  const painted = new Map(seen.done.map(([key, heard, at]) => [key, { heard, at }]));
  const mine = [...answered].filter(([key]) => painted.has(key));
  const overSocket = mine.map(([key]) => painted.get(key)).filter(({ heard }) => heard !== null);
  return {
    ...seen,
    tasks,
    missing: answered.size - mine.length,
    read: mine.length - overSocket.length,
    toPaint: overSocket.map(({ heard, at }) => at - heard),
    endToEnd: mine.map(([key, at]) => seen.origin + painted.get(key).at - ahead - at),
  };
}

/** What the page has noted, once all of it has been painted. */
async function settled(window, wanted = 0) {
  const end = performance.now() + ATTEMPT_MS;
  let all;
  do {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const more = await window.take();
    if (!all) all = more;
    else for (const name of ['done', 'longTasks', 'intervals']) all[name].push(...more[name]);
    all.unseen = more.unseen;
  } while ((all.done.length < wanted || all.unseen > 0) && performance.now() < end);
  return all;
}

const spans = (list) =>
  `p50 ${quantile(list, 0.5).toFixed(1)}, p99 ${quantile(list, 0.99).toFixed(1)}, most ${Math.max(...list).toFixed(1)} ms`;

export async function paint(bench) {
  const seconds = bench.quick ? 4 : 30;
  const count = PER_SECOND * seconds;
  return withApi(bench, (api) =>
    withBrowser(async (browser) => {
      bench.progress(`${PER_SECOND} events/s for ${seconds} s, to the task history`);
      const ours = await watch(browser, api, 'history', count, PER_SECOND);
      bench.progress(`${PER_SECOND} events/s for ${seconds} s, to the plain page`);
      const peer = await watch(browser, api, 'plain', count, PER_SECOND);
      const p99 = (list, missing) => (missing > 0 ? Infinity : quantile(list, 0.99));
      const [mine, theirs] = [p99(ours.toPaint, ours.missing), p99(peer.toPaint, peer.missing)];
      const frame = `the page's frames: ${spans(ours.intervals)}`;
      return [
        row({
          name: `event on the socket to row painted, p99, ${PER_SECOND} events/s`,
          ours: mine,
          peerName: 'the goal',
          peer: GOAL_MS,
          goal: '<= 1',
          unit: 'ms',
          note:
            `${spans(ours.toPaint)}, of ${ours.toPaint.length} in ${seconds} s with ${FULL} records shown; ${ours.missing} missing; ${ours.read} came by a read; ` +
            `painted is the first animation frame behind the one that has the row; ${frame}; ${load()}`,
        }),
        row({
          name: `event on the socket to row painted, p99, ${PER_SECOND} events/s`,
          ours: mine,
          peerName: PEER,
          peer: theirs,
          unit: 'ms',
          note: spans(peer.toPaint),
        }),
        row({
          name: `event on the socket to row painted, p50, ${PER_SECOND} events/s`,
          ours: median(ours.toPaint),
          peerName: "the page's frame",
          peer: median(ours.intervals),
          unit: 'ms',
          note: 'one is the least that there is, half of one more the mean wait for a frame to begin',
        }),
        row({
          name: `POST answered to row painted, p99, ${PER_SECOND} events/s`,
          ours: p99(ours.endToEnd, ours.missing),
          peerName: PEER,
          peer: p99(peer.endToEnd, peer.missing),
          unit: 'ms',
          note: `${spans(ours.endToEnd)}; peer ${spans(peer.endToEnd)}`,
        }),
      ];
    }),
  );
}

/** What is measured by the clock on the wall depends on what else the machine does. */
const load = () => `load ${loadavg()[0].toFixed(1)} on ${cpus().length} cores`;

const LONG_MS = 50;
const told = (tasks) => (tasks.length === 0 ? 'none' : tasks.map((ms) => `${ms.toFixed(0)} ms`).join(', '));

export async function burst(bench) {
  const rounds = bench.quick ? 1 : 3;
  const { events, seconds } = BURST;
  return withApi(bench, (api) =>
    withBrowser(async (browser) => {
      const long = { history: [], plain: [] };
      const [frames, tasks] = [[], []];
      let missing = 0;
      for (let round = 0; round < rounds; round++) {
        for (const kind of bench.quick ? ['history'] : ['history', 'plain']) {
          bench.progress(`${events} events in ${seconds} s, round ${round + 1} of ${rounds}, ${kind}`);
          const seen = await watch(browser, api, kind, events, events / seconds);
          long[kind].push(...seen.longTasks.map(([, ms]) => ms));
          if (kind !== 'history') continue;
          frames.push(...seen.intervals);
          tasks.push(...seen.tasks);
          missing += seen.missing;
        }
      }
      const none = (name, count, note) => {
        const ours = missing > 0 ? Infinity : count;
        return row({ name, ours, peerName: 'the goal', peer: 0, ratio: ours, goal: '<= 0', unit: 'tasks', note });
      };
      const most = tasks.reduce((most, ms) => Math.max(most, ms), 0);
      return [
        none(
          `tasks over ${LONG_MS} ms during ${events} events in ${seconds} s`,
          long.history.length,
          `${told(long.history)}, in ${rounds} rounds with ${FULL} records shown; ${missing} missing; the page's frames: ${spans(frames)}; ${load()}` +
            (bench.quick ? '' : `; ${PEER}: ${told(long.plain)}`),
        ),
        none(
          `the same by the thread's own clock, whatever else the machine does`,
          tasks.filter((ms) => ms > LONG_MS).length,
          `most ${most.toFixed(1)} ms, p99 of those over 1 ms ${quantile(
            tasks.filter((ms) => ms > 1),
            0.99,
          ).toFixed(1)} ms`,
        ),
      ];
    }),
  );
}
