import { defaultSource } from '#load';
import { initFrom } from './full.js';

/**
 * Loads the WebAssembly module; every other call of this package needs it. Calling it again does no harm and waits for the first.
 *
 * Without a source, a browser fetches `tasktrail_wasm_bg.wasm` from beside the script, and Node reads it from the package.
 */
export const init = initFrom(defaultSource);
