import { callContext, type CallContext } from './context';
import { asynchronous, fromNative, sync } from './errors';
import { drainAtExit, drained, type Drainable } from './exit';
import { ExportText, type ExportFormat } from './export';
import { native, type Native } from './native';
import { Subscription, type After, type Scope } from './live';
import { Together, type LateCall } from './together';
import type {
  AuditRecord,
  Call,
  DurableReceipt,
  EventAccepted,
  HistoryQuery,
  Ingested,
  LiveBatch,
  Page,
  ProjectEvent,
  Stats,
  TrailOptions,
} from './wire';

/** What an export gives: everything that matches. */
export type ExportQuery = Omit<HistoryQuery, 'limit' | 'offset'>;

/**
 * An open audit trail: records go in, pages and live batches come out.
 *
 * ```ts
 * const trail = await Trail.open('sqlite:audit.db');
 * trail.record({ method: 'POST', path: '/api/tasks', status: 201, workspaceId: 'ws_…' });
 * const page = await trail.query({ workspaceId: 'ws_…', limit: 20 });
 * await trail.close();
 * ```
 *
 * It does not keep the process alive. When the process exits, what is queued is written within two seconds.
 */
export class Trail implements AsyncDisposable {
  readonly #native: Native.NativeTrail;
  readonly #together: Together | undefined;
  readonly #drainable: Drainable;

  private constructor(trail: Native.NativeTrail, options: TrailOptions) {
    this.#native = trail;
    // The other modes promise what is on disk within a few milliseconds.
    this.#together = (options.mode ?? 'relaxed') === 'relaxed' ? new Together(trail) : undefined;
    this.#drainable = {
      closeBlocking: (ms) => {
        this.#together?.run();
        trail.closeBlocking(ms);
      },
    };
    drainAtExit(this.#drainable);
  }

  /**
   * Opens a trail on a store: `memory:`, `sqlite:path/to/audit.db`, `mongodb://…/db`, `mongodb+srv://…/db`, or another
   * Tasktrail's API, `http://localhost:8167` (with the option `apiKey`).
   *
   * @throws TasktrailError `TT_URL_INVALID`, `TT_OPTIONS_INVALID`, `TT_STORE_PATH` (the path cannot be written),
   *   `TT_STORE_UNAVAILABLE` or `TT_STORE_TIMEOUT` (within `openTimeoutMs`), `TT_STORE_FAILED` (it does not know user or key).
   */
  static async open(url: string, options: TrailOptions = {}): Promise<Trail> {
    return new Trail(await asynchronous(() => native.NativeTrail.open(url, JSON.stringify(options))), options);
  }

  /**
   * Records one call: fire and forget. It is queued at once and written in the background; a store that is down never
   * shows here.
   *
   * @param call what is known about it; only `method` and `path` are required.
   * @param body the request body's raw bytes, or their beginning (say `bodyBytes` then); it is sanitized before it is kept.
   * @returns the record's id.
   * @throws TasktrailError `TT_CALL_INVALID` naming the field. A call on a closed trail is counted as dropped.
   */
  record(call: Call, body?: Uint8Array): string {
    // As `sync` does, without a closure for each call.
    try {
      return this.#native.record(JSON.stringify(call), body);
    } catch (fault) {
      throw fromNative(fault);
    }
  }

