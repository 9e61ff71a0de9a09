import { io, type Socket } from 'socket.io-client';
import { TasktrailError, type ClientErrorCode } from './errors.js';
import type { Connection, ConnectionState, HistoryConnection, HistoryListener, HistorySource } from './source.js';
import {
  HEADERS,
  type AuditRecord,
  type EventAccepted,
  type HistoryQuery,
  type Page,
  type ProjectEvent,
} from './wire.js';

export { TasktrailError, type ClientErrorCode, type ErrorDetail, type ErrorMore } from './errors.js';
export type * from './source.js';
export type { AuditRecord, EventAccepted, HistoryQuery, Page, ProjectEvent } from './wire.js';

/** Who works where: sent as headers with every request. */
export type ClientContext = Partial<Record<keyof typeof HEADERS, string>>;

/** How a client reaches the API. */
export interface ClientOptions {
  /** Address of the API without `/api`, for example `http://localhost:8167`; empty for the page's own origin. */
  baseUrl?: string;
  /** API key, sent as `X-Api-Key`. */
  apiKey?: string;
  /** Who works where. */
  context?: ClientContext;
  /** Headers beside those. */
  headers?: Record<string, string>;
  /** Instead of the global `fetch`. */
  fetch?: typeof fetch;
}

/** What a request may carry. */
export interface RequestOptions {
  signal?: AbortSignal;
}

/** How much a source fetches. */
export interface SourceOptions {
  /** Records of the past that are fetched; 500 when absent. */
  capacity?: number;
}

const PAGE = 200;
const CAPACITY = 500;
const ANSWER_TIMEOUT_MS = 10_000;
/** When the socket takes longer, the past is shown before the present is joined, and fetched again then. */
const PATIENCE_MS = 2_500;
const RETRY_MS = { first: 500, most: 15_000 };

/** Talks to the API: reads and writes over REST, live updates over Socket.IO. Runs in browsers, extension hosts and Node. */
export class TasktrailClient {
  readonly #base: string;
  readonly #apiKey: string | undefined;
  readonly #headers: Record<string, string>;
  readonly #fetch: typeof fetch;

  constructor(options: ClientOptions = {}) {
    this.#base = (options.baseUrl ?? '').replace(/\/+$/, '');
    this.#apiKey = options.apiKey;
    this.#headers = { ...options.headers };
    for (const [name, value] of Object.entries(options.context ?? {})) {
      if (value) this.#headers[HEADERS[name as keyof typeof HEADERS]] = value;
    }
    if (options.apiKey) this.#headers['x-api-key'] = options.apiKey;
    this.#fetch = options.fetch ?? ((...request) => fetch(...request));
  }

  /** One page of the audit history. */
  history(query: HistoryQuery = {}, options: RequestOptions = {}): Promise<Page> {
    return this.#request('GET', `/api/audit-history${search(query)}`, undefined, options);
  }

