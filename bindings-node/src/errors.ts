import type { ErrorCode } from './wire';

/** Codes of this package beside those of the core. */
export type NodeErrorCode =
  | ErrorCode
  /** There is no addon for this platform, or its package is not installed. */
  | 'TT_ADDON_MISSING'
  /** The addon is there and cannot be used: it does not load, or is of another version than the package. */
  | 'TT_ADDON_FAILED';

/** One fault in a refused input: where, and what was wrong. */
export interface ErrorDetail {
  /** Path of the field, dotted: `data.filesChanged[2]`; empty for the input as a whole. */
  path: string;
  /** What was wrong and what is expected. */
  message: string;
}

/** Every error of this package: a stable `code`, a sentence for people, the field at fault, and whether a retry can help. */
export class TasktrailError extends Error {
  /** Stable and machine-readable (`TT_…`), the same in every language. */
  readonly code: NodeErrorCode;
  /** The field, parameter or option at fault, where there is one. */
  readonly field: string | undefined;
  /** Whether the same call can succeed later without a change. */
  readonly retryable: boolean;
  /** Every fault of a refused event. */
  readonly details: readonly ErrorDetail[];

  constructor(
    code: NodeErrorCode,
    message: string,
    more: { field?: string; retryable?: boolean; details?: readonly ErrorDetail[] } = {},
  ) {
    super(message);
    this.name = 'TasktrailError';
    this.code = code;
    this.field = more.field;
    this.retryable = more.retryable ?? false;
    this.details = more.details ?? [];
  }
}

/** The addon throws plain errors whose message is the core's error as JSON; anything else is a fault of the addon itself. */
export function fromNative(fault: unknown): Error {
  if (fault instanceof TasktrailError) return fault;
  const text = fault instanceof Error ? fault.message : String(fault);
  if (text.startsWith('{"code":"TT_')) {
    try {
      const { code, message, field, retryable, details } = JSON.parse(text);
      const error = new TasktrailError(code, message, { field, retryable, details });
      // The frames below this one belong to the wrapper, not to the caller.
      Error.captureStackTrace?.(error, fromNative);
      return error;
    } catch {
      // Not JSON after all: fall through.
    }
  }
  // Arguments of the wrong type, which the addon refuses before it does anything.
  if (fault instanceof TypeError || (fault as { code?: string } | null)?.code?.endsWith('Expected'))
    return fault as Error;
  return new TasktrailError('TT_PANIC', `a fault inside Tasktrail was contained; please report it: ${text}`);
}

/** Runs a synchronous call into the addon. */
export function sync<T>(call: () => T): T {
  try {
    return call();
  } catch (fault) {
    throw fromNative(fault);
  }
}

/** Awaits an asynchronous call into the addon. */
export async function asynchronous<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (fault) {
    throw fromNative(fault);
  }
}
