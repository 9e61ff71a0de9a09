import { HEADERS } from '@tasktrail/node';
import type { TasktrailClient } from '@tasktrail/wasm/client';
import type { Call } from './call.js';
import { CONTEXT_FIELDS } from './context.js';
import { ToolFailure } from './failure.js';
import { isHeader } from './trace.js';

/** Longest path that an API has to take as a header. */
const MAX_HEADER = 4_096;
const MAX_SAID = 500;

export interface ApiSettings {
  url: string;
  key: string | undefined;
  timeoutMs: number;
}

/** The API's own operations, each with the context of the call that asks for it, and none waited for without end. */
export class Api {
  readonly #settings: ApiSettings;

  constructor(settings: ApiSettings) {
    this.#settings = settings;
  }

  /** The audit history, through the client that all readers use. */
  async history<T>(call: Call, read: (client: TasktrailClient, signal: AbortSignal) => Promise<T>): Promise<T> {
    const { url, key } = this.#settings;
    // An agent that only reports starts without it.
    const { TasktrailClient } = await import('@tasktrail/wasm/client');
    const client = new TasktrailClient({ baseUrl: url, headers: headersOf(call), ...(key && { apiKey: key }) });
    const late = this.#deadline();
    try {
      return await read(client, AbortSignal.any([late, call.signal]));
    } catch (fault) {
      if (call.signal.aborted) throw cancelled();
      if (late.aborted) throw this.#away('did not answer', fault);
      throw fault;
    } finally {
      client.close();
    }
  }

  /**
   * One request. It is never sent again by itself: the API would do a thing twice whose answer was lost.
   *
   * @returns what the API answered; an empty object where it says nothing.
   */
  async request(call: Call, method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const { url, key } = this.#settings;
    const late = this.#deadline();
    let response: Response;
    let text: string;
    try {
      response = await fetch(url + path, {
        method,
        headers: {
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json' }),
          ...(key && { 'x-api-key': key }),
          ...headersOf(call),
        },
        ...(body && { body: JSON.stringify(body) }),
        // The key is for this API and for nobody to whom it points.
        redirect: 'error',
        signal: AbortSignal.any([late, call.signal]),
      });
      text = await response.text();
    } catch (fault) {
      if (call.signal.aborted) throw cancelled();
      throw this.#away(late.aborted ? 'did not answer' : 'cannot be reached', fault, method !== 'GET' && late.aborted);
    }
    const answer = objectIn(text);
    if (response.ok && (answer || text === '')) return answer ?? {};
    throw refusal(response, answer);
  }

  #deadline(): AbortSignal {
    return AbortSignal.timeout(this.#settings.timeoutMs);
  }

  #away(what: string, fault: unknown, maybeDone = false): ToolFailure {
    const { url, timeoutMs } = this.#settings;
    const within = what === 'did not answer' ? ` within ${timeoutMs} ms` : '';
    const cause = fault instanceof Error ? (fault.cause as NodeJS.ErrnoException | undefined) : undefined;
    const why = cause?.code ? ` (${cause.code})` : '';
    const done = maybeDone ? '; it may have done what it was asked all the same, so look before asking again' : '';
    return new ToolFailure('TT_API_UNAVAILABLE', `the API at ${new URL(url).origin} ${what}${within}${why}${done}`, {
      retryable: !maybeDone,
    });
  }
}

function cancelled(): ToolFailure {
  return new ToolFailure(
    'TT_CALL_CANCELLED',
    'the call was given up by its client; it may have done what it was asked all the same',
  );
}

/** Context, trace and id of a call as headers. What no header can hold (a path with other letters than ASCII's) stays out. */
function headersOf(call: Call): Record<string, string> {
  const headers: Record<string, string> = {
    ...call.trace,
    [HEADERS.requestId]: call.requestId,
    'user-agent': call.userAgent,
  };
  for (const field of CONTEXT_FIELDS) {
    const value = call.context[field];
    if (value !== undefined && isHeader(value, MAX_HEADER)) headers[HEADERS[field]] = value;
  }
  return headers;
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function refusal(response: Response, answer: Record<string, unknown> | undefined): ToolFailure {
  const { status } = response;
  // A validation says each fault, anything else one sentence.
  const messages = [answer?.message ?? answer?.error].flat().filter((text) => typeof text === 'string');
  const message = messages.join('; ') || 'something that says nothing of why';
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return new ToolFailure(codeOf(status, answer), `the API answered ${status}: ${message.slice(0, MAX_SAID)}`, {
    status,
    retryable: status >= 500 || status === 429 || !answer,
    retryAfterMs: Number.isFinite(seconds) ? Math.max(0, seconds * 1_000) : undefined,
  });
}

function codeOf(status: number, answer: Record<string, unknown> | undefined): string {
  if (typeof answer?.code === 'string') return answer.code;
  if (status === 429) return 'TT_RATE_LIMITED';
  return status >= 500 || !answer ? 'TT_API_UNAVAILABLE' : 'TT_API_REFUSED';
}
