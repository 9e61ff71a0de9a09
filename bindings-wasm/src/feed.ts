import { Backoff } from './backoff.js';
import { TasktrailError } from './errors.js';
import { lost, refused, type LiveLink, type Member } from './live-link.js';
import type { OwnRequestOptions } from './rest.js';
import type { Connection, ConnectionState, OlderRecords } from './source.js';
import type { Mark } from './history.js';
import type { AuditRecord, HistoryQuery, Page } from './wire.js';

const PAGE = 200;
/** When the socket takes longer, the past is shown before the present is joined, and fetched again then. */
const PATIENCE_MS = 2_500;
/** What was published when it fell off the server's ring may be on its way to the store still, so the store is asked once more. */
const SETTLE_MS = { first: 2_000, most: 60_000 };
/** How far the place in the store may fall behind what came live, where it is kept. */
const ADVANCE_MS = 60_000;
/** A ring whose entries all came in so short a time may have lost some that the store does not have yet. */
const BURST_MS = 10_000;
/** Under this, two clocks count as one: the API's comes in whole seconds. */
const CLOCK_TOLERANCE_MS = 2_000;

/** Up to where a feed has everything. */
export interface Place {
  /** Cursor of the store: everything that had arrived before it is here, or is older than all that a history keeps. */
  after?: string;
  /** A record in front of that cursor, by which the store is known to be the same one. */
  anchor?: string;
  /** Where the live room was, when nothing of it is missing. */
  live?: { epoch: string; next: number };
}

/** One workspace, or all. */
export interface FeedScope {
  room: string;
  /** What to subscribe to and to leave. */
  asked: object;
  read(query: HistoryQuery, options: OwnRequestOptions): Promise<Page>;
  /** Whether there is such a record. */
  has(auditId: string, options: OwnRequestOptions): Promise<boolean>;
}

/** How much a feed fetches, and from where. */
export interface FeedOptions {
  capacity: number;
  /** Whether the place in the store is looked for and kept. */
  isResumable: boolean;
  from?: Place;
}

/** Where a feed's records go. */
export interface FeedHost {
  /** Takes records; how many of them are new. */
  take(records: readonly AuditRecord[]): number;
  /** Waits until records are taken as they come. */
  flowing(): Promise<void>;
  /** The feed's state is another. */
  changed(): void;
  clock(offsetMs: number): void;
}

interface Batch {
  room: string;
  epoch: string;
  /** Number of the first entry. */
  seq: number;
  entries: AuditRecord[];
}

/**
 * The past and the present of one scope, joined.
 *
 * It subscribes first and reads the past after that, so that nothing falls between the two; what comes twice has the same `audit_id`.
 * After a gap or a lost connection it asks the server's ring from where it was; what the ring no longer holds comes from the store: by
 * arrival, where it knows its place there, or else the newest records, which are all that a history keeps and so all that it can have
 * missed.
 */
export class Feed implements Member {
  readonly room: string;
  readonly leaving: [string, object];
  readonly #scope: FeedScope;
  readonly #link: LiveLink;
  readonly #host: FeedHost;
  readonly #options: FeedOptions;
  readonly #closed = new AbortController();
  readonly #joinBackoff = new Backoff();
  readonly #fetchBackoff = new Backoff();
  readonly #timers = new Map<'patience' | 'join' | 'fetch' | 'check', ReturnType<typeof setTimeout>>();
  #connection: Connection = { state: 'connecting', since: Date.now() };
  #ready = false;
  #joined = false;
  /** Counts the tries to join, so that an answer which comes late is told from the one that is waited for. */
  #turn = 0;
  /** What came while joining: where the room was then, when that was, and whether it said that something is missing. */
  #joining: { at?: { epoch: string; next: number }; burst: boolean; lagged: boolean } | undefined;
  #live: { epoch: string; next: number } | undefined;
  /** Whether everything in front of `#live` is here. */
  #complete: boolean;
  /** Counts the reasons to think that something is missing. */
  #doubts = 0;
  /** Whether what is missing may not be in the store yet. */
  #unsettled = false;
  #settle = SETTLE_MS.first;
  #after: string | undefined;
  #anchor: string | undefined;
  #isAnchored = false;
  #fetching = false;
  #fetchAgain = false;
  /** Counts how often it went back: what was asked for before that goes on from a place that is no more. */
  #returns = 0;
  #notBefore = 0;
  /** Why there is no connection, and whether the API answers all the same. */
  #lost: TasktrailError | undefined;
  #polled = false;
  #through: number | undefined;
  #clockOffset = 0;