  /**
   * Records a call together with others: within 10 ms, sooner when 32 wait, and before anything that looks at what was recorded
   * ({@link Trail.flush}, {@link Trail.stats}, {@link Trail.close}, the end of the process). In the modes `durable` and `strict`
   * at once. For captures of a host's own: {@link Trail.record} costs a busy thread several times as much.
   */
  recordTogether(late: LateCall): void {
    if (this.#together) return this.#together.add(late);
    try {
      const told = late.tell();
      if (told) this.record(told.call, told.body);
    } catch (fault) {
      late.failed(fault);
    }
  }

  /**
   * The context of the call that is being handled, to be written to: what is put here goes onto that call's record.
   *
   * ```ts
   * trail.context().target = { type: 'order', id: order.id };
   * ```
   *
   * It is there while a host's capture (the NestJS module's, say) has the call in its hands, in whatever that calls and awaits;
   * elsewhere what is written is not looked at.
   */
  context(): CallContext {
    return callContext();
  }

  /**
   * Records one call as {@link Trail.record} does, at once, and resolves when its record is on disk or in the store.
   *
   * @throws TasktrailError `TT_CALL_INVALID` naming the field, `TT_AUDIT_UNRECORDED` when it could not be made safe within
   *   5 s (it may still be stored later), `TT_POISONED` or `TT_CLOSED`.
   */
  async recordDurable(call: Call, body?: Uint8Array): Promise<DurableReceipt> {
    return JSON.parse(await asynchronous(() => this.#native.recordDurable(JSON.stringify(call), body)));
  }

  /**
   * Whether a record that is taken now can be made safe: for hosts that would rather refuse a call than not record it.
   *
   * @throws TasktrailError `TT_AUDIT_UNAVAILABLE` when neither spool nor store takes writes, `TT_POISONED` or `TT_CLOSED`.
   */
  assertReady(): void {
    sync(() => this.#native.assertReady());
  }

  /**
   * Validates a progress event, records it and tells everybody who listens. Of much `task.progress` of one task, the first and the
   * newest of each second (`progressIntervalMs`); an answer with `coalesced` is to one that is kept back for so long.
   *
   * @param event the event, or its JSON text as it came.
   * @param context the HTTP call or agent that brought it.
   * @throws TasktrailError `TT_EVENT_INVALID` with all faults in `details`, `TT_EVENT_TOO_LARGE`, or `TT_CLOSED`.
   */
  async emit(event: ProjectEvent | string, context: Partial<Call> = {}): Promise<EventAccepted> {
    const text = typeof event === 'string' ? event : JSON.stringify(event);
    return JSON.parse(await asynchronous(() => this.#native.emit(text, JSON.stringify(context))));
  }

  /**
   * Takes records that another trail has made: what an API does with what reaches it from a trail that was opened on its URL.
   * Each keeps its id, so that sending again does no harm, and is cleaned by this trail's rules. Whoever may call this may
   * write records of anybody.
   *
   * @param delivery `{ records }`, or its JSON text as it came.
   * @throws TasktrailError `TT_RECORD_INVALID` for what is no delivery, `TT_DELIVERY_TOO_LARGE`, `TT_AUDIT_UNAVAILABLE` while
   *   neither store nor spool takes anything, or `TT_CLOSED`.
   */
  async ingest(delivery: { records: AuditRecord[] } | string): Promise<Ingested> {
    const text = typeof delivery === 'string' ? delivery : JSON.stringify(delivery);
    return JSON.parse(await asynchronous(() => this.#native.ingest(text)));
  }

  /**
   * One page of records.
   *
   * @throws TasktrailError `TT_QUERY_INVALID` naming the parameter, `TT_STORE_UNAVAILABLE` or `TT_STORE_TIMEOUT`.
   */
  async query(query: HistoryQuery = {}): Promise<Page> {
    return JSON.parse(await asynchronous(() => this.#native.query(JSON.stringify(query))));
  }

  /**
   * Every record that matches, in the query's order, however many there are. What is inserted or deleted meanwhile moves nothing.
   *
   * @param query without `limit` and `offset`; a cursor is where it goes on.
   * @throws TasktrailError as {@link Trail.query}.
   */
  async *export(query: ExportQuery = {}): AsyncGenerator<AuditRecord, void, undefined> {
    for await (const text of this.exportText(query)) {
      for (const line of text.split('\n')) if (line !== '') yield JSON.parse(line) as AuditRecord;
    }
  }

  /** As {@link Trail.export}, as text for a file or a response. */
  exportText(query: ExportQuery = {}, format: ExportFormat = 'ndjson'): ExportText {
    return sync(() => new ExportText(this.#native.export(JSON.stringify(query), format)));
  }

  /** One record, or `null` when no record has this id. */
  async get(auditId: string): Promise<AuditRecord | null> {
    const text = await asynchronous(() => this.#native.get(auditId));
    return text == null ? null : JSON.parse(text);
  }

  /**
   * Listens to new records.
   *
   * @param after from now when left out; see {@link After}.
   */
  subscribe(scope: Scope, onEntries: (batch: LiveBatch) => void, after: After = null): Subscription {
    const [what, from] = [JSON.stringify(scope), JSON.stringify(after)];
    return sync(() => new Subscription((deliver) => this.#native.subscribe(what, from, deliver), onEntries));
  }

  /** What the replay ring holds of a room, without subscribing. */
  replay(scope: Scope, after: After = 'ring'): LiveBatch {
    return JSON.parse(sync(() => this.#native.replay(JSON.stringify(scope), JSON.stringify(after))));
  }

  /** The ledger and the state of the store. */
  stats(): Stats {
    this.#together?.run();
    return JSON.parse(sync(() => this.#native.stats()));
  }

  /** Waits, at most `ms`, until everything recorded so far is in the store. */
  async flush(ms = 5_000): Promise<Stats> {
    this.#together?.run();
    return JSON.parse(await asynchronous(() => this.#native.flush(ms)));
  }

  /** Flushes within `ms` and closes. Later calls throw `TT_CLOSED`; closing again does nothing. */
  async close(ms = 5_000): Promise<Stats> {
    this.#together?.run();
    const stats = await asynchronous(() => this.#native.close(ms));
    drained(this.#drainable);
    return JSON.parse(stats);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
