import { defaultSource } from '#load-slim';
import { initSlimFrom } from './slim.glue.js';

/**
 * Loads the slim WebAssembly module, unless the full one is there already. Calling it again does no harm and waits for the first.
 *
 * Without a source, a browser fetches `tasktrail_wasm_slim_bg.wasm` from beside the script, and Node reads it from the package.
 */
export const init = initSlimFrom(defaultSource);
