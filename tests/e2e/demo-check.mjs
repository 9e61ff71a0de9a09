// What a person would look for in the demo, asserted headless: `cargo xtask demo --check` starts the API and runs this.
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launch } from '../support/chromium.mjs';
import { allPages, checkExactlyOnce, readManifest } from './exactly-once.mjs';
import { check, finish, guarded } from './report.mjs';

const text = { type: 'string' };
const { values: options } = parseArgs({
  options: {
    api: text,
    key: text,
    workspace: text,
    'other-workspace': text,
    speed: text,
    folder: text,
    chromium: text,
  },
});

const PROJECT = '42';
const OTHER_PROJECT = '43';
const PAGE_SIZE = 40;
const PLAN = fileURLToPath(new URL('../../examples/orchestrator/plan.json', import.meta.url));
const OTHER_PLAN = fileURLToPath(new URL('other-plan.json', import.meta.url));

const itemsOf = (plan) => JSON.parse(readFileSync(plan, 'utf8')).phases.flatMap((phase) => phase.items);
const manifestOf = (workspace) => join(options.folder, `${workspace}.ndjson`);

/** Plays a plan for a workspace and resolves to the player's exit code. */
function play(workspace, project, plan) {
  const args = [
    '--api',
    options.api,
    '--key',
    options.key,
    '--workspace',
    workspace,
    '--project',
    project,
    '--plan',
    plan,
  ];
  args.push('--speed', options.speed, '--manifest', manifestOf(workspace));
  args.push('--folder', join(options.folder, `run-${project}`));
  const player = fileURLToPath(new URL('../../examples/orchestrator/run.mjs', import.meta.url));
  const child = spawn(process.execPath, [player, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => appendFileSync(join(options.folder, `play-${project}.log`), chunk));
  }
  return new Promise((resolve) => child.on('close', (code) => resolve(code)));
}

/** The rows on the page as `{ id, status, project }`. */
function rows(page) {
  return page
    .locator('[data-item-key]')
    .evaluateAll((elements) =>
      elements.map(({ dataset }) => ({ id: dataset.itemId, status: dataset.status, project: dataset.project })),
    );
}

async function until(holds, limitMs, everyMs = 50) {
  const end = Date.now() + limitMs;
  for (;;) {
    if (await holds()) return true;
    if (Date.now() > end) return false;
    await sleep(everyMs);
  }
}

const isComplete = (found, items) =>
  found.length === items.length &&
  items.every((item) => found.some((row) => row.id === item.id && row.status === 'completed'));
const describe = (found) =>
  `${found.length} rows: ${found.map((row) => `${row.id} ${row.status}`).join(', ') || 'none'}`;

async function open(browser, workspace) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 1000 } });
  const page = await context.newPage();
  const faults = [];
  page.on(
    'console',
    (message) => message.type() === 'error' && faults.push(`${message.text()} (${message.location().url})`),
  );
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(`${options.api}/?workspace=${encodeURIComponent(workspace)}`);
  await page.locator('[data-ready]').first().waitFor({ state: 'attached', timeout: 20_000 });
  await page.locator('[data-connection="live"]').first().waitFor({ state: 'attached', timeout: 20_000 });
  return { page, faults };
}

/** Reads a workspace's whole history through the API, and again until it holds as many records as there were calls. */
async function history(workspace, calls) {
  let records = [];
  const read = () =>
    allPages(async (cursor) => {
      const query = new URLSearchParams({ limit: String(PAGE_SIZE), ...(cursor && { cursor }) });
      const response = await fetch(
        `${options.api}/api/audit-history/workspace/${encodeURIComponent(workspace)}?${query}`,
      );
      if (!response.ok) throw new Error(`the history answered ${response.status}: ${await response.text()}`);
      return response.json();
    });
  await until(async () => (records = await read()).length >= calls.length, 10_000, 1000);
  return records;
}

async function checkPage(browser) {
  const { workspace } = options;
  const items = itemsOf(PLAN);
  const { page, faults } = await open(browser, workspace);
  check(
    'the page is ready and live before the play starts',
    (await rows(page)).length === 0,
    describe(await rows(page)),
  );

  let navigations = 0;
  page.on('framenavigated', (frame) => frame === page.mainFrame() && (navigations += 1));
  const marker = await page.evaluate(() => (window.demoCheckMarker = Math.random()));

  // Both at the same time, so that what does not belong here has every chance to show.
  let playing = true;
  const plays = Promise.all([
    play(workspace, PROJECT, PLAN),
    play(options['other-workspace'], OTHER_PROJECT, OTHER_PLAN),
  ]).finally(() => (playing = false));
  const seen = new Set();
  const strangers = new Set();
  while (playing) {
    for (const row of await rows(page)) {
      seen.add(row.status);
      if (row.project !== PROJECT) strangers.add(row.id);
    }
    await sleep(20);
  }
  const codes = await plays;
  check(
    'both orchestrations play to their end',
    codes.every((code) => code === 0),
    `exit codes ${codes.join(' and ')}`,
  );

  await until(async () => isComplete(await rows(page), items), 20_000);
  const found = await rows(page);
  check(`all ${items.length} items reach their final state`, isComplete(found, items), describe(found));
  check('the page followed the work as it went on', seen.has('started') || seen.has('progress'), [...seen].join(', '));
  const same = await page.evaluate((expected) => window.demoCheckMarker === expected, marker);
  check('without a reload', navigations === 0 && same, `${navigations} navigations`);

  for (const row of found)
    if (row.project !== PROJECT || !items.some((item) => item.id === row.id)) strangers.add(row.id);
  const otherTitles = itemsOf(OTHER_PLAN).map((item) => item.title);
  const body = await page.locator('body').innerText();
  const leaked = otherTitles.filter((title) => body.includes(title));
  check(
    "a second workspace's events do not show",
    strangers.size === 0 && leaked.length === 0,
    [...strangers, ...leaked].join(', '),
  );
  check('nothing fails in the browser', faults.length === 0, faults.slice(0, 3).join(' | '));

  // What has just changed is highlighted for a moment.
  await sleep(1500);
  const screenshot = join(options.folder, 'task-history.png');
  await page.screenshot({ path: screenshot, fullPage: true });
  console.log(`  screenshot ${screenshot}`);
}

async function checkOtherPages(browser) {
  const items = itemsOf(PLAN);
  const late = await open(browser, options.workspace);
  await until(async () => isComplete(await rows(late.page), items), 10_000);
  const lateRows = await rows(late.page);
  check('a page that is opened afterwards shows the same', isComplete(lateRows, items), describe(lateRows));

  const otherItems = itemsOf(OTHER_PLAN);
  const other = await open(browser, options['other-workspace']);
  await until(async () => isComplete(await rows(other.page), otherItems), 10_000);
  const otherRows = await rows(other.page);
  check(
    `the second workspace's page shows its own ${otherItems.length} items`,
    isComplete(otherRows, otherItems),
    describe(otherRows),
  );
}

async function checkHistory(name, workspace) {
  const calls = readManifest(manifestOf(workspace));
  checkExactlyOnce(`${name}, over REST`, calls, await history(workspace, calls));
}

const browser = await launch(options.chromium);
await guarded('the page can be checked', () => checkPage(browser));
await guarded('other pages can be checked', () => checkOtherPages(browser));
await guarded('the history can be read', () => checkHistory('the workspace', options.workspace));
await guarded('the history of the second workspace can be read', () =>
  checkHistory('the second workspace', options['other-workspace']),
);
await browser.close();
finish();
