import type { Call as RecordedCall, Trail } from '@tasktrail/node';
import type { Call } from './call.js';
import type { ToolFailure } from './failure.js';
import type { Log } from './log.js';
import type { Arguments } from './tools/tool.js';

/** What the history shows as a refused event, however it came. */
const REFUSED_EVENTS: ReadonlySet<string> = new Set(['TT_EVENT_INVALID', 'TT_EVENT_TOO_LARGE']);

/** A tool's call that failed. */
export interface FailedCall {
  tool: string;
  args: Arguments;
  /** What of the arguments says where and for whom it was: an event's data, for example. */
  about: Arguments;
  failure: ToolFailure;
  startedAt: number;
  durationMs: number;
}

/**
 * Records that a tool failed, whose protocol knows only that it was answered. Successes need no record of this server: an event is
 * its own, and the API has one of each call that changed something (docs/decisions/0028).
 */
export class Outcomes {
  readonly #trail: Trail;
  readonly #apiKey: string | undefined;
  readonly #log: Log;

  constructor(trail: Trail, apiKey: string | undefined, log: Log) {
    this.#trail = trail;
    this.#apiKey = apiKey;
    this.#log = log;
  }

  /** Resolves once the record is safe, or cannot be made so; the tool's answer is the same either way. */
  async failed(failed: FailedCall, call: Call): Promise<void> {
    const { tool, failure } = failed;
    try {
      await this.#trail.recordDurable(this.#describe(failed, call));
    } catch (fault) {
      this.#log('warn', 'the failure of a tool could not be recorded', {
        tool,
        code: failure.code,
        cause: (fault as Error).message,
      });
    }
  }

  #describe({ tool, args, about, failure, startedAt, durationMs }: FailedCall, call: Call): RecordedCall {
    const { code, message, retryable, details, status } = failure;
    const isRefusedEvent = REFUSED_EVENTS.has(code);
    return {
      ...call.context,
      ...whole(about, 'projectNumber'),
      ...whole(about, 'phaseNumber'),
      ...text(about, 'workItemId'),
      ...text(about, 'taskId'),
      method: 'POST',
      path: isRefusedEvent ? '/api/events/project' : `/mcp/tools/${tool}`,
      operation: isRefusedEvent ? 'event.posted' : 'tool.failed',
      // The protocol answered; that the tool did not is the error.
      status: isRefusedEvent ? (code === 'TT_EVENT_INVALID' ? 400 : 413) : 200,
      error: { code, message },
      target: { type: 'tool', id: tool },
      channel: 'mcp',
      timestamp: startedAt,
      durationMs,
      requestId: call.requestId,
      traceparent: call.trace.traceparent,
      userAgent: call.userAgent,
      ...(this.#apiKey && { apiKey: this.#apiKey }),
      body: args,
      metadata: {
        tool,
        retryable,
        ...(details.length > 0 && { details }),
        ...(status !== undefined && { apiStatus: status }),
      },
    };
  }
}

/** A field that a record can hold; an argument may be anything. */
function whole(args: Arguments, field: 'projectNumber' | 'phaseNumber'): Partial<RecordedCall> {
  const value = args[field];
  return Number.isSafeInteger(value) && (value as number) >= 0 ? { [field]: value } : {};
}

function text(args: Arguments, field: 'workItemId' | 'taskId'): Partial<RecordedCall> {
  const value = args[field];
  return typeof value === 'string' || typeof value === 'number' ? { [field]: String(value) } : {};
}
