// For a page without a bundler: every import is an address that a browser can follow.
import { defaultSource } from './load.web.js';
import { initFrom } from './full.js';

export * from './api.js';

/**
 * Loads the WebAssembly module; every other call of this package needs it. Calling it again does no harm and waits for the first.
 *
 * Without a source it is `tasktrail_wasm_bg.wasm`, fetched from where the package's files are served.
 */
export const init = initFrom(defaultSource);
