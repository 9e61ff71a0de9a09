import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from '../../tests/support/chromium.mjs';
import { call, record, scene, task } from './support/records.mjs';
import { TestApi } from './support/server.mjs';

const screenshots = process.env.TASKTRAIL_SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'task-history-'));
let browser;
let api;
let page;
let complaints;

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
  console.log(`screenshots: ${screenshots}`);
});
beforeEach(async () => {
  api = await new TestApi().start();
  complaints = [];
});
afterEach(async () => {
  await page?.close();
  await api.stop();
  assert.deepEqual(complaints, []);
});

async function open({ workspace = 'ws_demo', ready = true, ...options } = {}) {
  page = await browser.newPage({ viewport: { width: 1100, height: 820 }, deviceScaleFactor: 2, ...options });
  page.on('pageerror', (fault) => complaints.push(String(fault)));
  page.on('console', (message) => {
    // What the network refuses is the test's own doing.
    if (
      message.type() === 'error' &&
      !message.text().includes('Failed to load resource') &&
      !message.text().includes('WebSocket')
    ) {
      complaints.push(message.text());
    }
  });
  await page.goto(`${api.url}/${workspace ? `?workspace=${workspace}` : ''}`);
  if (ready) await page.waitForSelector('task-history[data-ready][data-connection=live]');
  return page;
}

const item = (id) => page.locator(`[data-item-id="${id}"]`);
const shown = () => page.locator('[data-item-key]').evaluateAll((rows) => rows.map((row) => row.dataset.itemId));
const has = (row, name, value) =>
  page.waitForFunction(([row, name, value]) => row?.getAttribute(name) === value, [row, name, value]);
const becomes = async (id, status) => has(await item(id).elementHandle(), 'data-status', status);

for (const colorScheme of ['light', 'dark']) {
  test(`the scene in ${colorScheme}`, async () => {
    api.publish(scene());
    await open({ colorScheme });
    assert.deepEqual(await shown(), ['2.5', '2.4', '2.3', '2.2', '2.1', '1.4', '1.3', '1.2', '1.1']);
    assert.equal(await item('2.4').getAttribute('data-status'), 'failed');
    await item('2.2').getByText('attempt 2').waitFor();
    const phase = page.locator('[data-phase-key][data-phase="1"]');
    assert.equal(await phase.getAttribute('data-status'), 'completed');
    await page.screenshot({ path: join(screenshots, `scene-${colorScheme}.png`) });
    await item('2.2').click();
    await item('2.2').getByText('expected 12 entries after the reconnect').waitFor();
    await page.locator('[data-other-key]').click();
    await page.screenshot({ path: join(screenshots, `details-${colorScheme}.png`) });
    await page.setViewportSize({ width: 380, height: 820 });
    await page.screenshot({ path: join(screenshots, `narrow-${colorScheme}.png`) });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > globalThis.innerWidth);
    assert.equal(overflow, false);
  });
}

test('rows change in place, without a reload', async () => {
  api.publish([task('started', '1.1', 'First', { agent_id: 'agent-a' })]);
  await open();
  const row = await item('1.1').elementHandle();
  await item('1.1').click();
  await page.evaluate(() => (globalThis.sameDocument = true));
  api.publish([task('failed', '1.1', 'First', { error: { message: 'Out of disk' } })]);
  await has(row, 'data-status', 'failed');
  await item('1.1').getByText('Out of disk').first().waitFor();
  api.publish([task('started', '1.1', 'First', { agent_id: 'agent-b' }), task('started', '1.2', 'Second')]);
  await has(row, 'data-status', 'started');
  await item('1.2').waitFor();
  assert.deepEqual(await shown(), ['1.2', '1.1']);
  assert.equal(await item('1.2').getAttribute('fresh'), '');
  api.publish([task('completed', '1.1', 'First')]);
  await has(row, 'data-status', 'completed');
  assert.ok(await row.evaluate((row) => row.isConnected && row.open), 'the same element, still unfolded');
  assert.equal(await page.evaluate(() => globalThis.sameDocument), true);
  await item('1.1').getByText('attempt 2', { exact: true }).waitFor();
});

test('the page loads the slim module and no other', async () => {
  await open();
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name));
  const modules = loaded.filter((name) => name.endsWith('.wasm')).map((name) => new URL(name).pathname);
  assert.deepEqual(modules, ['/tasktrail_wasm_slim_bg.wasm']);
});

