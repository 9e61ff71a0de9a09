import { defaultSource } from '#load';
import * as glue from '../pkg/web/tasktrail_wasm.js';
import { TasktrailError } from './errors.js';
import { VERSION } from './version.js';

/** Where the WebAssembly module comes from: an address, a response, its bytes, or the compiled module. */
export type ModuleSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

type Glue = typeof glue;

let starting: Promise<void> | undefined;
let started = false;
let trapped: TasktrailError | undefined;

/**
 * Loads the WebAssembly module; every other call of this package needs it. Calling it again does no harm and waits for the first.
 *
 * Without a source, a browser fetches `tasktrail_wasm_bg.wasm` from beside the script, and Node reads it from the package.
 */
export function init(source?: ModuleSource | Promise<ModuleSource>): Promise<void> {
  starting ??= start(source).catch((fault: unknown) => {
    starting = undefined;
    throw fault;
  });
  return starting;
}

async function start(source: ModuleSource | Promise<ModuleSource> | undefined): Promise<void> {
  try {
    await glue.default({ module_or_path: (await (source ?? defaultSource())) as Response });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TasktrailError(
      'TT_WASM_LOAD_FAILED',
      `the WebAssembly module of @tasktrail/wasm cannot be loaded: ${reason}`,
      {
        retryable: true,
        cause,
      },
    );
  }
  const found = glue.version();
  if (found !== VERSION) {
    throw new TasktrailError(
      'TT_WASM_VERSION',
      `the WebAssembly module is of version ${found}, the JavaScript of @tasktrail/wasm of ${VERSION}: serve both from one release`,
    );
  }
  started = true;
}

/** Calls into the module; errors of the core come out as `TasktrailError`. */
export function call<T>(work: (module: Glue) => T): T {
  if (trapped) throw trapped;
  if (!started) {
    throw new TasktrailError('TT_WASM_NOT_INITIALISED', '@tasktrail/wasm is not loaded yet: call `await init()` first');
  }
  try {
    return work(glue);
  } catch (fault) {
    throw translated(fault);
  }
}

function translated(fault: unknown): unknown {
  if (typeof fault === 'string') {
    const { code, message, ...more } = JSON.parse(fault);
    return new TasktrailError(code, message, more);
  }
  if (fault instanceof WebAssembly.RuntimeError) {
    trapped = new TasktrailError('TT_WASM_TRAPPED', `@tasktrail/wasm ran into a fault; reload it: ${fault.message}`, {
      cause: fault,
    });
    return trapped;
  }
  return fault;
}
