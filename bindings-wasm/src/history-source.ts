import { TasktrailError } from './errors.js';
import { Feed, type FeedHost, type FeedScope, type Place } from './feed.js';
import type { LiveLink } from './live-link.js';
import { RecentIds } from './recent-ids.js';
import type {
  Connection,
  ConnectionState,
  HistoryConnection,
  HistoryListener,
  HistorySource,
  OlderRecords,
} from './source.js';
import type { HistoryRecord, Mark } from './history.js';
import type { AuditRecord } from './wire.js';

const CAPACITY = 500;
const MOST_CAPACITY = 100_000;
/** Records that wait for a listener, at least; a history that keeps more may be behind by more. */
const LEAST_WAITING = 1_000;
/** Ids that are remembered for each record of a history, so that what comes twice is handed over once. */
const IDS = { least: 20_000, perRecord: 4 };
const CURSOR_VERSION = 1;

/** How much a source fetches, and from where. */
export interface SourceOptions {
  /** Records of the past that are fetched, and most that are caught up with; 500 when absent. */
  capacity?: number;
  /**
   * The `cursor()` of an earlier connection, next to which its records were kept: what came since is fetched then, and not all anew. Null at
   * the first start. Without it there is no cursor. One of another API, or of a store that is no more, is put aside.
   */
  from?: string | null;
  /** Ids of the records that were kept: those that come once more, at the edge of what is caught up with, are left out. */
  known?: Iterable<string>;
  /** Ends all its connections. */
  signal?: AbortSignal;
}

/** A connection to the API's history. */
export interface ClientConnection extends HistoryConnection {
  /** Fetches everything once more, at once, and hands over what is new. */
  refresh(): void;
  /**
   * Up to where everything has been handed over, to be kept with the records and given back as `from`; null where that is not known
   * yet, or not asked for.
   */
  cursor(): string | null;
  /**
   * Holds records back until `resume()`, as many as the capacity (1,000 at least): while a view is hidden, for example. What comes
   * beyond is put aside and fetched anew then, so that memory has a bound and nothing is missing.
   */
  pause(): void;
  /** Goes on where it was paused. */
  resume(): void;
  /** Fetches a page of the records before one, up to 200 of each workspace, without a hole. */
  older(before: Mark): Promise<OlderRecords>;
}

/** A history that `TasktrailClient` fetches. */
export interface ClientSource extends HistorySource {
  connect(listener: HistoryListener): ClientConnection;
}

/** How much is wrong with a state; the worst of several is theirs together. */
const SEVERITY: Record<ConnectionState, number> = { live: 0, 'catching-up': 1, connecting: 2, offline: 3 };

/** The feeds of a set of workspaces as one connection: each record once, as fast as the listener takes them. */
export class FeedConnection implements ClientConnection, FeedHost {
  readonly #feeds: Feed[];
  readonly #listener: HistoryListener;
  readonly #api: string;
  readonly #isResumable: boolean;
  readonly #most: number;
  readonly #seen: RecentIds;
  readonly #waiting = new Map<string, AuditRecord>();
  readonly #opened: Set<() => void>;
  readonly #signal: AbortSignal | undefined;
  /** Where the feeds were before the first of those that wait, and before those that the listener is still taking. */
  #held: (Place | undefined)[] | undefined;
  #inHand: (Place | undefined)[] | undefined;
  #overflowed = false;
  #isPaused = false;
  #isBusy = false;
  #isReady = false;
  #isClosed = false;
  #waiters: (() => void)[] = [];
  #connection: Connection = { state: 'connecting', since: Date.now() };