test('another workspace stays out; a worktree of this one comes in', async () => {
  await open();
  assert.match(await page.locator('[data-message]').getAttribute('data-message'), /empty/);
  await page.screenshot({ path: join(screenshots, 'empty.png') });
  api.publish([task('started', '9.1', 'Foreign', { workspace_id: 'ws_other' })]);
  api.publish([task('started', '1.1', 'In a worktree', { workspace_id: 'ws_other', origin_workspace_id: 'ws_demo' })]);
  await item('1.1').waitFor();
  assert.deepEqual(await shown(), ['1.1']);
});

test('an end that comes before its start is one row', async () => {
  await open();
  const at = Date.now();
  api.publish([task('completed', '1.1', 'Late start', { at })]);
  await becomes('1.1', 'completed');
  api.publish([task('started', '1.1', 'Late start', { at: at - 3_000 })]);
  await page.waitForFunction(() => {
    const row = document.querySelector('task-history').shadowRoot.querySelector('[data-item-id="1.1"]');
    return row.shadowRoot.textContent.includes('3.0 s');
  });
  assert.deepEqual(await shown(), ['1.1']);
});

test('filters narrow what is shown', async () => {
  api.publish(scene());
  api.publish([
    record('phase.started', { project_number: 7, phase_number: 1, metadata: { phaseName: 'Docs', totalItems: 1 } }),
  ]);
  api.publish([task('started', '1.9', 'Write the guide', { project_number: 7 })]);
  await open();
  const all = (await shown()).length;
  await page.locator('[data-filter=failed]').click();
  assert.deepEqual(await shown(), ['2.4']);
  await page.locator('[data-filter=failed]').click();
  await page.locator('[data-filter=project]').selectOption({ label: 'Project 7' });
  assert.deepEqual(await shown(), ['1.9']);
  await page.locator('[data-filter=project]').selectOption({ label: 'Project 42' });
  await page.locator('[data-filter=phase]').selectOption({ label: 'Phase 1: Foundations' });
  assert.deepEqual(await shown(), ['1.4', '1.3', '1.2', '1.1']);
  await page.getByText('Clear filters').click();
  await page.locator('vscode-textfield input').fill('replay');
  await page.waitForFunction(
    () => document.querySelector('task-history').shadowRoot.querySelectorAll('[data-item-key]').length === 1,
  );
  assert.deepEqual(await shown(), ['2.2']);
  await page.screenshot({ path: join(screenshots, 'filtered.png') });
  await page.locator('vscode-textfield input').fill('no such thing');
  await page.locator('[data-message=filtered]').waitFor();
  await page.locator('[data-message] vscode-button').click();
  assert.equal((await shown()).length, all);
  assert.equal(await page.locator('vscode-textfield input').inputValue(), '');
  await page.locator('[data-filter=time]').selectOption({ label: 'Last hour' });
  assert.equal((await shown()).length, all);
  // What is filtered out stays out when it changes.
  await page.locator('[data-filter=failed]').click();
  api.publish([task('completed', '2.5', 'Keep the view at 500 entries')]);
  await page.locator('[data-filter=done] b', { hasText: '7' }).waitFor();
  assert.deepEqual(await shown(), ['2.4']);
});

test('everything can be reached and folded with the keyboard', async () => {
  api.publish(scene());
  await open();
  await page.locator('[data-filter=time]').focus();
  await page.keyboard.press('Tab');
  const focused = () =>
    page.evaluate(() => {
      const element = document.querySelector('task-history').shadowRoot.activeElement;
      return (
        element && `${element.localName} ${element.getAttribute('aria-expanded')} ${element.getAttribute('aria-level')}`
      );
    });
  assert.equal(await focused(), 'tasktrail-run null 1');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'tasktrail-phase true 3');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await focused(), 'tasktrail-phase false 3');
  assert.equal(await item('2.5').isVisible(), false);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await focused(), 'tasktrail-item false 4');
  await page.keyboard.press('Enter');
  assert.equal(await focused(), 'tasktrail-item true 4');
  await page.keyboard.press('End');
  assert.equal(await focused(), 'tasktrail-other false 2');
  await page.keyboard.press('Shift+Tab');
  assert.match(await focused(), /^select/);
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'tasktrail-other false 2');
});

test('the first click opens the row that it is on, wherever that is', async () => {
  const at = Date.now() - 60_000;
  api.publish(
    Array.from({ length: 60 }, (_, index) => task('completed', `1.${index}`, `Item ${index}`, { at: at + index })),
  );
  await open();
  await item('1.10').click();
  await has(await item('1.10').elementHandle(), 'aria-expanded', 'true');
  assert.equal(await item('1.10').evaluate((row) => row.matches(':focus')), true);
  await page.keyboard.press('ArrowDown');
  assert.equal(await item('1.9').evaluate((row) => row.matches(':focus')), true);
});