  /** One page of a workspace's history, runs that it launched elsewhere included. */
  workspaceHistory(
    workspaceId: string,
    query: Omit<HistoryQuery, 'workspaceId'> = {},
    options: RequestOptions & { onDate?: (date: number) => void } = {},
  ): Promise<Page> {
    return this.#request(
      'GET',
      `/api/audit-history/workspace/${encodeURIComponent(workspaceId)}${search(query)}`,
      undefined,
      options,
    );
  }

  /** One record; null when there is none with this id. */
  async record(auditId: string, options: RequestOptions = {}): Promise<AuditRecord | null> {
    try {
      return await this.#request<AuditRecord>(
        'GET',
        `/api/audit-history/${encodeURIComponent(auditId)}`,
        undefined,
        options,
      );
    } catch (fault) {
      if (fault instanceof TasktrailError && fault.code === 'TT_RECORD_NOT_FOUND') return null;
      throw fault;
    }
  }

  /** Posts a progress event. Without an `eventId` it gets one, so that sending it again does no harm. */
  emit(event: ProjectEvent, options: RequestOptions = {}): Promise<EventAccepted> {
    return this.#request('POST', '/api/events/project', { eventId: crypto.randomUUID(), ...event }, options);
  }

  /** A workspace's history as a source for `<task-history>`: what there was, then what comes, without a hole. */
  source(workspaceId: string, options: SourceOptions = {}): HistorySource {
    return {
      connect: (listener) =>
        new WorkspaceFeed(this, this.#socket(), workspaceId, options.capacity ?? CAPACITY, listener),
    };
  }

  #socket(): Socket {
    const options = {
      path: '/orchestration',
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      forceNew: true,
      autoConnect: false,
      reconnectionDelay: RETRY_MS.first,
      reconnectionDelayMax: RETRY_MS.most,
      auth: this.#apiKey ? { apiKey: this.#apiKey } : {},
    };
    // The API may lie under a path; the socket is always at its root.
    return this.#base ? io(new URL(this.#base, globalThis.location?.href).origin, options) : io(options);
  }

  async #request<T>(
    method: string,
    path: string,
    body: unknown,
    options: RequestOptions & { onDate?: (date: number) => void },
  ): Promise<T> {
    let response: Response;
    try {
      response = await this.#fetch(`${this.#base}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...this.#headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: options.signal ?? null,
        cache: 'no-store',
      });
    } catch (cause) {
      options.signal?.throwIfAborted();
      throw new TasktrailError(
        'TT_API_UNAVAILABLE',
        `the API${this.#base ? ` at ${this.#base}` : ''} cannot be reached`,
        {
          retryable: true,
          cause,
        },
      );
    }
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) options.onDate?.(date);
    const text = await response.text();
    let answer: Record<string, unknown> | undefined;
    try {
      answer = JSON.parse(text);
    } catch {
      // A proxy's page, not the API's answer: told below.
    }
    if (response.ok && answer) return answer as T;
    throw refusal(response, answer);
  }
}

