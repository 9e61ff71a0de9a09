import type * as full from '../pkg/web/tasktrail_wasm.js';
import type * as slim from '../pkg/slim/tasktrail_wasm.js';
import { TasktrailError } from './errors.js';
import { VERSION } from './version.js';

/** Where the WebAssembly module comes from: an address, a response, its bytes, or the compiled module. */
export type ModuleSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

type FullGlue = typeof full;
type SlimGlue = typeof slim;

/** One of the modules: all that the core knows, or the Task History alone. */
type Variant =
  | { name: 'full'; glue: FullGlue; defaultSource: () => Promise<ModuleSource> }
  | { name: 'slim'; glue: SlimGlue; defaultSource: () => Promise<ModuleSource> };

const starting = new Map<Variant['name'], Promise<void>>();
let started: Variant | undefined;
let trapped: TasktrailError | undefined;

/** Starts a module once. The full one has all that the slim one has, so it takes the slim one's place and not the other way round. */
export function start(variant: Variant, source?: ModuleSource | Promise<ModuleSource>): Promise<void> {
  const running = starting.get('full') ?? starting.get(variant.name);
  if (running) return running;
  const promise = load(variant, source).catch((fault: unknown) => {
    starting.delete(variant.name);
    throw fault;
  });
  starting.set(variant.name, promise);
  return promise;
}

async function load(variant: Variant, source: ModuleSource | Promise<ModuleSource> | undefined): Promise<void> {
  const { glue, name } = variant;
  try {
    await glue.default({ module_or_path: (await (source ?? variant.defaultSource())) as Response });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // What the module asks for is not what the script has: they are no pair.
    if (cause instanceof WebAssembly.LinkError) {
      throw new TasktrailError(
        'TT_WASM_VERSION',
        `the WebAssembly module is not the one that the ${name} JavaScript of @tasktrail/wasm ${VERSION} was built with: ${reason}`,
        { cause },
      );
    }
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
  const kind = glue.variant();
  if (kind !== name) {
    throw new TasktrailError(
      'TT_WASM_VERSION',
      `the WebAssembly module is the ${kind} one, the JavaScript of @tasktrail/wasm wants the ${name} one`,
    );
  }
  if (started?.name !== 'full') started = variant;
}

/** Calls into whichever module there is; errors of the core come out as `TasktrailError`. */
export function call<T>(work: (module: SlimGlue) => T): T {
  return run(() => work(ready().glue));
}

/** Calls into the full module. */
export function callFull<T>(work: (module: FullGlue) => T): T {
  return run(() => {
    const variant = ready();
    if (variant.name === 'full') return work(variant.glue);
    throw new TasktrailError(
      'TT_WASM_NOT_INITIALISED',
      'only the slim module is loaded, which has the Task History alone: call `await init()` of @tasktrail/wasm first',
    );
  });
}

/** Whether the full module is there and works. */
export function hasFull(): boolean {
  return started?.name === 'full' && trapped === undefined;
}

function ready(): Variant {
  if (trapped) throw trapped;
  if (started) return started;
  throw new TasktrailError('TT_WASM_NOT_INITIALISED', '@tasktrail/wasm is not loaded yet: call `await init()` first');
}

function run<T>(work: () => T): T {
  try {
    return work();
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
