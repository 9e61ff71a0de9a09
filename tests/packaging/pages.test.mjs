// @tasktrail/wasm in pages: packed by npm, installed, and loaded by Chromium as Vite and esbuild make it and as it is, under a strict content
// security policy. CHROMIUM names the browser, TASKTRAIL_PACKAGING_FOLDER an empty folder for what this leaves behind.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { launch } from '../support/chromium.mjs';
import { limited } from '../../bindings-wasm/test/support/limited.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const wasm = join(here, '..', '..', 'bindings-wasm');
const { version } = JSON.parse(readFileSync(join(wasm, 'package.json'), 'utf8'));
const given = process.env.TASKTRAIL_PACKAGING_FOLDER;
const folder = given ?? mkdtempSync(join(tmpdir(), 'tasktrail-pages-'));
const project = join(folder, 'pages');
const installed = join(project, 'node_modules/@tasktrail/wasm');
const MODULES = {
  full: join(installed, 'pkg/web/tasktrail_wasm_bg.wasm'),
  slim: join(installed, 'pkg/slim/tasktrail_wasm_slim_bg.wasm'),
};
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const CSP = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";

const execute = promisify(execFile);
const run = (program, args) => execute(program, args, { cwd: project, maxBuffer: 64 * 1024 * 1024, timeout: 300_000 });
const bin = (name, ...args) => run(process.execPath, [join(project, 'node_modules', name), ...args]);

/** Files that exist nowhere else, by their path. */
const made = new Map();
let server;
let browser;

async function serve(request, response) {
  const { pathname } = new URL(request.url, 'http://page');
  // As a host would serve the package's folder.
  const file = pathname.startsWith('/package/')
    ? join(installed, pathname.slice('/package/'.length))
    : join(project, pathname);
  try {
    const body = made.get(pathname) ?? (await readFile(file));
    const type = TYPES[extname(pathname)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-security-policy': CSP }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}

/** What a page's check found, and which modules the page has loaded. */
async function visit(path) {
  const page = await browser.newPage();
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (fault) => said.push(String(fault)));
  try {
    await page.goto(`http://127.0.0.1:${server.address().port}${path}`);
    await page
      .waitForFunction(() => globalThis.outcome !== undefined, undefined, { timeout: 20_000 })
      .catch((fault) => {
        throw new Error(`${path} does not come to its end: ${said.join('\n')}`, { cause: fault });
      });
    const outcome = await page.evaluate(() => globalThis.outcome);
    const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    return { outcome, modules: loaded.filter((name) => name.endsWith('.wasm')) };
  } finally {
    await page.close();
  }
}

before(async () => {
  mkdirSync(project, { recursive: true });
  for (const name of readdirSync(join(here, 'pages'))) cpSync(join(here, 'pages', name), join(project, name));
  await run('npm', ['ci', '--no-audit', '--ignore-scripts']);
  const { stdout } = await run('npm', ['pack', wasm, '--json', '--pack-destination', project]);
  const [{ filename }] = JSON.parse(stdout);
  await run('npm', ['install', '--no-save', '--no-audit', '--ignore-scripts', join(project, filename)]);
  const page = (script) => `<!doctype html><meta charset="utf-8" /><script type="module" src="${script}"></script>`;
  for (const variant of ['full', 'slim']) {
    writeFileSync(join(project, `vite-${variant}.html`), page(`./vite-${variant}.js`));
    writeFileSync(join(project, `esbuild-${variant}.html`), page(`./esbuild/esbuild-${variant}.js`));
    writeFileSync(join(project, `plain-${variant}.html`), page(`./plain-${variant}.js`));
  }
  server = createServer((request, response) => void serve(request, response));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve()));
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
});

for (const variant of ['full', 'slim']) {
  describe(`the ${variant} entry works in a page`, () => {
    const works = ({ outcome, modules }) => {
      assert.deepEqual(outcome, {
        version,
        early: 'TT_WASM_NOT_INITIALISED',
        item: ['completed', 'Item 1.1', 1],
        event: variant === 'full' ? null : 'TT_WASM_SLIM',
      });
      assert.equal(modules.length, 1, `one module is loaded, not ${modules.join(', ') || 'none'}`);
    };

    it('that Vite makes', async () => {
      const html = join(project, `vite-${variant}.html`);
      const config = join(project, `vite.${variant}.config.mjs`);
      const options = {
        base: './',
        logLevel: 'warn',
        build: { outDir: `vite-${variant}`, rollupOptions: { input: html } },
      };
      writeFileSync(config, `export default ${JSON.stringify(options)};`);
      await bin('vite/bin/vite.js', 'build', '--config', config);
      const assets = readdirSync(join(project, `vite-${variant}`, 'assets'));
      assert.equal(assets.filter((name) => name.endsWith('.wasm')).length, 1, `one module is shipped: ${assets}`);
      works(await visit(`/vite-${variant}/vite-${variant}.html`));
    });

    it('that esbuild makes', async () => {
      const loader = ['--bundle', '--format=esm', '--loader:.wasm=file', '--log-level=warning', '--outdir=esbuild'];
      await bin('esbuild/bin/esbuild', `esbuild-${variant}.js`, ...loader);
      works(await visit(`/esbuild-${variant}.html`));
    });

    it('without a bundler', async () => works(await visit(`/plain-${variant}.html`)));

    it('that goes on when its WebAssembly instance traps', async () => {
      made.set('/limited.wasm', limited(await readFile(MODULES[variant]), 4 << 20));
      const { outcome } = await visit(`/plain-${variant}.html?limited=/limited.wasm&huge=${8 << 20}`);
      assert.deepEqual(outcome, {
        trapped: 'TT_WASM_TRAPPED',
        accepted: 1,
        rejected: 1,
        items: [
          ['1.2', 'started'],
          ['1.1', 'completed'],
        ],
        inStep: true,
      });
    });
  });
}