function refusal(response: Response, answer: Record<string, unknown> | undefined): TasktrailError {
  const { status } = response;
  const said = answer?.error && typeof answer.error === 'object' ? (answer.error as Record<string, unknown>) : answer;
  const message = [said?.message, said?.error].find((text) => typeof text === 'string' && text !== '');
  const text =
    (message as string | undefined) ?? `the API answered ${status}${answer ? '' : ' with something that is not JSON'}`;
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  const more = {
    field: (said?.field ?? said?.parameter) as string | undefined,
    retryable: status >= 500 || status === 429 || !answer,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
    details: Array.isArray(said?.details) ? (said.details as never) : [],
  };
  const code =
    typeof said?.code === 'string' && said.code.startsWith('TT_') ? (said.code as ClientErrorCode) : undefined;
  if (code) return new TasktrailError(code, text, more);
  if (status === 401 || status === 403) return new TasktrailError('TT_READ_FORBIDDEN', text, more);
  if (status === 429) return new TasktrailError('TT_RATE_LIMITED', text, more);
  return new TasktrailError(status >= 500 || !answer ? 'TT_API_UNAVAILABLE' : 'TT_API_REFUSED', text, more);
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

interface Subscribed {
  ok?: boolean;
  epoch?: string;
  /** Number of the next entry to come. */
  seq?: number;
  missed?: boolean;
  error?: { code?: ClientErrorCode; message?: string };
}

interface Batch {
  room: string;
  epoch: string;
  /** Number of the first entry. */
  seq: number;
  entries: AuditRecord[];
}

/**
 * A workspace's past and present, joined.
 *
 * It subscribes first and fetches the past after that, so that nothing falls between the two; what comes twice has the same
 * `audit_id`. What the server's ring no longer holds after a gap, a restart or a lost connection is fetched as the past is: the newest
 * records are all that a history keeps, so they are all that it can have missed.
 */
class WorkspaceFeed implements HistoryConnection {
  readonly #client: TasktrailClient;
  readonly #socket: Socket;
  readonly #workspaceId: string;
  readonly #room: string;
  readonly #capacity: number;
  readonly #listener: HistoryListener;
  readonly #closed = new AbortController();
  #connection: Connection = { state: 'connecting', since: Date.now() };
  #position: { epoch: string; next: number } | undefined;
  #joined = false;
  #complete = false;
  #ready = false;
  #fetching = false;
  #fetchAgain = false;
  #attempt = 0;
  #patience: ReturnType<typeof setTimeout> | undefined;
  readonly #retries = new Map<'join' | 'fetch', ReturnType<typeof setTimeout>>();

  constructor(
    client: TasktrailClient,
    socket: Socket,
    workspaceId: string,
    capacity: number,
    listener: HistoryListener,
  ) {
    this.#client = client;
    this.#socket = socket;
    this.#workspaceId = workspaceId;
    this.#room = `workspace:${workspaceId}`;
    this.#capacity = capacity;
    this.#listener = listener;
    listener.connection(this.#connection);
    socket.on('connect', () => void this.#join());
    socket.on('disconnect', (reason) => {
      this.#joined = false;
      this.#say('offline');
      // Sent away by the server: Socket.IO does not come back from that by itself.
      if (reason === 'io server disconnect') this.#later('join', () => socket.connect());
    });
    socket.on('connect_error', (fault) => {
      const data = (fault as { data?: { code?: ClientErrorCode; message?: string } }).data;
      const error = new TasktrailError(
        data?.code ?? 'TT_API_UNAVAILABLE',
        data?.message ?? 'live updates cannot be reached',
        { retryable: true, cause: fault },
      );
      this.#say('offline', error);
      // Refused by the server: as above.
      if (!socket.active) this.#later('join', () => socket.connect());
      if (!this.#ready) this.#fetch();
    });
    socket.on('task.history', (batch: Batch) => this.#take(batch));
    socket.on('lagged', (lag: { room?: string }) => {
      if (lag?.room === undefined || lag.room === this.#room) this.#fetch();
    });
    socket.connect();
    this.#patience = setTimeout(() => this.#fetch(), PATIENCE_MS);
  }

  refresh(): void {
    this.#attempt = 0;
    if (!this.#socket.connected) this.#socket.connect();
    this.#fetch();
  }

  close(): void {
    this.#closed.abort();
    clearTimeout(this.#patience);
    for (const retry of this.#retries.values()) clearTimeout(retry);
    this.#socket.removeAllListeners();
    this.#socket.disconnect();
  }

  async #join(): Promise<void> {
    const before = this.#position;
    if (this.#ready) this.#say('catching-up');
    // `after` is the last entry seen; without one, everything that the ring holds, because the store may not have it yet.
    const after = before ? { epoch: before.epoch, seq: before.next - 1 } : 'ring';
    let answer: Subscribed;
    try {
      answer = await this.#socket
        .timeout(ANSWER_TIMEOUT_MS)
        .emitWithAck('subscribe', { workspaceId: this.#workspaceId, after });
    } catch {
      answer = {
        ok: false,
        error: { code: 'TT_API_UNAVAILABLE', message: 'the server did not answer the subscription' },
      };
    }
    if (this.#closed.signal.aborted || !this.#socket.connected) return;
    if (answer?.ok !== true) {
      const { code, message } = answer?.error ?? {};
      this.#say(
        'offline',
        new TasktrailError(code ?? 'TT_API_UNAVAILABLE', message ?? 'the subscription was refused', {
          retryable: true,
        }),
      );
      this.#later('join', () => void (this.#socket.connected && this.#join()));
      if (!this.#ready) this.#fetch();
      return;
    }
    clearTimeout(this.#patience);
    this.#joined = true;
    const { epoch, seq, missed } = answer;
    if (epoch !== undefined && seq !== undefined && this.#position?.epoch !== epoch)
      this.#position = { epoch, next: seq };
    if (!this.#complete || missed !== false || before?.epoch !== epoch) this.#fetch();
    else this.#say('live');
  }

  #take(batch: Batch): void {
    if (batch?.room !== this.#room || !Array.isArray(batch.entries)) return;
    this.#listener.records(batch.entries);
    const next = batch.seq + batch.entries.length;
    const known = this.#position;
    if (!known || known.epoch !== batch.epoch) {
      this.#position = { epoch: batch.epoch, next };
      if (known) this.#fetch();
      return;
    }
    if (batch.seq > known.next) this.#fetch();
    known.next = Math.max(known.next, next);
  }

  /** Fetches the newest records; a call while it does so makes it do it once more. */
  #fetch(): void {
    if (this.#closed.signal.aborted) return;
    if (this.#fetching) {
      this.#fetchAgain = true;
      return;
    }
    this.#fetching = true;
    this.#complete = false;
    if (this.#joined && this.#ready) this.#say('catching-up');
    const joined = this.#joined;
    void this.#pages().then(
      () => this.#fetched(joined),
      (fault: unknown) => this.#failed(fault),
    );
  }

  async #pages(): Promise<void> {
    const { signal } = this.#closed;
    let cursor: string | undefined;
    for (let count = 0; count < this.#capacity;) {
      const sent = Date.now();
      const page = await this.#client.workspaceHistory(
        this.#workspaceId,
        { limit: Math.min(PAGE, this.#capacity - count), ...(cursor ? { cursor } : {}) },
        { signal, onDate: (date) => this.#clock(date, sent) },
      );
      signal.throwIfAborted();
      if (!Array.isArray(page.items))
        throw new TasktrailError('TT_API_UNAVAILABLE', 'the API answered with no page of records');
      this.#listener.records(page.items);
      count += page.items.length;
      cursor = page.nextCursor ?? undefined;
      if (!cursor || page.items.length === 0) return;
    }
  }

  #fetched(joined: boolean): void {
    this.#fetching = false;
    if (this.#fetchAgain) {
      this.#fetchAgain = false;
      this.#fetch();
      return;
    }
    this.#attempt = 0;
    this.#complete = joined;
    if (!this.#ready) {
      this.#ready = true;
      this.#listener.ready();
    }
    if (this.#joined && joined) this.#say('live');
  }

  #failed(fault: unknown): void {
    this.#fetching = false;
    this.#fetchAgain = false;
    if (this.#closed.signal.aborted) return;
    const error =
      fault instanceof TasktrailError
        ? fault
        : new TasktrailError('TT_API_UNAVAILABLE', String(fault), { cause: fault });
    this.#say(this.#joined ? 'catching-up' : 'offline', error);
    this.#later('fetch', () => this.#fetch(), error.retryAfterMs);
  }

  /** Tries once more, later and later: exponential, with full jitter above the first delay. */
  #later(what: 'join' | 'fetch', work: () => void, atLeastMs = 0): void {
    const most = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** this.#attempt++);
    const delay = Math.max(atLeastMs, RETRY_MS.first + Math.random() * most);
    clearTimeout(this.#retries.get(what));
    this.#retries.set(what, setTimeout(work, delay));
  }

  #say(state: ConnectionState, error?: TasktrailError): void {
    if (this.#closed.signal.aborted) return;
    const same = this.#connection.state === state;
    if (same && this.#connection.error === error) return;
    this.#connection = { state, since: same ? this.#connection.since : Date.now(), ...(error ? { error } : {}) };
    this.#listener.connection(this.#connection);
  }

  #clock(date: number, sent: number): void {
    // The header has whole seconds: half of one is its mean error, and the way there and back lies between.
    const offset = date + 500 - (sent + Date.now()) / 2;
    this.#listener.clock?.(Math.abs(offset) < 2_000 ? 0 : offset);
  }
}
