/** Version of this package; the WebAssembly module must have the same. */
export const VERSION = '0.1.0';
