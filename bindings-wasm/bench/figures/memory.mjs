// What the page keeps of many events, when it shows the newest 500 of them.
import { eventAt, withApi } from '../api.mjs';
import { open, withBrowser } from '../page.mjs';
import { row } from '../../../tests/bench/js/row.mjs';

const FEW = 1_000;
/** As fast as a page takes them frame by frame: WebAssembly's memory is that of the largest piece that it was ever given. */
const PER_SECOND = 600;
const MB = 1e6;

/** What the page holds once what nobody holds is gone, by who holds it; the least of some looks. */
async function held(window, cdp, looks) {
  let least;
  for (let look = 0; look < looks; look++) {
    // What is fresh on the page, and what timers hold, goes by itself.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    for (let n = 0; n < 3; n++) await cdp.send('HeapProfiler.collectGarbage');
    const {
      usedSize,
      backingStorageSize = 0,
      embedderHeapUsedSize: browser = 0,
    } = await cdp.send('Runtime.getHeapUsage');
    const script = usedSize + backingStorageSize;
    const { memory, records } = await window.take();
    const { nodes } = await cdp.send('Memory.getDOMCounters');
    const all = script + browser + memory;
    if (!least || all < least.all) least = { all, script, browser, memory, records, nodes };
  }
  return least;
}

/** Waits until an event is on the page. */
async function shows(window, number) {
  await window.page.waitForFunction(
    (id) => document.querySelector('task-history').shadowRoot.querySelector(`[data-item-id="${id}"]`),
    eventAt(number, '').data.workItemId,
    { polling: 200, timeout: 120_000 },
  );
  await window.page.waitForSelector('task-history[data-connection=live]', { state: 'attached' });
}

const told = ({ script, browser, memory, nodes }) =>
  `${(script / MB).toFixed(2)} scripts + ${(browser / MB).toFixed(2)} ${nodes} nodes + ${(memory / MB).toFixed(2)} WebAssembly`;

export async function memory(bench) {
  const many = bench.quick ? 3_000 : 100_000;
  const looks = bench.quick ? 1 : 4;
  return withApi(bench, (api) =>
    withBrowser(async (browser) => {
      const workspaceId = api.workspace();
      const window = await open(browser, api);
      await window.goto('history', workspaceId);
      await window.page.evaluate(() => globalThis.probe.stopNoting());
      const cdp = await window.cdp();
      await api.play(workspaceId, 0, FEW, PER_SECOND);
      await shows(window, FEW - 2);
      const before = await held(window, cdp, looks);
      const began = performance.now();
      const progress = (done) => bench.progress(`${FEW + done} of ${many} events`);
      await api.play(workspaceId, FEW, many - FEW, PER_SECOND, progress);
      const seconds = (performance.now() - began) / 1_000;
      await shows(window, many - 2);
      const after = await held(window, cdp, looks);
      await window.close();
      const note =
        `all of them posted to the API, the last ${many - FEW} in ${seconds.toFixed(0)} s; ${after.records} came over the socket; ` +
        `${told(after)}; before: ${told(before)}`;
      return [
        ['heap', 'script'],
        ['memory of the page, with its nodes and WebAssembly,', 'all'],
      ].map(([name, part]) =>
        row({
          name: `${name} after ${many} events`,
          ours: after[part] / MB,
          peerName: `after ${FEW}`,
          peer: before[part] / MB,
          goal: '<= 1.1',
          unit: 'MB',
          note,
        }),
      );
    }),
  );
}