test('rows are found by their first letters, and copied', async () => {
  api.publish(scene());
  await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.locator('[data-item-id="2.5"]').click();
  await page.keyboard.type('filters');
  const focused = () =>
    page.evaluate(() => document.querySelector('task-history').shadowRoot.activeElement.dataset.itemId);
  assert.equal(await focused(), '2.4');
  await page.keyboard.press('Home');
  await page.keyboard.press('!');
  assert.equal(await focused(), '2.4', 'the one that failed');
  await page.keyboard.press('Control+c');
  await page.waitForFunction(async () =>
    (await navigator.clipboard.readText()).startsWith('Failed: Filters by project'),
  );
  await page.keyboard.press('Enter');
  await item('2.4').getByRole('button', { name: 'Copy JSON' }).click();
  await item('2.4').getByRole('button', { name: 'Copied' }).waitFor();
  const { itemId, attempts, startedAt, key } = JSON.parse(await copied());
  assert.deepEqual([itemId, attempts, key], ['2.4', 1, undefined]);
  assert.ok(Date.parse(startedAt) > 0, 'times are text');
  await item('2.4').getByRole('button', { name: 'Copy error' }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith('tsc: Property'));
  // Without a host that opens files, a path is text.
  await item('1.1').click();
  assert.equal(await item('1.1').locator('li button').count(), 0);
});

test('the keys are listed, and lead to the search and back', async () => {
  api.publish(scene());
  await open();
  await item('2.5').click();
  await page.keyboard.press('?');
  await page.locator('dialog[open]').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('task-history').shadowRoot.querySelector('dialog').open);
  await page.keyboard.press('/');
  await page.keyboard.type('a/b?');
  assert.equal(await page.locator('vscode-textfield input').inputValue(), 'a/b?', 'there they are letters');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('replay');
  await page.waitForFunction(
    () => document.querySelector('task-history').shadowRoot.querySelectorAll('[data-item-key]').length === 1,
  );
  await page.keyboard.press('Escape');
  await page.waitForFunction(
    () => document.querySelector('task-history').shadowRoot.activeElement?.getAttribute('role') === 'treeitem',
  );
});

test('the keyboard stays in the tree when its row is filtered out', async () => {
  api.publish(scene());
  await open();
  await item('2.5').click();
  await page.evaluate(() => (document.querySelector('task-history').viewState = { filter: { status: ['failed'] } }));
  assert.deepEqual(await shown(), ['2.4']);
  const focused = () =>
    page.evaluate(() => document.querySelector('task-history').shadowRoot.activeElement?.dataset.itemId);
  assert.equal(await focused(), '2.4');
});

test('only the row that has the keyboard has stops for it inside', async () => {
  api.publish(scene());
  await open();
  await item('2.4').click();
  await item('2.5').click();
  const stops = (id) =>
    item(id)
      .locator('button')
      .evaluateAll((buttons) => buttons.map((button) => button.tabIndex));
  assert.deepEqual(await stops('2.4'), [-1, -1, -1]);
  assert.deepEqual(await stops('2.5'), [0, 0]);
});

test('who has scrolled away is told how much is new, and nothing moves', async () => {
  const at = Date.now() - 60_000;
  api.publish(
    Array.from({ length: 60 }, (_, index) => task('completed', `1.${index}`, `Item ${index}`, { at: at + index })),
  );
  await open();
  const area = page.locator('main');
  await area.evaluate((area) => (area.scrollTop = 700));
  const where = () => item('1.30').boundingBox();
  await page.waitForFunction(
    () => document.querySelector('task-history').shadowRoot.querySelector('main').scrollTop > 0,
  );
  const before = await where();
  api.publish([task('started', '1.70', 'News'), task('started', '1.71', 'More news')]);
  await page.getByRole('button', { name: '2 new' }).waitFor();
  assert.deepEqual(await where(), before);
  await page.getByRole('button', { name: '2 new' }).click();
  await page.waitForFunction(
    () => document.querySelector('task-history').shadowRoot.querySelector('main').scrollTop === 0,
  );
  assert.equal(await page.locator('.unseen').count(), 0);
  api.publish([task('started', '1.72', 'In sight')]);
  await item('1.72').waitFor();
  assert.equal(await page.locator('.unseen').count(), 0);
});

