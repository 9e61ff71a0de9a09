import { asynchronous, sync } from './errors';
import { drainAtExit, drained } from './exit';
import { native, type Native } from './native';
import { Subscription, type After, type HistoryBatch, type Scope } from './live';
import type { AuditRecord, Call, HistoryQuery, Page, ProjectEvent } from './wire';

/** How a trail is opened. */
export interface TrailOptions {
  /** Name of the host service, on every record. */
  service?: string;
  /** Which instance of it, on every record. */
  instanceId?: string;
  /** How long `Trail.open` tries to reach the store; 5,000. */
  openTimeoutMs?: number;
  /** `true` opens at once and connects in the background; `false`, the default, fails when the store cannot be reached. */
  degradedStart?: boolean;
  /** Days until a record may be deleted; 90. `null` keeps records for ever. */
  retentionDays?: number | null;
  /** Keys the fingerprints of API keys, so that they cannot be guessed from outside. */
  hashKey?: string;
  /** Records held in memory while the store cannot take them, oldest dropped first; 10,000. */
  fallbackCapacity?: number;
  /** Most records in one write; 500. */
  batchSize?: number;
  /** How long a record waits for others to share its write; 50. */
  batchDelayMs?: number;
}

/** The answer to an accepted event. */
export interface EventAccepted {
  accepted: true;
  /** The event's type. */
  type: string;
  projectNumber: number;
  /** When it happened: the client's time, or that of acceptance. */
  timestamp: string;
  /** Id of its record. */
  auditId: string;
  /** Position among this writer's records. */
  seq: number;
  /** Whether the record was on disk or in the store before this answer; if not, keep a copy and send again. */
  durable: boolean;
}

/** Every record by what became of it, and the state of the store. */
export interface TrailStats {
  /** Records that were handed over: the sum of the next six. */
  seen: number;
  /** Records that the store holds. */
  stored: number;
  /** Records that wait in memory. */
  queued: number;
  /** Records on their way to the store, retries included. */
  inFlight: number;
  /** Records that the store refuses for good. */
  deadLettered: number;
  /** Records lost, by reason. */
  dropped: Record<string, number>;
  /** Records left out on purpose, by reason. */
  skipped: Record<string, number>;
  /** Of those stored, repeats that the store held already. */
  duplicates: number;
  /** Of those seen, records for which nobody said a workspace. */
  unknownWorkspace: number;
  /** Id of this open trail, on every record that it writes. */
  writerId: string;
  /** The store, without credentials. */
  storeUrl: string;
  /** `open` takes writes; `away` was reached before and does not take them now; `connecting` was not reached yet. */
  store: 'open' | 'away' | 'connecting';
}

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

  private constructor(trail: Native.NativeTrail) {
    this.#native = trail;
    drainAtExit(trail);
  }

  /**
   * Opens a trail on a store: `memory:`, `sqlite:path/to/audit.db`, `mongodb://…/db` or `mongodb+srv://…/db`.
   *
   * @throws TasktrailError `TT_URL_INVALID`, `TT_OPTIONS_INVALID`, `TT_STORE_PATH` (the path cannot be written),
   *   `TT_STORE_UNAVAILABLE` or `TT_STORE_TIMEOUT` (within `openTimeoutMs`).
   */
  static async open(url: string, options: TrailOptions = {}): Promise<Trail> {
    return new Trail(await asynchronous(() => native.NativeTrail.open(url, JSON.stringify(options))));
  }

  /**
   * Records one call: fire and forget. It is queued at once and written in the background; a store that is down never
   * shows here.
   *
   * @param call what is known about it; only `method` and `path` are required.
   * @param body the request body's raw bytes, or their beginning (say `bodyBytes` then); it is sanitized before it is kept.
   * @returns the record's id.
   * @throws TasktrailError `TT_CALL_INVALID` naming the field, or `TT_CLOSED`.
   */
  record(call: Call, body?: Uint8Array): string {
    const text = JSON.stringify(call);
    try {
      return this.#native.record(text, body);
    } catch (fault) {
      return sync(() => {
        throw fault;
      });
    }
  }

  /**
   * Validates a progress event, records it and tells everybody who listens.
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
   * One page of records.
   *
   * @throws TasktrailError `TT_QUERY_INVALID` naming the parameter, `TT_STORE_UNAVAILABLE` or `TT_STORE_TIMEOUT`.
   */
  async query(query: HistoryQuery = {}): Promise<Page> {
    return JSON.parse(await asynchronous(() => this.#native.query(JSON.stringify(query))));
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
  subscribe(scope: Scope, onEntries: (batch: HistoryBatch) => void, after: After = null): Subscription {
    const [what, from] = [JSON.stringify(scope), JSON.stringify(after)];
    return sync(() => new Subscription((deliver) => this.#native.subscribe(what, from, deliver), onEntries));
  }

  /** What the replay ring holds of a room, without subscribing. */
  replay(scope: Scope, after: After = 'ring'): HistoryBatch {
    return JSON.parse(sync(() => this.#native.replay(JSON.stringify(scope), JSON.stringify(after))));
  }

  /** The ledger and the state of the store. */
  stats(): TrailStats {
    return JSON.parse(sync(() => this.#native.stats()));
  }

  /** Waits, at most `ms`, until everything recorded so far is in the store. */
  async flush(ms = 5_000): Promise<TrailStats> {
    return JSON.parse(await asynchronous(() => this.#native.flush(ms)));
  }

  /** Flushes within `ms` and closes. Later calls throw `TT_CLOSED`; closing again does nothing. */
  async close(ms = 5_000): Promise<TrailStats> {
    const stats = await asynchronous(() => this.#native.close(ms));
    drained(this.#native);
    return JSON.parse(stats);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
