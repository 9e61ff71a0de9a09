// The extension in the real workbench, against the real example API: what comes, how it changes, what survives.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Api } from '../support/api.mjs';
import { until } from '../support/processes.mjs';
import { Machine } from '../support/workbench.mjs';

const mongo = process.env.TASKTRAIL_TEST_MONGODB;
if (!mongo)
  throw new Error(
    'TASKTRAIL_TEST_MONGODB names the MongoDB server of these tests: `cargo xtask test vscode` starts one',
  );

let machine;
let store;
let api;
let workbench;
let app;
let appId;
let window;

before(async () => {
  machine = await new Machine().start();
  store = `${mongo}tasktrail_vscode_${randomUUID().slice(0, 8)}`;
  api = await new Api(store, join(machine.folder, 'api')).start();
  app = machine.repository('app');
  appId = machine.workspaceId(app);
  workbench = await machine.workbench('code', { 'tasktrail.apiUrl': api.url });
});
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

/** A folder of its own, so that the tests do not see each other's events. */
function workspace(name) {
  const folder = machine.repository(name);
  return { folder, id: machine.workspaceId(folder) };
}

async function open(folder) {
  window = await workbench.open({ folder });
  await window.show();
  await window.live();
  return window;
}

test('rows come live and change in place, without a reload', async () => {
  await open(app);
  await window.message('empty').waitFor();
  const content = await window.content();
  await content.evaluate(() => (globalThis.sameDocument = true));
  const run = api.run(appId);
  await run.phase('started', 1, 'Foundations', 2);
  await run.task('started', '1.1', 'Store the records');
  await window.becomes(['1.1 started']);
  const row = await window.item('1.1').elementHandle();
  await window.item('1.1').getByText('agent-amber').first().waitFor();
  await run.task('progress', '1.1', 'Store the records', { percent: 40, message: 'writing the index' });
  await window.item('1.1').getByText('writing the index').first().waitFor();
  await run.task('completed', '1.1', 'Store the records', { filesChanged: ['src/main.ts'] });
  await run.task('started', '1.2', 'Serve the page');
  await run.task('failed', '1.2', 'Serve the page', { error: 'the port is taken' });
  await window.becomes(['1.2 failed', '1.1 completed']);
  assert.equal(await row.evaluate((element) => element.isConnected), true, 'the same element');
  assert.equal(await content.evaluate(() => globalThis.sameDocument), true, 'the same document');
  await window.item('1.2').getByText('the port is taken').first().waitFor();
  // The status bar counts the same run.
  const counts = window.status.locator('[aria-label*="0 running, 1 done, 1 failed"]');
  await counts.waitFor();
  assert.match(await counts.getAttribute('aria-label'), /^Run run_/);
});

test('what comes out of order ends in the same rows', async () => {
  const { folder, id } = workspace('disorder');
  await open(folder);
  const run = api.run(id);
  const at = Date.now() - 60_000;
  await run.task('completed', '1.1', 'Late start', {}, at + 9_000);
  await window.becomes(['1.1 completed']);
  await run.task('failed', '1.2', 'Tried twice', { error: 'first' }, at + 4_000);
  await run.task('completed', '1.2', 'Tried twice', {}, at + 8_000);
  await run.task('started', '1.2', 'Tried twice', {}, at + 6_000);
  await run.task('started', '1.2', 'Tried twice', {}, at + 2_000);
  await run.task('started', '1.1', 'Late start', {}, at + 1_000);
  await window.item('1.2').getByText('attempt 2').waitFor();
  await window.item('1.1').getByText('8.0 s').waitFor();
  await window.becomes(['1.2 completed', '1.1 completed']);
});

