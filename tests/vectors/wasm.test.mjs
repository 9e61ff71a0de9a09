// The shared vectors against the WebAssembly module, below its TypeScript: texts in, texts out.
import { readFile } from 'node:fs/promises';
import init, * as module from '../../bindings-wasm/pkg/web/tasktrail_wasm.js';
import { runVectors } from './runner.mjs';

const bytes = await readFile(new URL('../../bindings-wasm/pkg/web/tasktrail_wasm_bg.wasm', import.meta.url));
await init({ module_or_path: bytes });

const calls = {
  derive_workspace_id: module.deriveWorkspaceId,
  operation_type: module.operationType,
  sanitize_json: module.sanitize,
  validate_event_json: (event, nowMs) => module.validateEvent(event, Number(nowMs)),
};

runVectors('wasm', calls, (thrown) => thrown);
