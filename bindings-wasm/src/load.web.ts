/** The module beside the glue, for browsers and for bundlers that understand `import.meta.url`. */
export async function defaultSource(): Promise<URL> {
  return new URL('../pkg/web/tasktrail_wasm_bg.wasm', import.meta.url);
}