test('the API is killed for 30 s and comes back: nothing is missing, nothing is there twice', async () => {
  const { folder, id } = workspace('outage');
  const first = api.run(id);
  await first.task('started', '1.1', 'Before the outage');
  await open(folder);
  await window.becomes(['1.1 started']);
  // Work goes on through another API of the same store, of which the window does not know.
  const other = await new Api(store, join(machine.folder, 'other')).start();
  try {
    const run = other.run(id, first.context);
    await api.kill();
    const end = sleep(30_000);
    await window.frame.locator('task-history[data-connection=offline]').waitFor({ state: 'attached' });
    await window.frame.getByText(/Offline since/).waitFor();
    await window.frame.getByText(/complete through/).waitFor();
    await run.task('completed', '1.1', 'Before the outage');
    for (let item = 2; item <= 9; item++) await run.task('started', `1.${item}`, `Item ${item}`);
    await end;
    await window.becomes(['1.1 started']);
    assert.equal(await window.frame.locator('task-history').getAttribute('data-connection'), 'offline');
    await api.start();
    await window.live();
    await first.task('completed', '1.9', 'Item 9');
    await window.becomes([
      '1.9 completed',
      ...[8, 7, 6, 5, 4, 3, 2].map((item) => `1.${item} started`),
      '1.1 completed',
    ]);
    assert.equal((await api.records(id)).length, 11, 'and the store has each once');
  } finally {
    await other.stop();
  }
});

test('older records are fetched when they are asked for, and leave again', async () => {
  const { folder, id } = workspace('past');
  const run = api.run(id);
  const at = Date.now() - 3_600_000;
  for (let block = 0; block < 560; block += 20) {
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => {
        const number = block + index;
        return run.task('completed', `1.${number}`, `Item ${number}`, {}, at + number * 1_000);
      }),
    );
  }
  await open(folder);
  const shown = (number) =>
    until(`${number} items are there`, async () => {
      const { length } = await window.items();
      if (length !== number) throw new Error(`there are ${length}`);
      return true;
    });
  await shown(500);
  await window.frame.getByRole('button', { name: 'Show older' }).click();
  await shown(560);
  await window.frame.getByText('60 older records are shown as well.').waitFor();
  await run.task('started', '1.999', 'Meanwhile');
  await shown(561);
  await window.frame.getByRole('button', { name: 'Newest only' }).click();
  await shown(500);
});

test('a view that is hidden while 600 events pass shows the newest 500', async () => {
  const { folder, id } = workspace('hidden');
  await open(folder);
  await window.hide();
  const run = api.run(id);
  const at = Date.now() - 700_000;
  // 300 items, each started and completed: the newest 500 records are those of the last 250.
  for (let block = 0; block < 300; block += 20) {
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const number = block + index;
        const item = `${1 + Math.floor(number / 100)}.${number}`;
        await run.task('started', item, `Item ${number}`, {}, at + number * 2_000);
        await run.task('completed', item, `Item ${number}`, {}, at + number * 2_000 + 1_000);
      }),
    );
  }
  await window.show();
  await window.live();
  await until('the newest 250 items are there', async () => (await window.items()).length === 250);
  const expected = Array.from({ length: 250 }, (_, index) => {
    const number = 299 - index;
    return `${1 + Math.floor(number / 100)}.${number} completed`;
  });
  assert.deepEqual((await window.items()).sort(), expected.sort());
  assert.equal(await window.frame.locator('[data-filter=done] b').innerText(), '250');
  assert.equal((await api.records(id)).length, 600);
});

