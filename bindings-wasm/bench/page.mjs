// The pages that are measured: the one that the API serves, which hosts `<task-history>`, and the least that shows the same records.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch } from '../../tests/support/chromium.mjs';
import { now } from './api.mjs';

const file = (name) => fileURLToPath(new URL(`page/${name}`, import.meta.url));

/** Each kind of page: its path, and what says that it shows everything and follows. */
export const PAGES = {
  history: { path: '/', live: 'task-history[data-ready][data-connection=live]' },
  plain: { path: '/plain.html', live: 'body[data-ready][data-joined]' },
};

/** Runs work with a browser, which ends with it. */
export async function withBrowser(work) {
  const browser = await launch();
  try {
    return await work(browser);
  } finally {
    await browser.close();
  }
}

/** A window of its own, with nothing in its cache, that reads with a key of its own. */
export async function open(browser, api) {
  const context = await browser.newContext({
    viewport: { width: 1100, height: 820 },
    extraHTTPHeaders: { 'x-api-key': api.key() },
    // A page that does not come from the network itself needs it for this machine's.
    permissions: ['local-network-access'],
  });
  await context.addInitScript({ path: file('probe.js') });
  const page = await context.newPage();
  const body = await readFile(file('plain.html'), 'utf8');
  const faults = [];
  page.on('pageerror', (fault) => faults.push(String(fault)));
  return {
    page,
    cdp: () => context.newCDPSession(page),
    /** Goes there, and waits until it is live. */
    async goto(kind, workspaceId) {
      const { path, live } = PAGES[kind];
      // Only where it is needed: who looks at requests turns the browser's cache off.
      if (kind === 'plain')
        await page.route('**/plain.html*', (route) => route.fulfill({ contentType: 'text/html', body }));
      await page.goto(`${api.url}${path}?workspace=${workspaceId}`);
      await page.waitForSelector(live, { state: 'attached' });
    },
    take: () => page.evaluate(() => globalThis.probe.take()),
    /** How far the page's clock is ahead of this process's, milliseconds: from the quickest of some questions. */
    async clock() {
      let best = { took: Infinity, ahead: 0 };
      for (let n = 0; n < 20; n++) {
        const asked = now();
        const there = await page.evaluate(() => performance.timeOrigin + performance.now());
        const took = now() - asked;
        if (took < best.took) best = { took, ahead: there - asked - took / 2 };
      }
      return best.ahead;
    },
    async close() {
      await context.close();
      if (faults.length > 0) throw new Error(`the page complained: ${faults.join('; ')}`);
    },
  };
}

/** Runs work, and says how long the threads of pages were busy with each of their tasks meanwhile, by their own clocks: in milliseconds. */
export async function traced(browser, work) {
  const session = await browser.newBrowserCDPSession();
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const traceConfig = { includedCategories: ['toplevel'], excludedCategories: ['*'] };
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig });
  const result = await work();
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  const thread = ({ pid, tid }) => `${pid} ${tid}`;
  const isName = ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain';
  const pages = new Set(events.filter(isName).map(thread));
  const isTask = (event) =>
    event.name === 'ThreadControllerImpl::RunTask' && event.tdur !== undefined && pages.has(thread(event));
  return { result, tasks: events.filter(isTask).map(({ tdur }) => tdur / 1_000) };
}
