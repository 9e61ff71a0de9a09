import type { ErrorCode } from './wire.js';

/** Codes of this package beside those of the core. */
export type ClientErrorCode =
  | ErrorCode
  /** A call came before `init()` was done. */
  | 'TT_WASM_NOT_INITIALISED'
  /** The WebAssembly module cannot be loaded. */
  | 'TT_WASM_LOAD_FAILED'
  /** The WebAssembly module and the JavaScript around it are not a pair: of different versions, or one full and one slim. */
  | 'TT_WASM_VERSION'
  /** The slim entry does not have this; the full one does. */
  | 'TT_WASM_SLIM'
  /** The module ran into a fault and can do no more work. */
  | 'TT_WASM_TRAPPED'
  /** The API cannot be reached or its answer is none of Tasktrail's. */
  | 'TT_API_UNAVAILABLE'
  /** The API's answer to a refused request carried a code of the host's own; it is in the message. */
  | 'TT_API_REFUSED'
  /** There is an API at this address, but no audit trail in it. */
  | 'TT_API_NOT_FOUND'
  /** The API does not let this client read. */
  | 'TT_READ_FORBIDDEN'
  /** The API takes no events from this client. */
  | 'TT_EVENT_FORBIDDEN'
  /** Too many requests; wait. */
  | 'TT_RATE_LIMITED';

/** One fault in a refused input: where, and what was wrong. */
export interface ErrorDetail {
  /** Path of the field, dotted: `data.filesChanged[2]`; empty for the input as a whole. */
  path: string;
  /** What was wrong and what is expected. */
  message: string;
}

/** What an error may carry beside its code and message. */
export interface ErrorMore {
  field?: string;
  retryable?: boolean;
  details?: readonly ErrorDetail[];
  /** Milliseconds to wait before the next try, where the API said. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** Every error of this package: a stable `code`, a sentence for people, the field at fault, and whether a retry can help. */
export class TasktrailError extends Error {
  /** Stable and machine-readable (`TT_…`), the same in every language. */
  readonly code: ClientErrorCode;
  /** The field, parameter or option at fault, where there is one. */
  readonly field: string | undefined;
  /** Whether the same call can succeed later without a change. */
  readonly retryable: boolean;
  /** Every fault of a refused event. */
  readonly details: readonly ErrorDetail[];
  /** Milliseconds to wait before the next try, where the API said. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ClientErrorCode, message: string, more: ErrorMore = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'TasktrailError';
    this.code = code;
    this.field = more.field;
    this.retryable = more.retryable ?? false;
    this.details = more.details ?? [];
    this.retryAfterMs = more.retryAfterMs;
  }
}
