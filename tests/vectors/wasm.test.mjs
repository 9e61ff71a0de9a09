// The shared vectors against the WebAssembly module in Node; `bindings-wasm/test/vectors.test.mjs` has Chromium.
import { readFile } from 'node:fs/promises';
import init, * as module from '../../bindings-wasm/pkg/vectors/tasktrail_wasm.js';
import { answer } from './answer.mjs';
import { runVectors } from './runner.mjs';
import { core } from './wasm.mjs';

const bytes = await readFile(new URL('../../bindings-wasm/pkg/vectors/tasktrail_wasm_bg.wasm', import.meta.url));
await init({ module_or_path: bytes });

runVectors('wasm', (cases) => cases.map((question) => answer(core(module), question)));
