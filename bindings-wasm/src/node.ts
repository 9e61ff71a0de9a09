// For Node, whatever conditions its loader or bundler has set.
import { defaultSource } from './load.node.js';
import { initFrom } from './full.js';

export * from './api.js';

/**
 * Loads the WebAssembly module; every other call of this package needs it. Calling it again does no harm and waits for the first.
 *
 * Without a source it is read from the package.
 */
export const init = initFrom(defaultSource);
