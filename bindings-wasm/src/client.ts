import { TasktrailError } from './errors.js';
import type { FeedScope } from './feed.js';
import { FeedConnection, checkOptions, workspacesIn, type ClientSource, type SourceOptions } from './history-source.js';
import { LiveLink } from './live-link.js';
import { ProjectEvents, type EventListener } from './project-events.js';
import { Rest, type OwnRequestOptions, type RequestOptions } from './rest.js';
import { validateIfPossible } from './validate.js';
import {
  HEADERS,
  type AuditRecord,
  type EventAccepted,
  type HistoryQuery,
  type Page,
  type ProjectEvent,
} from './wire.js';

export { TasktrailError, type ClientErrorCode, type ErrorDetail, type ErrorMore } from './errors.js';
export type { ClientConnection, ClientSource, SourceOptions } from './history-source.js';
export type { EventListener, HeardEvent } from './project-events.js';
export type { RequestOptions } from './rest.js';
export type * from './source.js';
export type { AuditRecord, EventAccepted, EventData, EventType, HistoryQuery, Page, ProjectEvent } from './wire.js';

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
  /** Ends the client as `close()` does. */
  signal?: AbortSignal;
}

/** Talks to the API: reads and writes over REST, live updates over Socket.IO. Runs in browsers, extension hosts and Node. */
export class TasktrailClient {
  readonly #base: string;
  readonly #rest: Rest;
  readonly #link: LiveLink;
  readonly #closed = new AbortController();
  /** How to end what was opened and goes on by itself. */
  readonly #opened = new Set<() => void>();

  constructor(options: ClientOptions = {}) {
    this.#base = (options.baseUrl ?? '').replace(/\/+$/, '');
    const headers = { ...options.headers };
    for (const [name, value] of Object.entries(options.context ?? {})) {
      if (value) headers[HEADERS[name as keyof typeof HEADERS]] = value;
    }
    if (options.apiKey) headers['x-api-key'] = options.apiKey;
    const request: typeof fetch = options.fetch ?? ((...call) => fetch(...call));
    this.#rest = new Rest(this.#base, headers, request, this.#closed.signal);
    this.#link = new LiveLink(this.#base, options.apiKey);
    const { signal } = options;
    if (signal?.aborted) this.close();
    else signal?.addEventListener('abort', () => this.close(), { once: true, signal: this.#closed.signal });
  }

  /** One page of the audit history. */
  history(query: HistoryQuery = {}, options: RequestOptions = {}): Promise<Page> {
    return this.#rest.get('/api/audit-history', query, options);
  }

  /** One page of a workspace's history, runs that it launched elsewhere included. */
  workspaceHistory(
    workspaceId: string,
    query: Omit<HistoryQuery, 'workspaceId'> = {},
    options: RequestOptions = {},
  ): Promise<Page> {
    return this.#rest.get(`/api/audit-history/workspace/${encodeURIComponent(workspaceId)}`, query, options);
  }

  /** One record; null when there is none with this id. */
  async record(auditId: string, options: RequestOptions = {}): Promise<AuditRecord | null> {
    try {
      return await this.#rest.get<AuditRecord>(`/api/audit-history/${encodeURIComponent(auditId)}`, {}, options);
    } catch (fault) {
      if (fault instanceof TasktrailError && fault.code === 'TT_RECORD_NOT_FOUND') return null;
      throw fault;
    }
  }

  /**
   * Posts a progress event. Its `type` says which `data` it needs.
   *
   * Where the full module is loaded (`init()` of `@tasktrail/wasm`), the event is checked first and a wrong one never leaves; the slim
   * module and the client alone have no rules, and leave the check to the API. Either way a refusal is `TT_EVENT_INVALID`, with every fault in
   * `details`.
   *
   * Without an `eventId` it gets one. Give it one yourself where you may want to send it again, after an error that is `retryable` or an
   * answer that is not `durable`: it is recorded once.
   */
  async emit(event: ProjectEvent, options: RequestOptions = {}): Promise<EventAccepted> {
    const named = { eventId: crypto.randomUUID(), ...event };
    const verdict = validateIfPossible(named);
    if (verdict && !verdict.accepted)
      throw new TasktrailError(verdict.code, verdict.error, { details: verdict.details });
    return this.#rest.post('/api/events/project', named, options);
  }

  /**
   * The history of a workspace, or of several as one, as a source for `<task-history>`: what there was, then what comes, each record
   * once and without a hole. Workspaces share one live connection.
   */
  source(workspaces: string | readonly string[], options: SourceOptions = {}): ClientSource {
    const scopes = workspacesIn(workspaces).map((workspaceId) =>
      this.#scope(
        `workspace:${workspaceId}`,
        { workspaceId },
        `/api/audit-history/workspace/${encodeURIComponent(workspaceId)}`,
      ),
    );
    return this.#source(scopes, options);
  }

  /** The history of all workspaces, for who may read the whole trail. */
  sourceOfAll(options: SourceOptions = {}): ClientSource {
    return this.#source([this.#scope('all', { all: true }, '/api/audit-history')], options);
  }

  /** Listens to the progress events of projects, as `project.event` tells them, until the function that it returns is called. */
  onProjectEvents(projectNumbers: readonly number[], listener: EventListener): () => void {
    this.#closed.signal.throwIfAborted();
    const projects = [...new Set(projectNumbers)].map((number) => new ProjectEvents(number, this.#link, listener));
    const stop = (): void => {
      this.#opened.delete(stop);
      for (const project of projects) project.close();
    };
    this.#opened.add(stop);
    for (const project of projects) project.start();
    return stop;
  }

  /** Ends everything: requests fail with `TT_CLOSED`, sources and listeners say nothing any more, and no connection or timer is left. */
  close(): void {
    for (const end of [...this.#opened]) end();
    this.#closed.abort(new TasktrailError('TT_CLOSED', 'the client is closed'));
  }

  #source(scopes: FeedScope[], options: SourceOptions): ClientSource {
    checkOptions(options);
    return {
      connect: (listener) => {
        this.#closed.signal.throwIfAborted();
        return new FeedConnection(this.#base, scopes, this.#link, options, listener, this.#opened);
      },
    };
  }

  #scope(room: string, asked: object, path: string): FeedScope {
    return {
      room,
      asked,
      read: (query: HistoryQuery, options: OwnRequestOptions) => this.#rest.get<Page>(path, query, options),
      has: async (auditId, options) => (await this.record(auditId, options)) !== null,
    };
  }
}