test('another workspace stays out and comes in with all workspaces; a worktree is in its own', async () => {
  const { folder, id } = workspace('ours');
  const other = workspace('theirs');
  const worktree = join(machine.folder, 'ours-worktree');
  machine.git(folder, 'worktree', 'add', '--quiet', worktree);
  assert.equal(machine.workspaceId(worktree), id);
  await open(folder);
  await api.run(other.id).task('started', '9.1', 'Theirs');
  await api
    .run(id, { worktreePath: worktree })
    .task('completed', '1.1', 'Ours, in a worktree', { filesChanged: ['src/main.ts'] });
  // A run that was launched here and works under another id.
  await api.run(`ws_${'x'.repeat(26)}`, { originWorkspaceId: id }).task('started', '1.2', 'Ours, elsewhere');
  await until('both of ours are there', async () => (await window.items()).length === 2);
  assert.deepEqual((await window.items()).sort(), ['1.1 completed', '1.2 started']);
  await window.frame.locator('[data-filter=all-workspaces]').click();
  await window.live();
  await window.item('9.1').waitFor();
  await api.run(other.id).task('started', '9.2', 'Theirs, live');
  await window.item('9.2').waitFor();
  await window.frame.locator('[data-filter=all-workspaces]').click();
  await window.live();
  await until('only ours are there', async () => (await window.items()).length === 2);

  // The file opens from the worktree, and the worktree in a window of its own.
  await window.item('1.1').click();
  await window.item('1.1').getByRole('button', { name: 'src/main.ts' }).click();
  await window.page.locator('.tab', { hasText: 'main.ts' }).waitFor();
  const [popup] = await Promise.all([
    window.page.context().waitForEvent('page'),
    window.item('1.1').getByRole('button', { name: 'Open worktree' }).click(),
  ]);
  assert.match(decodeURIComponent(popup.url()), /ours-worktree/);
  await popup.close();
});

test('a path outside the folders and their worktrees is not opened', async () => {
  const { folder, id } = workspace('careful');
  await open(folder);
  const run = api.run(id, { worktreePath: machine.folder });
  await run.task('completed', '1.1', 'Elsewhere', {
    filesChanged: ['/etc/hostname', 'config/tasktrail/salt', '../theirs/README.md'],
  });
  await window.item('1.1').click();
  for (const name of ['/etc/hostname', 'config/tasktrail/salt', '../theirs/README.md']) {
    await window.item('1.1').getByRole('button', { name, exact: true }).click();
    const toast = window.page.locator('.notification-toast', { hasText: name });
    await toast.waitFor();
    await toast.hover();
    await toast.locator('.codicon-notifications-clear').click();
    await toast.waitFor({ state: 'hidden' });
  }
  await window.item('1.1').getByRole('button', { name: 'Open worktree' }).click();
  await window.page.locator('.notification-toast', { hasText: 'is not a worktree' }).waitFor();
  assert.equal(await window.page.locator('.tab', { hasText: /hostname|salt|README/ }).count(), 0);
});

test('filters, folds and all workspaces survive a hidden view and a reload', async () => {
  const { folder, id } = workspace('filters');
  const run = api.run(id);
  await run.phase('started', 1, 'Foundations', 2);
  await run.task('failed', '1.1', 'Fails', { error: 'no' });
  await run.task('completed', '1.2', 'Works');
  await open(folder);
  await window.becomes(['1.2 completed', '1.1 failed']);
  await window.frame.locator('[data-filter=failed]').click();
  await window.becomes(['1.1 failed']);
  await window.frame.locator('[data-phase-key] .line').first().click();
  await window.item('1.1').waitFor({ state: 'hidden' });
  await window.hide();
  await window.show();
  await window.live();
  assert.equal(await window.frame.locator('[data-filter=failed]').getAttribute('aria-pressed'), 'true');
  await window.becomes(['1.1 failed']);
  assert.equal(await window.item('1.1').isVisible(), false, 'the phase is still folded');
  await window.page.reload();
  await window.isThere();
  await window.show();
  await window.live();
  assert.equal(await window.frame.locator('[data-filter=failed]').getAttribute('aria-pressed'), 'true');
  await window.becomes(['1.1 failed']);
  assert.equal(await window.item('1.1').isVisible(), false);
  await window.command('Tasktrail: Clear Filters');
  await window.becomes(['1.2 completed', '1.1 failed']);
});