test('a range of time lets through what showed its last sign of life in it', async () => {
  const at = new Date(2026, 0, 15, 12, 0).getTime();
  for (const [index, id] of ['1.1', '1.2', '1.3'].entries())
    api.publish([task('completed', id, `Item ${id}`, { at: at + index * 3_600_000 })]);
  await open();
  await page.locator('[data-filter=time]').selectOption({ label: 'Time range…' });
  assert.equal((await shown()).length, 3);
  await page.locator('[data-filter=from]').fill('2026-01-15T12:30');
  await page.locator('[data-filter=from]').blur();
  await page.waitForFunction(() => document.querySelector('task-history').viewState.filter.since !== null);
  assert.deepEqual(await shown(), ['1.3', '1.2']);
  // Through the end of the minute that is named.
  await page.locator('[data-filter=to]').fill('2026-01-15T13:00');
  await page.locator('[data-filter=to]').blur();
  await page.waitForFunction(() => document.querySelector('task-history').viewState.filter.until !== null);
  assert.deepEqual(await shown(), ['1.2']);
  await page.getByText('Clear filters').click();
  assert.equal((await shown()).length, 3);
  assert.equal(await page.locator('[data-filter=from]').count(), 0);
});

test('what a host keeps comes back, and what it cannot have kept does no harm', async () => {
  api.publish(scene());
  await open();
  const restore = (state) =>
    page.evaluate((state) => (document.querySelector('task-history').viewState = state), state);
  await page.locator('[data-phase-key][data-phase="1"] .line').first().click();
  await page.locator('[data-filter=done]').click();
  const kept = await page.evaluate(() => document.querySelector('task-history').viewState);
  await page.reload();
  await page.waitForSelector('task-history[data-ready]');
  assert.equal((await shown()).length, 9);
  await restore(kept);
  assert.ok((await shown()).length < 9);
  assert.equal(await item('1.1').isVisible(), false);
  await restore({ filter: { project: 'x', status: ['failed', 'no such'], since: {}, colour: 1 }, folds: { x: 7 } });
  assert.deepEqual(await shown(), ['2.4']);
  await restore('nonsense');
  assert.equal((await shown()).length, 9);
});

test('what was refused and what was lost is told apart from calls', async () => {
  api.publish([
    call('event.posted', 'POST', '/api/events/project', 400, {
      error: { code: 'TT_EVENT_INVALID', message: 'data.phaseNumber is required' },
    }),
    record('audit.gap', { run_id: null, metadata: { count: 12, reason: 'the queue was full' } }),
    call('session.created', 'POST', '/api/sessions', 201),
  ]);
  await open();
  for (const fold of await page.locator('tasktrail-other').all()) await fold.locator('.line').first().click();
  await page.getByText('1 refused').waitFor();
  await page.getByText('1 gap').waitFor();
  const row = (text) => page.locator('[data-call-key]', { hasText: text });
  await row('Event refused').getByText('data.phaseNumber is required').waitFor();
  await row('Records lost').getByText('12 records: the queue was full').waitFor();
  await row('session.created').getByText('Done').waitFor();
});

test('what the host can do is offered, and what it cannot is not', async () => {
  api.publish([
    task('completed', '1.1', 'First', { worktree_path: '/work/tree', metadata: { filesChanged: ['src/a.ts'] } }),
  ]);
  await open();
  assert.equal(await page.locator('[data-filter=all-workspaces]').count(), 0);
  await item('1.1').click();
  assert.equal(await item('1.1').locator('li button').count(), 0);
  await page.evaluate(() => {
    const history = document.querySelector('task-history');
    const note =
      (what) =>
      (...said) =>
        globalThis.did.push([what, ...said]);
    globalThis.did = [];
    const host = ['openFile', 'openWorktree', 'showAllWorkspaces', 'act', 'copy'];
    history.host = Object.fromEntries(host.map((name) => [name, note(name)]));
    history.allWorkspaces = false;
  });
  await item('1.1').getByRole('button', { name: 'src/a.ts' }).click();
  await item('1.1').getByRole('button', { name: 'Open worktree' }).click();
  await item('1.1').getByRole('button', { name: 'Copy row' }).click();
  await page.locator('[data-filter=all-workspaces]').click();
  await page.evaluate(() => {
    const action = { label: 'Mend it', command: 'mend' };
    document.querySelector('task-history').obstacle = { kind: 'test', title: 'In the way', text: 'Because.', action };
  });
  await page.locator('[data-message=test]', { hasText: 'Because.' }).getByText('Mend it').click();
  const did = await page.evaluate(() => globalThis.did);
  assert.match(did[2][1], /^Done: First/);
  assert.deepEqual(
    [...did.slice(0, 2), ...did.slice(3)],
    [
      ['openFile', 'src/a.ts', '/work/tree'],
      ['openWorktree', '/work/tree'],
      ['showAllWorkspaces', true],
      ['act', 'mend'],
    ],
  );
});

