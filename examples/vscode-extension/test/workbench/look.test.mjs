// How the extension looks and is handled in the real workbench: every state in every theme, by keyboard alone, and by axe.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Api } from '../support/api.mjs';
import { freePort, until } from '../support/processes.mjs';
import { Machine } from '../support/workbench.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const mongo = process.env.TASKTRAIL_TEST_MONGODB;
if (!mongo)
  throw new Error(
    'TASKTRAIL_TEST_MONGODB names the MongoDB server of these tests: `cargo xtask test vscode` starts one',
  );

const THEMES = [
  ['dark', 'Default Dark Modern', 'vscode-dark'],
  ['light', 'Default Light Modern', 'vscode-light'],
  ['high-contrast', 'Default High Contrast', 'vscode-high-contrast'],
  ['high-contrast-light', 'Default High Contrast Light', 'vscode-high-contrast-light'],
];

let machine;
let api;
let workbench;
let folder;
/** Nothing has happened in it. */
let empty;
let window;
const settings = () => ({ 'tasktrail.apiUrl': api.url, 'editor.accessibilitySupport': 'off' });

before(async () => {
  machine = await new Machine().start();
  api = await new Api(`${mongo}tasktrail_look_${randomUUID().slice(0, 8)}`, join(machine.folder, 'api')).start();
  folder = machine.repository('storefront');
  await scene(machine.workspaceId(folder));
  empty = machine.repository('empty');
  workbench = await machine.workbench('code', settings());
});
beforeEach(() => workbench.set(settings()));
after(async () => {
  await machine?.stop();
  await api?.stop();
});
afterEach(async () => {
  const faults = window?.faults ?? [];
  await window?.close();
  window = undefined;
  assert.deepEqual(faults, []);
});

/** A run in the middle: one phase done, one with an item that was tried twice, one that failed, and two at work. */
async function scene(id) {
  const run = api.run(id, { worktreePath: '/home/mira/storefront' });
  const now = Date.now();
  const at = (seconds) => now - seconds * 1_000;
  await run.progress({ totalPhases: 3, totalItems: 9 }, at(412));
  await run.phase('started', 1, 'Foundations', 4, {}, at(411));
  const done = [
    ['1.1', 'Declare the schema of orders', 'agent-amber', 410, 371],
    ['1.2', 'Index orders by customer', 'agent-birch', 409, 355],
    ['1.3', 'Move the session store', 'agent-cedar', 405, 330],
    ['1.4', 'Read the rates from one place', 'agent-amber', 370, 322],
  ];
  for (const [item, title, agentId, from, to] of done) {
    await run.task('started', item, title, { agentId }, at(from));
    await run.task(
      'completed',
      item,
      title,
      { agentId, filesChanged: ['src/main.ts', 'README.md'], result: 'Tests pass' },
      at(to),
    );
  }
  await run.phase('completed', 1, 'Foundations', 4, { completedItems: 4 }, at(321));
  await run.phase('started', 2, 'Checkout', 5, {}, at(320));
  await run.task('started', '2.1', 'Show the total with tax', { agentId: 'agent-birch' }, at(318));
  await run.task('completed', '2.1', 'Show the total with tax', { agentId: 'agent-birch' }, at(250));
  const twice = { agentId: 'agent-cedar' };
  await run.task('started', '2.2', 'Keep the cart over a reload', twice, at(316));
  await run.task(
    'failed',
    '2.2',
    'Keep the cart over a reload',
    { ...twice, error: 'expected 2 entries after the reload, found 0' },
    at(260),
  );
  await run.task('started', '2.2', 'Keep the cart over a reload', { agentId: 'agent-amber' }, at(255));
  await run.task('completed', '2.2', 'Keep the cart over a reload', { agentId: 'agent-amber' }, at(180));
  await run.task('started', '2.3', 'Refuse expired vouchers', { agentId: 'agent-birch' }, at(170));
  await run.task(
    'failed',
    '2.3',
    'Refuse expired vouchers',
    { agentId: 'agent-birch', error: 'tsc: Property "expires" does not exist on type Voucher (voucher.ts:41)' },
    at(120),
  );
  await run.task('started', '2.4', 'Say when an order will come', { agentId: 'agent-cedar' }, at(90));
  await run.task(
    'progress',
    '2.4',
    'Say when an order will come',
    { agentId: 'agent-cedar', percent: 62, message: 'running 34 tests' },
    at(9),
  );
  await run.task('started', '2.5', 'Undo an order within a minute', { agentId: 'agent-amber' }, at(40));
}

