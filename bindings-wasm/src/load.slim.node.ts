import { readFile } from 'node:fs/promises';

/** The slim module's bytes: Node's `fetch` reads no files. */
export async function defaultSource(): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(new URL('../pkg/slim/tasktrail_wasm_slim_bg.wasm', import.meta.url));
}
