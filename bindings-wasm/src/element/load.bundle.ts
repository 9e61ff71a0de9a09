/** In the bundle, the module lies beside the script. */
export async function defaultSource(): Promise<URL> {
  return new URL('./tasktrail_wasm_slim_bg.wasm', import.meta.url);
}
