import { defaultSource } from '#load';
import * as glue from '../pkg/web/tasktrail_wasm.js';
import { start, type ModuleSource } from './module.js';

/**
 * Loads the WebAssembly module; every other call of this package needs it. Calling it again does no harm and waits for the first.
 *
 * Without a source, a browser fetches `tasktrail_wasm_bg.wasm` from beside the script, and Node reads it from the package.
 */
export function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void> {
  return start({ name: 'full', glue, defaultSource }, source);
}