test('without the API, the copy that was saved is shown and marked', async () => {
  const { folder, id } = workspace('saved');
  await api.run(id).task('completed', '1.1', 'Kept');
  await open(folder);
  await window.becomes(['1.1 completed']);
  // Refreshing puts nothing off; the copy is saved within seconds.
  await window.page.waitForTimeout(7_000);
  await api.kill();
  try {
    await window.page.reload();
    await window.isThere();
    await window.show();
    await window.frame.getByText('Saved copy').waitFor();
    await window.becomes(['1.1 completed']);
    await window.frame.getByText('This is what was saved last').waitFor();
    await window.screenshot(machine.screenshots, 'offline-saved');
  } finally {
    await api.start();
  }
  await window.live();
  await window.frame.getByText('Saved copy').waitFor({ state: 'detached' });
});

test('a run that fails while nobody looks is told once', async () => {
  const { folder, id } = workspace('failing');
  await open(folder);
  const toast = window.page.locator('.notification-toast', { hasText: 'failed: 1 item of 2' });
  // In sight: no notification.
  const seen = api.run(id, { projectNumber: 1 });
  await seen.task('failed', '1.1', 'Seen', { error: 'no' });
  await seen.event('project.completed', { completedItems: 0, totalItems: 1, durationMs: 1 });
  await window.becomes(['1.1 failed']);
  // It is told, or not, once it is sure that nothing is tried again.
  await window.page.waitForTimeout(7_000);
  await window.hide();
  const run = api.run(id);
  await run.progress({ totalItems: 2, totalPhases: 1 });
  await run.task('completed', '1.1', 'Works');
  await run.task('failed', '1.2', 'Fails', { error: 'no' });
  await run.event('project.completed', { completedItems: 1, totalItems: 2, durationMs: 1 });
  await toast.waitFor();
  assert.equal(await window.page.locator('.notification-toast', { hasText: 'failed:' }).count(), 1, 'that one alone');
  await toast.getByRole('button', { name: 'Show Task History' }).click();
  await window.live();
  await until('both runs are there', async () => (await window.items()).length === 3);
});

test('several folders are shown together', async () => {
  const [one, two] = [workspace('one'), workspace('two')];
  const file = join(machine.folder, 'both.code-workspace');
  writeFileSync(file, JSON.stringify({ folders: [{ path: one.folder }, { path: two.folder }] }));
  await api.run(one.id, { projectNumber: 1 }).task('started', '1.1', 'In the first');
  await api.run(appId, { projectNumber: 3 }).task('started', '3.1', 'In neither');
  window = await workbench.open({ workspace: file });
  await window.show();
  await window.live();
  await api.run(two.id, { projectNumber: 2 }).task('started', '2.1', 'In the second');
  await until('both are there', async () => (await window.items()).length === 2);
  assert.deepEqual((await window.items()).sort(), ['1.1 started', '2.1 started']);
  // Grouped by workspace, each with the name of its folder.
  const names = await window.frame
    .locator('tasktrail-workspace')
    .evaluateAll((rows) => rows.map((row) => row.shadowRoot.querySelector('.name').textContent));
  assert.deepEqual(names.sort(), ['one', 'two']);
  await window.frame.locator('[data-filter=workspace]').selectOption({ label: 'two' });
  await window.becomes(['2.1 started']);
});

test('the same on SQLite', async () => {
  const sqlite = await new Api(`sqlite:${join(machine.folder, 'audit.db')}`, join(machine.folder, 'sqlite')).start();
  try {
    const { folder, id } = workspace('sqlite');
    mkdirSync(join(folder, '.vscode'));
    writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify({ 'tasktrail.apiUrl': sqlite.url }));
    const run = sqlite.run(id);
    await run.task('started', '1.1', 'First');
    await open(folder);
    await window.becomes(['1.1 started']);
    await run.task('completed', '1.1', 'First');
    await run.task('started', '1.2', 'Second');
    await window.becomes(['1.2 started', '1.1 completed']);
    // Hidden while something happens, then shown.
    await window.hide();
    await run.task('completed', '1.2', 'Second');
    await window.show();
    await window.live();
    await window.becomes(['1.2 completed', '1.1 completed']);
  } finally {
    await sqlite.stop();
  }
});
