// The slim entry for a page without a bundler.
import { defaultSource } from './load.slim.web.js';
import { initSlimFrom } from './slim.glue.js';

export * from './slim.api.js';

/**
 * Loads the slim WebAssembly module, unless the full one is there already. Calling it again does no harm and waits for the first.
 *
 * Without a source it is `tasktrail_wasm_slim_bg.wasm`, fetched from where the package's files are served.
 */
export const init = initSlimFrom(defaultSource);
