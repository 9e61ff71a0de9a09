import { readFile } from 'node:fs/promises';

/** The module's bytes: Node's `fetch` reads no files. */
export async function defaultSource(): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(new URL('../pkg/web/tasktrail_wasm_bg.wasm', import.meta.url));
}