async function open(where = { folder }, options = {}) {
  window = await workbench.open({ ...where, ...options });
  await window.show();
  return window;
}

/** A window in a theme. This server does not notice that its settings were written while a window is open. */
async function openIn([, name, kind], where, options) {
  workbench.set({ ...settings(), 'workbench.colorTheme': name });
  await open(where, options);
  await window.frame.locator(`body.${kind}`).waitFor({ state: 'attached' });
}

/** Looks at the open window in one theme after the other. */
async function inEachTheme(look) {
  for (const [theme, name, kind] of THEMES) {
    await window.theme(name);
    await window.frame.locator(`body.${kind}`).waitFor({ state: 'attached' });
    await look(theme);
  }
}

/** What axe finds in the view, as sentences. */
async function complaints() {
  const content = await window.content();
  await content.evaluate(axe);
  const violations = await content.evaluate(async () => {
    // axe takes what lies under a row of a tree for the row's own text, which no name should repeat. What a row shows itself is asked
    // for below.
    const selector = ':not([role=treeitem])';
    globalThis.axe.configure({ rules: [{ id: 'label-content-name-mismatch', selector }] });
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    return violations;
  });
  const misnamed = await window.frame
    .locator('[role=treeitem]')
    .evaluateAll((rows) =>
      rows.filter((row) => !row.ariaLabel.includes(row.label)).map((row) => `${row.ariaLabel}: lacks ${row.label}`),
    );
  return [
    ...misnamed,
    ...violations.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}: ${nodes.map(({ target, failureSummary }) => `${target.flat().join(' ')} (${failureSummary})`).join('; ')}`,
    ),
  ];
}

for (const theme of THEMES) {
  test(`the history in ${theme[1]}`, async () => {
    await openIn(theme);
    await window.live();
    await until('all items are there', async () => (await window.items()).length === 9);
    await window.command('View: Toggle Maximized Panel');
    await window.screenshot(machine.screenshots, `history-${theme[0]}`);
    assert.deepEqual(await complaints(), []);
    await window.item('2.3').click();
    await window.item('2.3').getByRole('button', { name: 'Copy error' }).waitFor();
    await window.screenshot(machine.screenshots, `details-${theme[0]}`);
    assert.deepEqual(await complaints(), []);
    await window.frame.locator('[data-filter=time]').selectOption({ label: 'Time range…' });
    await window.frame.locator('[data-filter=running]').click();
    assert.deepEqual(await complaints(), []);
    await window.screenshot(machine.screenshots, `filters-${theme[0]}`);
    await window.frame.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await window.frame.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    assert.deepEqual(await complaints(), []);
    await window.screenshot(machine.screenshots, `shortcuts-${theme[0]}`);
    await window.page.keyboard.press('Escape');
    await window.command('Tasktrail: Clear Filters');
    await window.item('2.3').click();
    await api.kill();
    try {
      await window.frame.locator('task-history[data-connection=offline]').waitFor({ state: 'attached' });
      await window.frame.getByText(/Offline since/).waitFor();
      assert.deepEqual(await complaints(), []);
      await window.screenshot(machine.screenshots, `offline-${theme[0]}`);
    } finally {
      await api.start();
    }
    await window.live();
  });
}

test('in a narrow panel and beside the editor nothing is cut off', async () => {
  await openIn(THEMES[0], { folder }, { viewport: { width: 760, height: 700 } });
  await window.live();
  const content = await window.content();
  const cut = () => content.evaluate(() => document.documentElement.scrollWidth > globalThis.innerWidth);
  assert.equal(await cut(), false);
  await window.command('View: Move Panel Right');
  await window.frame.locator('task-history[data-ready]').waitFor({ state: 'attached' });
  await window.screenshot(machine.screenshots, 'narrow-dark');
  assert.equal(
    await (await window.content()).evaluate(() => document.documentElement.scrollWidth > globalThis.innerWidth),
    false,
  );
  await window.command('View: Move Panel To Bottom');
});

test('with the keyboard alone', async () => {
  await openIn(THEMES[0]);
  await window.live();
  const { page } = window;
  const content = await window.content();
  const focused = () =>
    content.evaluate(() => {
      const element = document.querySelector('task-history').shadowRoot.activeElement;
      const deepest = element?.shadowRoot?.activeElement ?? element;
      return (
        element &&
        [
          element.localName,
          element.dataset.itemId,
          deepest === element ? element.getAttribute('aria-expanded') : deepest.textContent.trim(),
        ]
          .filter((part) => part !== undefined && part !== null)
          .join(' ')
      );
    });
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await window.command('Tasktrail: Focus the Task History');
  await until('the view has the focus', async () => content.evaluate(() => document.hasFocus()));
  // Tab leads from the filters to the rows.
  await until('a row has the focus', async () => {
    if ((await focused())?.startsWith('tasktrail-')) return true;
    await press('Tab');
    return false;
  });
  assert.equal(await focused(), 'tasktrail-run');
  await press('ArrowDown', 'ArrowDown');
  assert.equal(await focused(), 'tasktrail-phase true');
  await press('ArrowLeft');
  assert.equal(await focused(), 'tasktrail-phase false');
  await press('ArrowRight');
  // Type-ahead: to an item by the first letters of its title.
  await page.keyboard.type('refuse e');
  assert.equal(await focused(), 'tasktrail-item 2.3 false');
  await press('Control+c');
  await until('the row is on the clipboard', async () =>
    /Failed: Refuse expired vouchers/.test(await page.evaluate(() => navigator.clipboard.readText())),
  );
  await press('Enter');
  assert.equal(await focused(), 'tasktrail-item 2.3 true');
  await press('Tab');
  assert.equal(await focused(), 'tasktrail-item 2.3 Copy row');
  await press('Tab', 'Enter');
  await until('JSON is on the clipboard', async () => {
    const { itemId, status } = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
    return itemId === '2.3' && status === 'failed';
  });
  await press('Tab', 'Enter');
  await until('the error is on the clipboard', async () =>
    (await page.evaluate(() => navigator.clipboard.readText())).startsWith('tsc: Property'),
  );
  await press('Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Home');
  assert.equal(await focused(), 'tasktrail-run');
  // Search and back.
  await press('/');
  await page.keyboard.type('voucher');
  await until('one item is left', async () => (await window.items()).join() === '2.3 failed');
  await press('Escape');
  await until('a row has the focus again', async () => (await focused())?.startsWith('tasktrail-'));
  await press('?');
  await window.frame.locator('dialog[open]').waitFor();
  await press('Escape');
  await window.frame.locator('dialog[open]').waitFor({ state: 'detached' });
  await window.command('Tasktrail: Clear Filters');
});

test('who has scrolled away is told how much is new', async () => {
  const elsewhere = machine.repository('busy');
  const run = api.run(machine.workspaceId(elsewhere));
  for (let item = 0; item < 40; item++)
    await run.task('completed', `1.${item}`, `Item ${item}`, {}, Date.now() - 60_000 + item);
  await open({ folder: elsewhere });
  await window.live();
  await until('all items are there', async () => (await window.items()).length === 40);
  const content = await window.content();
  const scroll = (top) =>
    content.evaluate((to) => {
      const area = document.querySelector('task-history').shadowRoot.querySelector('main');
      if (to !== null) area.scrollTop = to;
      return area.scrollTop;
    }, top);
  await run.task('started', '1.50', 'In sight');
  await window.item('1.50').waitFor();
  assert.equal(await window.frame.locator('.unseen').count(), 0);
  assert.equal(await scroll(null), 0, 'the newest rows are followed');
  await scroll(600);
  const seen = window.item('1.20');
  const before = await seen.boundingBox();
  await run.task('started', '1.51', 'Out of sight');
  await run.task('started', '1.52', 'Out of sight too');
  await window.frame.getByRole('button', { name: '2 new' }).waitFor();
  assert.deepEqual(await seen.boundingBox(), before, 'what is read stays where it is');
  await window.screenshot(machine.screenshots, 'new-rows');
  await window.frame.getByRole('button', { name: '2 new' }).click();
  await until('the top is in sight', async () => (await scroll(null)) === 0);
  assert.equal(await window.frame.locator('.unseen').count(), 0);
});

test('a new row is not animated for who wants no motion', async () => {
  const elsewhere = machine.repository('calm');
  await open({ folder: elsewhere }, { reducedMotion: 'reduce' });
  await window.live();
  await api.run(machine.workspaceId(elsewhere)).task('started', '1.1', 'Calm');
  const line = window.item('1.1').locator('.line');
  await line.waitFor();
  assert.equal(await line.evaluate((element) => getComputedStyle(element).animationName), 'none');
  assert.equal(
    await window
      .item('1.1')
      .locator('.spinner')
      .evaluate((element) => getComputedStyle(element).animationName),
    'none',
  );
});

test('what is missing is said, with what to do', async () => {
  const looks = async (state) => {
    await inEachTheme(async (theme) => {
      assert.deepEqual(await complaints(), []);
      await window.screenshot(machine.screenshots, `${state}-${theme}`);
    });
    await window.close();
  };
  const openAt = async (url) => {
    workbench.set({ ...settings(), 'tasktrail.apiUrl': url });
    await open({ folder: empty });
  };
  await open({});
  await window.message('no-folder').getByText('Open folder').waitFor();
  await looks('no-folder');

  await open({ folder: empty });
  await window.message('empty').waitFor();
  await looks('empty');

  // Takes every call and answers none.
  const silent = createServer(() => undefined);
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
  await openAt(`http://127.0.0.1:${silent.address().port}`);
  await window.message('loading').waitFor();
  await looks('loading');
  silent.closeAllConnections();
  silent.close();

  const nobody = `http://127.0.0.1:${await freePort()}`;
  await openAt(nobody);
  await window.message('unreachable').getByText(`The API at ${nobody} cannot be reached.`).waitFor();
  await looks('unreachable');

  await openAt('localhost:8167');
  await window.message('settings').waitFor();
  await looks('settings');
});