  constructor(
    api: string,
    scopes: readonly FeedScope[],
    link: LiveLink,
    options: SourceOptions,
    listener: HistoryListener,
    opened: Set<() => void>,
  ) {
    const capacity = options.capacity ?? CAPACITY;
    this.#api = api;
    this.#listener = listener;
    this.#isResumable = options.from !== undefined;
    this.#most = Math.max(LEAST_WAITING, capacity);
    this.#seen = new RecentIds(Math.max(IDS.least, IDS.perRecord * capacity));
    for (const id of options.known ?? []) this.#seen.add(id);
    const places = decode(options.from, api);
    this.#feeds = scopes.map((scope) => {
      const from = places[scope.room];
      return new Feed(scope, link, this, { capacity, isResumable: this.#isResumable, ...(from ? { from } : {}) });
    });
    this.#opened = opened;
    this.#signal = options.signal;
    opened.add(this.#close);
    this.#signal?.addEventListener('abort', this.#close);
    listener.connection(this.#connection);
    for (const feed of this.#feeds) feed.start();
    if (this.#signal?.aborted) this.close();
  }

  refresh(): void {
    for (const feed of this.#feeds) feed.refresh();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#opened.delete(this.#close);
    this.#signal?.removeEventListener('abort', this.#close);
    for (const feed of this.#feeds) feed.close();
    this.#waiting.clear();
    this.#wake();
  }

  readonly #close = (): void => this.close();

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#flow();
  }

  async older(before: Mark): Promise<OlderRecords> {
    const pages = await Promise.all(this.#feeds.map((feed) => feed.older(before)));
    const [page] = pages;
    if (page && pages.length === 1) return page;
    // Together, only as far back as the one that reaches least far: beyond that, its records are missing.
    const [reach] = pages.flatMap(({ records, isEnd }) => (isEnd ? [] : records.slice(-1))).sort(newestFirst);
    const found = new Map(pages.flatMap(({ records }) => records).map((record) => [record.audit_id, record]));
    const records = [...found.values()].sort(newestFirst);
    return {
      records: reach ? records.filter((record) => newestFirst(record, reach) <= 0) : records,
      isEnd: reach === undefined,
    };
  }

  cursor(): string | null {
    const places = this.#inHand ?? this.#held ?? this.#feeds.map((feed) => feed.place);
    if (!this.#isResumable || places.some((place) => place === undefined)) return null;
    const at = Object.fromEntries(this.#feeds.map((feed, index) => [feed.room, places[index]]));
    return JSON.stringify({ version: CURSOR_VERSION, api: this.#api, at });
  }

  take(records: readonly AuditRecord[]): number {
    if (this.#isClosed) return 0;
    this.#held ??= this.#feeds.map((feed) => feed.place);
    let news = 0;
    for (const record of records) {
      const id = record?.audit_id;
      if (typeof id !== 'string' || this.#seen.has(id) || this.#waiting.has(id)) continue;
      news++;
      if (!this.#overflowed) this.#waiting.set(id, record);
    }
    if (this.#waiting.size > this.#most && (this.#isPaused || this.#isBusy)) {
      this.#waiting.clear();
      this.#overflowed = true;
    }
    if (this.#waiting.size === 0 && !this.#overflowed) this.#held = undefined;
    this.#flow();
    return news;
  }

  async flowing(): Promise<void> {
    while (!this.#isClosed && (this.#isPaused || this.#isBusy)) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  changed(): void {
    if (this.#isClosed) return;
    let worst: Connection | undefined;
    for (const { connection } of this.#feeds) {
      if (!worst || SEVERITY[connection.state] > SEVERITY[worst.state]) worst = connection;
    }
    if (worst) this.#tell(worst);
    this.#tellReady();
  }

  clock(offsetMs: number): void {
    if (!this.#isClosed) guarded(() => this.#listener.clock?.(offsetMs));
  }

  /** Hands over what waits, if the listener can take it now. */
  #flow(): void {
    if (this.#isClosed || this.#isPaused || this.#isBusy) return;
    if (this.#overflowed) {
      const held = this.#held ?? [];
      this.#overflowed = false;
      this.#held = undefined;
      this.#feeds.forEach((feed, index) => feed.goBack(held[index]));
    } else if (this.#waiting.size > 0) {
      this.#handOver();
    }
    this.#tellReady();
    if (!this.#isPaused && !this.#isBusy) this.#wake();
  }

  #handOver(): void {
    const records = [...this.#waiting.values()];
    for (const id of this.#waiting.keys()) this.#seen.add(id);
    this.#waiting.clear();
    const before = this.#held;
    this.#held = undefined;
    const taken = guarded(() => this.#listener.records(records));
    if (typeof taken?.then !== 'function') return;
    this.#inHand = before;
    this.#isBusy = true;
    void Promise.resolve(taken)
      .catch(reported)
      .then(() => {
        this.#isBusy = false;
        this.#inHand = undefined;
        this.#flow();
      });
  }

  /** Said once: all that there was has been handed over. */
  #tellReady(): void {
    if (this.#isReady || this.#isClosed || this.#waiting.size > 0 || this.#overflowed) return;
    if (!this.#feeds.every((feed) => feed.ready)) return;
    this.#isReady = true;
    guarded(() => this.#listener.ready());
  }

  #tell(connection: Connection): void {
    const { state, error, completeThrough } = this.#connection;
    const same = state === connection.state;
    if (same && error === connection.error && completeThrough === connection.completeThrough) return;
    this.#connection = same ? { ...connection, since: this.#connection.since } : connection;
    guarded(() => this.#listener.connection(this.#connection));
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }
}

function newestFirst(a: HistoryRecord, b: HistoryRecord): number {
  const [older, newer] = [Date.parse(a.timestamp), Date.parse(b.timestamp)];
  return newer - older || Number(a.audit_id < b.audit_id) - Number(a.audit_id > b.audit_id);
}

/** An error of the listener's own is its program's to see, and no reason to think that the API is away. */
function reported(fault: unknown): void {
  queueMicrotask(() => {
    throw fault;
  });
}

function guarded<T>(tell: () => T): T | undefined {
  try {
    return tell();
  } catch (fault) {
    reported(fault);
    return undefined;
  }
}

/** The places in a cursor; none where it is damaged, or of another version or API: it is only there to save work. */
function decode(from: string | null | undefined, api: string): { [room: string]: Place } {
  if (typeof from !== 'string') return {};
  let cursor;
  try {
    cursor = JSON.parse(from);
  } catch {
    return {};
  }
  const places: { [room: string]: Place } = {};
  if (cursor?.version !== CURSOR_VERSION || cursor.api !== api) return places;
  for (const [room, place] of Object.entries(cursor.at ?? {})) if (isPlace(place)) places[room] = place;
  return places;
}

function isPlace(value: unknown): value is Place {
  const { after, anchor, live } = (value ?? {}) as Partial<Place>;
  return (
    typeof after === 'string' &&
    (anchor === undefined || typeof anchor === 'string') &&
    (live === undefined || (typeof live?.epoch === 'string' && Number.isSafeInteger(live.next) && live.next > 0))
  );
}

/** Refuses what names no workspace, before anybody is asked. */
export function workspacesIn(workspaces: string | readonly string[]): string[] {
  const ids = [...new Set(typeof workspaces === 'string' ? [workspaces] : workspaces)];
  if (ids.length === 0 || ids.some((id) => typeof id !== 'string' || id === '')) {
    throw new TasktrailError('TT_QUERY_INVALID', '`workspaces` is the id of a workspace, or a list of at least one', {
      field: 'workspaces',
    });
  }
  return ids;
}

/** Refuses options that nothing can be made of. */
export function checkOptions({ capacity }: SourceOptions): void {
  if (capacity === undefined || (Number.isInteger(capacity) && capacity >= 1 && capacity <= MOST_CAPACITY)) return;
  throw new TasktrailError('TT_OPTIONS_INVALID', `\`capacity\` is a whole number from 1 to ${MOST_CAPACITY}`, {
    field: 'capacity',
  });
}