test('the connection is told, and nothing is missing after it was lost', async () => {
  api.publish([task('started', '1.1', 'First')]);
  await open();
  await api.stop();
  await page.waitForSelector('task-history[data-connection=offline]');
  assert.ok(await item('1.1').isVisible());
  api.records.push(task('completed', '1.1', 'First'), task('started', '1.2', 'Second'));
  await page.locator('.notice').waitFor();
  await page.screenshot({ path: join(screenshots, 'offline.png') });
  await api.start();
  await page.waitForSelector('task-history[data-connection=live]');
  await becomes('1.1', 'completed');
  assert.deepEqual(await shown(), ['1.2', '1.1']);
  assert.equal(await page.locator('.notice').count(), 0);
});

test('what is missing is said, with what to do', async () => {
  await open({ workspace: '', ready: false });
  await page.locator('[data-message=no-workspace]').waitFor();
  await page.close();
  api.refuse = { status: 403, code: 'TT_READ_FORBIDDEN', message: 'reads are refused outside development' };
  await open({ ready: false });
  await page.locator('[data-message=unreachable]', { hasText: 'may not be read' }).waitFor();
  await page.screenshot({ path: join(screenshots, 'forbidden.png') });
  await page.evaluate(() => {
    const history = document.querySelector('task-history');
    history.refresh = () => {
      history.wasAsked = true;
      history.constructor.prototype.refresh.call(history);
    };
  });
  // It tries again by itself too: while it is refused, the button stays.
  await page.getByText('Try now').first().click();
  assert.equal(await page.evaluate(() => document.querySelector('task-history').wasAsked), true);
  api.refuse = undefined;
  await page.waitForSelector('task-history[data-ready]');
});

test('older records come by pages and leave again', async () => {
  const at = Date.now() - 3_600_000;
  const items = (from, to) =>
    Array.from({ length: to - from }, (_, index) =>
      task('completed', `1.${from + index}`, `Item ${from + index}`, { at: at + (from + index) * 1_000 }),
    );
  api.publish(items(0, 720));
  await open();
  const counted = (number) =>
    page.waitForFunction(
      (number) =>
        document.querySelector('task-history').shadowRoot.querySelectorAll('[data-item-key]').length === number,
      number,
    );
  await counted(500);
  const more = page.getByRole('button', { name: 'Show older' });
  api.refuse = { status: 503, code: 'TT_STORE_UNAVAILABLE', message: 'the store is away' };
  await more.click();
  const fault = page.locator('.past [role=alert]');
  await fault.getByText('The store is away.').waitFor();
  api.refuse = undefined;
  await page.locator('.past').getByRole('button', { name: 'Try again' }).click();
  await counted(699);
  assert.equal(await fault.count(), 0);
  // What comes meanwhile pushes nothing out that somebody reads.
  api.publish(items(720, 725));
  await counted(704);
  await more.click();
  await counted(725);
  await page.getByText('This is as far back as this view goes.').waitFor();
  assert.equal(await more.count(), 0);
  assert.equal((await shown()).at(-1), '1.0');
  assert.equal((await page.locator('[fresh]').count()) <= 5, true, 'what is old is not news');
  await page.screenshot({ path: join(screenshots, 'older.png') });
  await page.getByRole('button', { name: 'Newest only' }).click();
  await counted(500);
  await more.waitFor();
  assert.equal((await shown()).at(-1), '1.225');
});

test('a burst of a thousand events keeps the newest 500', async () => {
  await open();
  const at = Date.now();
  for (let index = 0; index < 1_000; index++) {
    const id = `${1 + (index % 5)}.${Math.floor(index / 10)}`;
    api.publish([
      index % 10 < 5
        ? task('started', id, `Item ${id}`, { at: at + index })
        : index % 10 < 9
          ? task('completed', id, `Item ${id}`, { at: at + index })
          : call('task.created', 'POST', '/api/tasks', 201, { at: at + index }),
    ]);
    if (index % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await page.waitForFunction(
    () => document.querySelector('task-history').shadowRoot.querySelectorAll('[data-call-key]').length === 50,
  );
  // Half of the newest 500 are starts; until the last batch is in, an older item may still show by its end alone.
  await page.waitForFunction(
    () => document.querySelector('task-history').shadowRoot.querySelectorAll('[data-item-key]').length <= 250,
  );
  const starts = (await shown()).length;
  assert.ok(starts > 200, `${starts} items`);
});