test('an API that lets nobody read asks for its key', async () => {
  // Outside development, an API without guards lets nobody read.
  const closed = new Api(`sqlite:${join(machine.folder, 'closed.db')}`, join(machine.folder, 'closed'), {
    NODE_ENV: 'production',
  });
  try {
    await closed.start();
    workbench.set({ ...settings(), 'tasktrail.apiUrl': closed.url });
    await open({ folder: empty });
    await window.frame.getByRole('heading', { name: 'This history may not be read' }).waitFor();
    assert.deepEqual(await complaints(), []);
    await window.screenshot(machine.screenshots, 'forbidden-vscode');
    await window.frame.getByText('Set API key').click();
    await window.page.locator('.quick-input-widget', { hasText: 'Tasktrail: API key' }).waitFor();
    await window.page.keyboard.press('Escape');
  } finally {
    await closed.stop();
  }
});

test('a folder that is not trusted is neither read nor sent anywhere', async () => {
  const cautious = { ...settings(), 'security.workspace.trust.startupPrompt': 'never' };
  const careful = await machine.workbench('restricted', cautious, { trust: true });
  window = await careful.open({ folder });
  await window.show();
  await window.message('restricted').waitFor();
  await inEachTheme(async (theme) => {
    assert.deepEqual(await window.items(), []);
    assert.deepEqual(await complaints(), []);
    await window.screenshot(machine.screenshots, `restricted-${theme}`);
  });
  await window.message('restricted').getByText('Manage trust').click();
  await window.page.getByRole('button', { name: 'Trust', exact: true }).first().click();
  await window.show();
  await window.live();
  await until('all items are there', async () => (await window.items()).length === 9);
});

