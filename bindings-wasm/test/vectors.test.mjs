// The shared vectors against the WebAssembly module in Chromium: a page says what every other build says.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before } from 'node:test';
import { runVectors } from '../../tests/vectors/runner.mjs';
import { launch } from '../../tests/support/chromium.mjs';

const ROOT = new URL('../..', import.meta.url);
/** What a page may ask for, beside the empty page itself. */
const FILES = {
  '/tests/vectors/answer.mjs': 'text/javascript',
  '/tests/vectors/wasm.mjs': 'text/javascript',
  '/bindings-wasm/pkg/vectors/tasktrail_wasm.js': 'text/javascript',
  '/bindings-wasm/pkg/vectors/tasktrail_wasm_bg.wasm': 'application/wasm',
};

const server = createServer((request, response) => void serve(request, response));
let browser;
let page;

before(async () => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launch();
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
});
after(async () => {
  await browser?.close();
  server.close();
});

async function serve({ url }, response) {
  if (url === '/') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>');
  } else if (url in FILES) {
    response.writeHead(200, { 'content-type': FILES[url] }).end(await readFile(new URL(`.${url}`, ROOT)));
  } else {
    response.writeHead(404).end();
  }
}

runVectors('wasm in Chromium', (cases) =>
  page.evaluate(async (questions) => {
    const module = await import('/bindings-wasm/pkg/vectors/tasktrail_wasm.js');
    const { answer } = await import('/tests/vectors/answer.mjs');
    const { core } = await import('/tests/vectors/wasm.mjs');
    await module.default({ module_or_path: fetch('/bindings-wasm/pkg/vectors/tasktrail_wasm_bg.wasm') });
    return questions.map((question) => answer(core(module), question));
  }, cases),
);
