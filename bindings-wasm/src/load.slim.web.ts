/** The slim module beside its glue. In a file of its own: a bundler ships every module whose address it sees. */
export async function defaultSource(): Promise<URL> {
  return new URL('../pkg/slim/tasktrail_wasm_slim_bg.wasm', import.meta.url);
}
