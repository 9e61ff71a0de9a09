import { TasktrailError, type ClientErrorCode } from './errors.js';

/** When an API that took the request but does not answer counts as away. */
const TIMEOUT_MS = 30_000;

/** What a request may carry. */
export interface RequestOptions {
  signal?: AbortSignal;
}

/** What a request of this package's own may carry beside that. */
export interface OwnRequestOptions extends RequestOptions {
  /** Hears the API's clock, milliseconds since 1970 in whole seconds. */
  onDate?: (date: number) => void;
}

/** Requests to the API: JSON there and back, and every failure a `TasktrailError`. */
export class Rest {
  readonly #base: string;
  readonly #headers: Record<string, string>;
  readonly #fetch: typeof fetch;
  readonly #closed: AbortSignal;

  constructor(base: string, headers: Record<string, string>, request: typeof fetch, closed: AbortSignal) {
    this.#base = base;
    this.#headers = headers;
    this.#fetch = request;
    this.#closed = closed;
  }

  get<T>(path: string, query: object, options: OwnRequestOptions): Promise<T> {
    return this.#request('GET', `${path}${search(query)}`, null, options);
  }

  post<T>(path: string, body: unknown, options: OwnRequestOptions): Promise<T> {
    return this.#request('POST', path, JSON.stringify(body), options);
  }

  async #request<T>(method: string, path: string, body: string | null, options: OwnRequestOptions): Promise<T> {
    const given = options.signal ? [this.#closed, options.signal] : [this.#closed];
    const throwIfAborted = (): void => given.forEach((signal) => signal.throwIfAborted());
    throwIfAborted();
    const late = AbortSignal.timeout(TIMEOUT_MS);
    let response: Response;
    let text: string;
    try {
      response = await this.#fetch(`${this.#base}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          ...(body === null ? {} : { 'content-type': 'application/json' }),
          ...this.#headers,
        },
        body,
        signal: AbortSignal.any([...given, late]),
        cache: 'no-store',
      });
      text = await response.text();
    } catch (cause) {
      throwIfAborted();
      const where = `the API${this.#base ? ` at ${this.#base}` : ''}`;
      throw new TasktrailError(
        'TT_API_UNAVAILABLE',
        late.aborted ? `${where} did not answer within ${TIMEOUT_MS / 1_000} s` : `${where} cannot be reached`,
        { retryable: true, cause },
      );
    }
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) options.onDate?.(date);
    const answer = objectIn(text);
    if (response.ok && answer) return answer as T;
    throw refusal(method, response, answer);
  }
}

/** The object that a text is the JSON of. A proxy's page has none. */
function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function refusal(method: string, response: Response, answer: Record<string, unknown> | undefined): TasktrailError {
  const { status } = response;
  const said = answer?.error && typeof answer.error === 'object' ? (answer.error as Record<string, unknown>) : answer;
  const message = [said?.message, said?.error].find((text) => typeof text === 'string' && text !== '');
  const text =
    (message as string | undefined) ?? `the API answered ${status}${answer ? '' : ' with something that is not JSON'}`;
  return new TasktrailError(codeOf(method, status, said), text, {
    field: (said?.field ?? said?.parameter) as string | undefined,
    retryable: status >= 500 || status === 429 || !answer,
    retryAfterMs: retryAfter(response, said),
    details: Array.isArray(said?.details) ? (said.details as never) : [],
  });
}

function codeOf(method: string, status: number, said: Record<string, unknown> | undefined): ClientErrorCode {
  if (typeof said?.code === 'string' && said.code.startsWith('TT_')) return said.code as ClientErrorCode;
  if (status === 401 || status === 403) return method === 'GET' ? 'TT_READ_FORBIDDEN' : 'TT_EVENT_FORBIDDEN';
  if (status === 404) return 'TT_API_NOT_FOUND';
  if (status === 429) return 'TT_RATE_LIMITED';
  return status >= 500 || !said ? 'TT_API_UNAVAILABLE' : 'TT_API_REFUSED';
}

/** How long the API wants to be left alone. A page of another origin cannot read the header, so the body has it too. */
function retryAfter(response: Response, said: Record<string, unknown> | undefined): number | undefined {
  const header = response.headers.get('retry-after');
  const seconds = Number(header ?? said?.retryAfter ?? NaN);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(header ?? '');
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function search(query: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null)
        parameters.append(name, one instanceof Date ? one.toISOString() : String(one));
    }
  }
  const text = parameters.toString();
  return text && `?${text}`;
}
