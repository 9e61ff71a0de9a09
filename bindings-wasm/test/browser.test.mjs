// The client in Chromium, bundled as a page has it, against a real API.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { RealApi } from './support/api.mjs';
import { launch } from '../../tests/support/chromium.mjs';
import { until } from './support/listener.mjs';

let api;
let browser;
before(async () => {
  [api, browser] = await Promise.all([new RealApi().start(), launch()]);
});
after(async () => {
  await browser?.close();
  await api?.stop();
});

test('a page misses nothing over cuts, restarts and pauses, and goes on from its cursor', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../dist/client.js', import.meta.url))],
    bundle: true,
    format: 'iife',
    globalName: 'tasktrail',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  const page = await browser.newPage();
  const faults = [];
  page.on('pageerror', (fault) => faults.push(String(fault)));
  await page.goto(`${api.url}/a-page-of-the-same-origin`);
  await page.addScriptTag({ content: outputFiles[0].text });
  await page.evaluate(() => {
    globalThis.times = {};
    globalThis.start = (from) => {
      globalThis.client = new globalThis.tasktrail.TasktrailClient();
      globalThis.feed = globalThis.client
        .source('ws_a', { from, known: Object.keys(globalThis.times), capacity: 5_000 })
        .connect({
          records: (records) =>
            records.forEach(({ audit_id: id }) => (globalThis.times[id] = (globalThis.times[id] ?? 0) + 1)),
          ready: () => undefined,
          connection: ({ state }) => (globalThis.state = state),
        });
    };
    globalThis.start(null);
  });
  const state = () => page.evaluate(() => globalThis.state);
  const complete = async () => {
    let stored;
    let times;
    await until(
      async () => {
        [stored, times] = [await api.stored(['ws_a']), await page.evaluate(() => globalThis.times)];
        return (await state()) === 'live' && [...stored].every((id) => times[id]);
      },
      () => `${stored.size} records, not ${Object.keys(times).length}`,
    );
    assert.deepEqual(times, Object.fromEntries([...stored].map((id) => [id, 1])));
  };
  await until(async () => (await state()) === 'live', 'live');
  await api.items(10);
  await complete();
  api.cut();
  await until(async () => (await state()) === 'offline', 'the loss');
  await api.items(300);
  api.mend();
  await page.evaluate(() => globalThis.dispatchEvent(new globalThis.Event('online')));
  await complete();
  await page.evaluate(() => globalThis.feed.pause());
  await api.items(30);
  await api.kill();
  await api.run();
  await api.items(10);
  await page.evaluate(() => globalThis.feed.resume());
  await complete();
  await page.evaluate(() => {
    const cursor = globalThis.feed.cursor();
    globalThis.client.close();
    globalThis.start(cursor);
  });
  await api.items(5);
  await complete();
  assert.deepEqual(faults, []);
});
