import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from './support/browser.mjs';
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
  api.refuse = undefined;
  await page.getByText('Try now').first().click();
  await page.waitForSelector('task-history[data-ready]');
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
