// A page with the Task History, watched from inside: when each row was first painted in each of its states.
import { chromium } from 'playwright-core';

// Quiet and offline: the page may talk to this machine and to nobody else.
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];
const OFFLINE = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1';
/** Tall enough for all rows: what is scrolled away is not painted. */
const VIEWPORT = { width: 1_100, height: 6_000 };

/** Opens the page of a workspace. `painted()` is what was painted so far: `{ 'item state': milliseconds since 1970 }`. */
export async function watchPage(executablePath, url, workspaceId) {
  const browser = await chromium.launch({ executablePath, headless: true, args: [...FLAGS, OFFLINE] });
  const page = await (await browser.newContext({ viewport: VIEWPORT })).newPage();
  await page.addInitScript(() => {
    const painted = (window.paintedRows = {});
    const observed = new WeakSet();
    const look = () => {
      const found = [];
      const within = (root) => {
        for (const element of root.querySelectorAll('*')) {
          const { itemId, status } = element.dataset ?? {};
          if (itemId && status && !(`${itemId} ${status}` in painted)) found.push(`${itemId} ${status}`);
          if (element.shadowRoot) {
            observe(element.shadowRoot);
            within(element.shadowRoot);
          }
        }
      };
      within(document);
      if (found.length === 0) return;
      for (const key of found) painted[key] = Infinity;
      // The frame after the one that draws it has begun: it is on the screen.
      requestAnimationFrame(() => setTimeout(() => found.forEach((key) => (painted[key] = Date.now()))));
    };
    const observe = (root) => {
      if (observed.has(root)) return;
      observed.add(root);
      new MutationObserver(look).observe(root, { subtree: true, childList: true, attributes: true });
    };
    observe(document);
  });
  await page.goto(`${url}/?workspace=${encodeURIComponent(workspaceId)}`);
  await page.locator('[data-connection="live"]').first().waitFor({ state: 'attached', timeout: 30_000 });
  return {
    painted: () => page.evaluate(() => window.paintedRows),
    close: () => browser.close(),
  };
}

/** The state that a report brings an item into. */
const STATES = { task_started: 'started', task_completed: 'completed', task_failed: 'failed' };

/** From an item's first report of each kind to the row, milliseconds; `counts(note)` says which reports are counted. */
export function delays(painted, notes, counts) {
  const first = new Map();
  for (const note of notes) {
    const state = STATES[note.tool];
    const key = `${note.item} ${state}`;
    if (note.state === 'emitting' && state && !(first.get(key)?.at <= note.at)) first.set(key, note);
  }
  return [...first]
    .filter(([, note]) => counts(note))
    .map(([key, note]) => painted[key] - note.at)
    .filter(Number.isFinite);
}
