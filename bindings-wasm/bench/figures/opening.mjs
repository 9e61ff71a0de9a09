// How long it takes to open the page: from the start of the navigation until the 500 newest records are painted and the page's thread is free.
import { withApi } from '../api.mjs';
import { open, withBrowser } from '../page.mjs';
import { median, row, spread } from '../../../tests/bench/js/row.mjs';

const RECORDS = 500;
const PEER = 'a page that fetches them and adds lines of text';

/** Milliseconds from the start of the navigation to the painted rows, or to the end of a long task that holds the thread behind that. */
async function opened(window, kind, workspaceId) {
  await window.goto(kind, workspaceId);
  await window.page.waitForFunction(() => globalThis.probe.marks.ready !== undefined);
  // A long task is told when it has ended.
  await window.page.waitForTimeout(100);
  const { marks, longTasks } = await window.page.evaluate(() => ({
    marks: globalThis.probe.marks,
    longTasks: globalThis.probe.take().longTasks,
  }));
  return longTasks.reduce((end, [from, took]) => (from < end ? Math.max(end, from + took) : end), marks.ready);
}

export async function opening(bench) {
  const rounds = bench.quick ? 2 : 20;
  return withApi(bench, (api) =>
    withBrowser(async (browser) => {
      const workspaceId = api.workspace();
      await api.pour(workspaceId, 0, RECORDS);
      await api.stored(workspaceId, RECORDS);
      const times = { cold: [], warm: [], plain: [] };
      for (let round = bench.quick ? -1 : -2; round < rounds; round++) {
        bench.progress(`round ${round + 1} of ${rounds}`);
        const window = await open(browser, api);
        const cold = await opened(window, 'history', workspaceId);
        const warm = await opened(window, 'history', workspaceId);
        await window.close();
        const other = await open(browser, api);
        const plain = await opened(other, 'plain', workspaceId);
        await other.close();
        // The first rounds warm the API and the browser.
        if (round < 0) continue;
        for (const [name, ms] of Object.entries({ cold, warm, plain })) times[name].push(ms);
      }
      return ['cold', 'warm'].map((name) =>
        row({
          name: `page opened to ${RECORDS} records painted, ${name} cache`,
          ours: median(times[name]),
          peerName: PEER,
          peer: median(times.plain),
          unit: 'ms',
          note: `${spread(times[name])} ms; ${spread(times.plain)} ms; the thread is free then`,
        }),
      );
    }),
  );
}
