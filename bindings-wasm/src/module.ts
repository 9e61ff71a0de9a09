import type * as fullGlue from '../pkg/web/tasktrail_wasm.js';
import type * as slimGlue from '../pkg/slim/tasktrail_wasm.js';
import { TasktrailError } from './errors.js';
import { VERSION } from './version.js';

/** Where the WebAssembly module comes from: an address, a response, its bytes, or the compiled module. */
export type ModuleSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;

/** Loads a module. */
export type Init = (source?: ModuleSource | Promise<ModuleSource>) => Promise<void>;

type FullGlue = typeof fullGlue;
type SlimGlue = typeof slimGlue;

/** A history inside an instance. */
export type Handle = slimGlue.TaskHistory;

/** One of the modules: all that the core knows, or the Task History alone. */
type Variant =
  | { name: 'full'; glue: FullGlue; defaultSource: () => Promise<ModuleSource> }
  | { name: 'slim'; glue: SlimGlue; defaultSource: () => Promise<ModuleSource> };

/** The running instance of a module. One that trapped is replaced before it is used again: its memory cannot be trusted. */
class Instance<Glue extends SlimGlue> {
  readonly #glue: Glue;
  #trapped: TasktrailError | undefined;
  #generation = 0;

  constructor(glue: Glue) {
    this.#glue = glue;
  }

  /** How often it was replaced: what lived in an earlier one is gone. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether what lived in it at that generation is still there. */
  holds(generation: number): boolean {
    return !this.#trapped && generation === this.#generation;
  }

  /** Calls into it; errors of the core come out as `TasktrailError`. */
  run<T>(work: (module: Glue) => T): T {
    this.replaceTrapped();
    try {
      return work(this.#glue);
    } catch (fault) {
      throw this.#translated(fault);
    }
  }

  replaceTrapped(): void {
    if (!this.#trapped) return;
    try {
      this.#glue.__wbg_reset_state();
    } catch (cause) {
      throw trap('and cannot be started anew now', cause);
    }
    this.#trapped = undefined;
    this.#generation++;
  }

  #translated(fault: unknown): unknown {
    if (typeof fault === 'string') {
      const { code, message, ...more } = JSON.parse(fault);
      return new TasktrailError(code, message, more);
    }
    // A stack that overflows inside the module leaves it as broken as a trap does.
    if (fault instanceof WebAssembly.RuntimeError || fault instanceof RangeError) {
      this.#trapped = trap('and is started anew for the next call', fault);
      return this.#trapped;
    }
    return fault;
  }
}

function trap(outcome: string, cause: unknown): TasktrailError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TasktrailError('TT_WASM_TRAPPED', `@tasktrail/wasm ran into a fault ${outcome}: ${reason}`, {
    retryable: true,
    cause,
  });
}

const starting = new Map<Variant['name'], Promise<void>>();
let fullInstance: Instance<FullGlue> | undefined;
let slimInstance: Instance<SlimGlue> | undefined;

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
  if (variant.name === 'full') fullInstance = new Instance(variant.glue);
  else slimInstance = new Instance(variant.glue);
}

/** Whichever module there is. */
export function instance(): Instance<SlimGlue> {
  const running: Instance<SlimGlue> | undefined = fullInstance ?? slimInstance;
  if (running) return running;
  throw new TasktrailError('TT_WASM_NOT_INITIALISED', '@tasktrail/wasm is not loaded yet: call `await init()` first');
}

/** Calls into the full module. */
export function callFull<T>(work: (module: FullGlue) => T): T {
  return full().run(work);
}

/** The full module. */
export function full(): Instance<FullGlue> {
  if (fullInstance) return fullInstance;
  instance();
  throw new TasktrailError(
    'TT_WASM_NOT_INITIALISED',
    'only the slim module is loaded, which has the Task History alone: call `await init()` of @tasktrail/wasm first',
  );
}

/** Whether the full module is there. */
export function hasFull(): boolean {
  return fullInstance !== undefined;
}