  constructor(scope: FeedScope, link: LiveLink, host: FeedHost, options: FeedOptions) {
    this.room = scope.room;
    this.leaving = ['unsubscribe', scope.asked];
    this.#scope = scope;
    this.#link = link;
    this.#host = host;
    this.#options = options;
    const { after, anchor, live } = options.from ?? {};
    [this.#after, this.#anchor, this.#live] = [after, anchor, live];
    this.#complete = live !== undefined;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Whether all that there was has been handed over. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Up to where everything has been handed over; nothing before that is known. */
  get place(): Place | undefined {
    if (this.#after === undefined) return undefined;
    return {
      after: this.#after,
      ...(this.#anchor === undefined ? {} : { anchor: this.#anchor }),
      ...(this.#live && this.#complete && !this.#unsettled ? { live: { ...this.#live } } : {}),
    };
  }

  start(): void {
    this.#timer('patience', PATIENCE_MS, () => void this.#fetch());
    this.#link.add(this);
  }

  /** Fetches everything once more, at once. */
  refresh(): void {
    this.#fetchBackoff.reset();
    this.#after = undefined;
    // What is being read goes on from the place that was.
    this.#returns++;
    this.#doubt(false);
    this.#link.wake();
  }

  /** What was handed over since it was at `place` is lost: goes back there. */
  goBack(place: Place | undefined): void {
    this.#after = place?.after;
    this.#anchor = place?.anchor;
    this.#isAnchored = false;
    this.#live = place?.live;
    this.#complete = place?.live !== undefined;
    this.#doubts++;
    this.#returns++;
    // A try that is under way goes on from a place that is no more.
    if (this.#joined || this.#joining) void this.#join();
    else void this.#fetch();
  }

  /** A page of the records before one. */
  async older(before: Mark): Promise<OlderRecords> {
    const { signal } = this.#closed;
    // Up to and with the record itself: others may be of its time.
    const endTime = new Date(before.timestamp + 1).toISOString();
    const records: AuditRecord[] = [];
    let cursor: string | null = null;
    do {
      const query: HistoryQuery = { endTime, limit: PAGE, ...(cursor ? { cursor } : {}) };
      const page: Page = await this.#scope.read(query, { signal });
      records.push(...page.items.filter((record) => isBefore(record, before)));
      cursor = page.nextCursor;
      // A page of nothing but records of that very time leads on.
    } while (cursor && records.length === 0);
    return { records, isEnd: !cursor };
  }

  close(): void {
    this.#closed.abort();
    this.#turn++;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#link.remove(this);
  }

  up(): void {
    this.#lost = undefined;
    void this.#join();
  }

  down(error: TasktrailError, tried: boolean): void {
    this.#turn++;
    this.#joining = undefined;
    this.#joined = false;
    this.#lost = error;
    if (!tried) this.#polled = false;
    if (!this.#polled) this.#say('offline', error);
    // The API may answer although live updates are out of reach.
    if (tried) void this.#fetch();
  }

  hear(event: string, payload: unknown): void {
    const told = payload as Partial<Batch> | undefined;
    if (told?.room !== this.room) return;
    if (event === 'task.history' && Array.isArray(told.entries)) this.#take(told as Batch);
    else if (event === 'lagged') {
      if (this.#joining) this.#joining.lagged = true;
      else this.#doubt();
    }
  }

  async #join(): Promise<void> {
    const turn = ++this.#turn;
    const before = this.#live;
    this.#joining = { burst: false, lagged: false };
    if (this.#ready) this.#say('catching-up');
    // `after` is the last entry seen; without one, everything that the ring holds, because the store may not have it yet.
    const after = before ? { epoch: before.epoch, seq: before.next - 1 } : 'ring';
    const answer = await this.#link.ask('subscribe', { ...this.#scope.asked, after });
    if (turn !== this.#turn) return;
    const { at, burst, lagged } = this.#joining;
    this.#joining = undefined;
    if (!answer.ok) {
      const error = refused(answer.error);
      this.#lost = error;
      if (!this.#polled) this.#say('offline', error);
      this.#joined = false;
      this.#timer('join', this.#joinBackoff.next(), () => void this.#join());
      void this.#fetch();
      return;
    }
    this.#timer('patience');
    this.#joinBackoff.reset();
    this.#link.proven();
    this.#lost = undefined;
    this.#joined = true;
    const { epoch, seq, missed } = answer as unknown as { epoch: string; seq: number; missed: boolean };
    // What was published between the server's reading of the ring and its answer has come already.
    this.#live = at
      ? { epoch: at.epoch, next: at.epoch === epoch ? Math.max(at.next, seq) : at.next }
      : { epoch, next: seq };
    const isSame = before?.epoch === this.#live.epoch;
    if (!isSame) this.#isAnchored = false;
    if (this.#complete && isSame && missed === false && !lagged) {
      if (!this.#ready) this.#becomeReady();
      this.#say('live');
      return;
    }
    this.#doubt(before ? true : missed !== false && burst);
  }

  #take(batch: Batch): void {
    const news = this.#host.take(batch.entries);
    const next = batch.seq + batch.entries.length;
    if (this.#joining) {
      const { at } = this.#joining;
      this.#joining.at = { epoch: batch.epoch, next: at?.epoch === batch.epoch ? Math.max(at.next, next) : next };
      this.#joining.burst ||= isBurst(batch.entries);
      return;
    }
    // Of a room that could not be joined again: the next try asks the ring for it.
    if (!this.#joined || !this.#live) return;
    if (this.#live.epoch !== batch.epoch) {
      this.#live = { epoch: batch.epoch, next };
      this.#isAnchored = false;
      this.#doubt();
    } else if (batch.seq > this.#live.next) {
      // The ring is asked first; what it has lost comes from the store.
      void this.#join();
    } else {
      this.#live.next = Math.max(this.#live.next, next);
      if (news > 0 && this.#options.isResumable) this.#check(ADVANCE_MS);
    }
  }

  /** Something may be missing: the store has it, or will. */
  #doubt(isUnsettled = true): void {
    this.#doubts++;
    this.#complete = false;
    if (isUnsettled) {
      this.#unsettled = true;
      this.#settle = SETTLE_MS.first;
    }
    void this.#fetch();
  }

  /** Reads from the store; a call while it does so makes it do it once more. */
  async #fetch(quietly = false): Promise<void> {
    if (this.#closed.signal.aborted) return;
    if (this.#fetching) {
      this.#fetchAgain ||= !quietly;
      return;
    }
    const wait = this.#notBefore - Date.now();
    if (wait > 0) {
      this.#timer('fetch', wait, () => void this.#fetch());
      return;
    }
    this.#fetching = true;
    if (this.#joined && this.#ready && !quietly) this.#say('catching-up');
    const [doubts, returns, joined, began] = [this.#doubts, this.#returns, this.#joined, Date.now()];
    try {
      const news = await this.#catchUp();
      this.#fetching = false;
      this.#fetched(news, began, joined && doubts === this.#doubts, quietly);
    } catch (fault) {
      this.#fetching = false;
      if (returns === this.#returns) this.#failed(fault);
      else this.#fetchAgain = true;
    }
    if (this.#fetchAgain) {
      this.#fetchAgain = false;
      if (!this.#timers.has('fetch')) void this.#fetch();
    }
  }

  #fetched(news: number, began: number, isComplete: boolean, quietly: boolean): void {
    if (this.#closed.signal.aborted) return;
    this.#fetchBackoff.reset();
    this.#timer('fetch');
    this.#through = began + this.#clockOffset;
    this.#complete ||= isComplete;
    if (!this.#ready) this.#becomeReady();
    if (this.#joined && this.#complete && !this.#joining) this.#say('live');
    else if (!this.#joined && this.#lost) {
      this.#polled = true;
      this.#say('catching-up', this.#lost);
    }
    if (!this.#unsettled) return;
    // Until it says nothing new.
    if (quietly && news === 0) {
      this.#unsettled = false;
      return;
    }
    this.#check(this.#settle);
    if (quietly) this.#settle = Math.min(SETTLE_MS.most, this.#settle * 2);
  }

  #failed(fault: unknown): void {
    if (this.#closed.signal.aborted) return;
    const error =
      fault instanceof TasktrailError
        ? fault
        : new TasktrailError('TT_API_UNAVAILABLE', `the API's answer cannot be used: ${String(fault)}`, {
            cause: fault,
          });
    this.#polled = false;
    this.#say(this.#joined ? 'catching-up' : 'offline', error);
    if (error.retryAfterMs) this.#notBefore = Date.now() + error.retryAfterMs;
    this.#timer('fetch', Math.max(error.retryAfterMs ?? 0, this.#fetchBackoff.next()), () => void this.#fetch());
  }

  #becomeReady(): void {
    this.#ready = true;
    this.#host.changed();
  }

  /** Looks into the store once more, in so much time or earlier. */
  #check(ms: number): void {
    if (this.#timers.has('check') && ms >= ADVANCE_MS) return;
    this.#timer('check', ms, () => void this.#fetch(true));
  }

  /** How many of the records that it read were new. */
  async #catchUp(): Promise<number> {
    const followed = this.#after === undefined ? undefined : await this.#follow();
    if (followed?.isAtEnd) return followed.news;
    return (followed?.news ?? 0) + (await this.#newest());
  }

  /** Reads on from the place in the store, unless that is too far behind to be worth it. */
  async #follow(): Promise<{ news: number; isAtEnd: boolean }> {
    const { signal } = this.#closed;
    if (!this.#isAnchored && this.#anchor !== undefined && !(await this.#scope.has(this.#anchor, { signal }))) {
      // Another store, or the same one emptied: its cursors start anew. What was live of it is no more either.
      this.#after = undefined;
      return { news: 0, isAtEnd: false };
    }
    this.#isAnchored = true;
    let news = 0;
    for (let pages = Math.ceil(this.#options.capacity / PAGE) + 2; pages > 0; pages--) {
      const after = this.#after;
      const page = await this.#page({ after, limit: PAGE }).catch((fault: unknown) => {
        if (fault instanceof TasktrailError && fault.field === 'after') return undefined;
        throw fault;
      });
      if (!page) {
        // A cursor that this release of the API does not know.
        this.#after = undefined;
        return { news, isAtEnd: false };
      }
      if (page.nextCursor === null) throw lost('the API answered with a page by arrival that has no cursor');
      // The consumer's place is the one before this page until it has it.
      news += this.#host.take(page.items);
      this.#after = page.nextCursor;
      this.#anchor = page.items.at(-1)?.audit_id ?? this.#anchor;
      // A full page may be the last one; then the next one goes nowhere.
      if (page.items.length < PAGE || page.nextCursor === after) return { news, isAtEnd: true };
    }
    return { news, isAtEnd: false };
  }

  /** Reads the newest records, which is all that a history keeps. */
  async #newest(): Promise<number> {
    const place = this.#options.isResumable ? await this.#findPlace() : undefined;
    let news = 0;
    let cursor: string | undefined;
    for (let count = 0; count < this.#options.capacity;) {
      const limit = Math.min(PAGE, this.#options.capacity - count);
      const page = await this.#page({ limit, ...(cursor ? { cursor } : {}) });
      news += this.#host.take(page.items);
      count += page.items.length;
      cursor = page.nextCursor ?? undefined;
      if (!cursor || page.items.length === 0) break;
    }
    if (place) {
      this.#after = place.after;
      this.#anchor = place.anchor;
      this.#isAnchored = true;
    }
    return news;
  }

  /**
   * A place near the end of the store, found before the newest records are read: then all in front of it is among them, or older than
   * they are.
   */
  async #findPlace(): Promise<Place | undefined> {
    const newest = (await this.#page({ limit: 1 })).items[0];
    let after = '0';
    let anchor = newest?.audit_id;
    try {
      for (let pages = 0; pages < 3; pages++) {
        const page = await this.#page({ after, limit: PAGE, ...(newest ? { startTime: newest.timestamp } : {}) });
        anchor = page.items.at(-1)?.audit_id ?? anchor;
        const isAtEnd = page.items.length < PAGE || page.nextCursor === after;
        after = page.nextCursor ?? after;
        if (isAtEnd) break;
      }
    } catch (fault) {
      // Too many records to look through by arrival: there is none then, and the next start reads the newest again.
      if (fault instanceof TasktrailError && fault.code === 'TT_STORE_TIMEOUT') return undefined;
      throw fault;
    }
    return { after, ...(anchor === undefined ? {} : { anchor }) };
  }

  async #page(query: HistoryQuery): Promise<Page> {
    const { signal } = this.#closed;
    const returns = this.#returns;
    await this.#host.flowing();
    signal.throwIfAborted();
    const sent = Date.now();
    const page = await this.#scope.read(query, { signal, onDate: (date) => this.#clock(date, sent) });
    signal.throwIfAborted();
    if (returns !== this.#returns) throw lost('what this page goes on from is no more');
    if (!Array.isArray(page.items)) throw lost('the API answered with no page of records');
    return page;
  }

  /** Sets a timer in the place of the one that was; without a time, there is none any more. */
  #timer(name: 'patience' | 'join' | 'fetch' | 'check', ms?: number, work?: () => void): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    if (ms === undefined || this.#closed.signal.aborted) return;
    const run = (): void => {
      this.#timers.delete(name);
      work?.();
    };
    this.#timers.set(name, setTimeout(run, ms));
  }

  #say(state: ConnectionState, error?: TasktrailError): void {
    if (this.#closed.signal.aborted) return;
    const before = this.#connection;
    const same = before.state === state;
    if (before.state === 'live' && !same) this.#through = this.#link.heardAt + this.#clockOffset;
    const told = before.error?.code === error?.code && before.error?.message === error?.message;
    if (same && told && (state === 'live' || before.completeThrough === this.#through)) return;
    this.#connection = {
      state,
      since: same ? before.since : Date.now(),
      ...(error ? { error } : {}),
      ...(state !== 'live' && this.#through !== undefined ? { completeThrough: this.#through } : {}),
    };
    this.#host.changed();
  }

  #clock(date: number, sent: number): void {
    // The header has whole seconds: half of one is its mean error, and the way there and back lies between.
    const offset = date + 500 - (sent + Date.now()) / 2;
    this.#clockOffset = Math.abs(offset) < CLOCK_TOLERANCE_MS ? 0 : offset;
    this.#host.clock(this.#clockOffset);
  }
}

function isBefore({ timestamp, audit_id }: AuditRecord, mark: Mark): boolean {
  const at = Date.parse(timestamp);
  return at < mark.timestamp || (at === mark.timestamp && audit_id < mark.auditId);
}

/** Whether many records were taken in within so short a time that the store may not have all of those before them. */
function isBurst(entries: readonly AuditRecord[]): boolean {
  const [first, last] = [entries[0], entries.at(-1)];
  if (!first || !last || entries.length < 2) return false;
  return Math.abs(Date.parse(last.recorded_at) - Date.parse(first.recorded_at)) < BURST_MS;
}
