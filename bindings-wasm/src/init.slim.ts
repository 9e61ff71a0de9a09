import { defaultSource } from '#load-slim';
import * as glue from '../pkg/slim/tasktrail_wasm.js';
import { start, type ModuleSource } from './module.js';

/**
 * Loads the slim WebAssembly module, unless the full one is there already. Calling it again does no harm and waits for the first.
 *
 * Without a source, a browser fetches `tasktrail_wasm_slim_bg.wasm` from beside the script, and Node reads it from the package.
 */
export function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void> {
  return start({ name: 'slim', glue, defaultSource }, source);
}
