import { TasktrailError, type ErrorDetail } from '@tasktrail/node';
import type { TasktrailError as ClientError } from '@tasktrail/wasm/client';

/** Why a tool did not do what it was asked: what the model is told, and what is recorded. */
export class ToolFailure extends Error {
  /** Stable and machine-readable, as everywhere in Tasktrail, or the API's own. */
  readonly code: string;
  /** Whether the same call can succeed later without a change. */
  readonly retryable: boolean;
  /** Each fault, by the argument that has it. */
  readonly details: readonly ErrorDetail[];
  /** The API's answer, where there was one. */
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    more: {
      retryable?: boolean;
      details?: readonly ErrorDetail[];
      status?: number;
      retryAfterMs?: number | undefined;
    } = {},
  ) {
    super(message);
    this.name = 'ToolFailure';
    this.code = code;
    this.retryable = more.retryable ?? false;
    this.details = more.details ?? [];
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
  }

  static from(fault: unknown): ToolFailure {
    if (fault instanceof ToolFailure) return fault;
    if (fault instanceof TasktrailError || isOfClient(fault)) return new ToolFailure(fault.code, fault.message, fault);
    return new ToolFailure(
      'TT_INTERNAL',
      `the server failed: ${fault instanceof Error ? fault.message : String(fault)}`,
    );
  }

  /** For a model: what is wrong, where, and what to do. */
  get text(): string {
    const faults = this.details.map(({ path, message }) => `- ${path || 'arguments'}: ${message}`);
    const advice = this.retryable
      ? `Nothing is wrong with the call itself; try again ${this.retryAfterMs ? `in ${Math.ceil(this.retryAfterMs / 1_000)} s` : 'later'}.`
      : faults.length > 0
        ? 'Correct these and call the tool again.'
        : undefined;
    return [`${this.code}: ${this.message}`, ...faults, advice].filter(Boolean).join('\n');
  }

  toJSON(): object {
    const { code, message, retryable, details, status, retryAfterMs } = this;
    return { code, message, retryable, details, status, retryAfterMs };
  }
}

/** The client's own class is not loaded until somebody reads. */
function isOfClient(fault: unknown): fault is ClientError {
  return fault instanceof Error && fault.name === 'TasktrailError';
}