test('diagnostics say what is going on, and no key', async () => {
  await open();
  await window.live();
  const { page } = window;
  await window.command('Tasktrail: Set API Key');
  await page.locator('.quick-input-widget input.input').fill('key-of-the-test');
  await page.keyboard.press('Enter');
  await window.live();
  await window.command('Tasktrail: Copy Diagnostics');
  const said = await until('diagnostics are on the clipboard', async () => {
    const text = await page.evaluate(() => navigator.clipboard.readText());
    const found = text.startsWith('{') && JSON.parse(text);
    return found && found.connection?.state === 'live' && found.api.keySet
      ? text
      : (await window.command('Tasktrail: Copy Diagnostics'), false);
  });
  assert.equal(said.includes('key-of-the-test'), false);
  assert.equal(said.includes(machine.folder), false, 'and no path');
  const { view, workspaces, records, trusted } = JSON.parse(said);
  assert.deepEqual([view.visible, workspaces.length, trusted], [true, 1, true]);
  assert.ok(records > 20);
});

test('the history is exported whole, one record a line', async () => {
  await open();
  await window.live();
  const { page } = window;
  await window.command('Tasktrail: Export the History');
  const input = page.locator('.quick-input-widget input.input');
  const file = join(folder, 'task-history.ndjson');
  await until('the file is proposed', async () => (await input.inputValue()) === file);
  await page.keyboard.press('Enter');
  await page.locator('.notification-toast', { hasText: `to ${file}` }).waitFor();
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const ids = lines.map((line) => JSON.parse(line).audit_id);
  const stored = await api.records(machine.workspaceId(folder));
  assert.deepEqual(ids.sort(), stored.map(({ audit_id: id }) => id).sort());
});
