import type { TasktrailError } from './errors.js';
import type { HistoryRecord, Mark } from './history.js';

/**
 * How up to date a source is: `connecting` before it first is, `live`, `catching-up` while it fetches what it missed, and
 * `offline` while it hears nothing.
 */
export type ConnectionState = 'connecting' | 'live' | 'catching-up' | 'offline';

/** What a source says of its connection. */
export interface Connection {
  state: ConnectionState;
  /** When it got into this state, milliseconds since 1970. */
  since: number;
  /** Why it is not live, where that is known. */
  error?: TasktrailError;
  /** Until when nothing is missing, milliseconds since 1970 by the API's clock, where the source knows and it is not now. */
  completeThrough?: number;
  /** What has been delivered so far is a saved copy, which the API has not confirmed yet. */
  saved?: boolean;
}

/** Whoever listens to a source. */
export interface HistoryListener {
  /**
   * Records, in any order and as often as they come. Whoever needs time for them may return a promise: a source that honours it
   * holds back what comes until then.
   */
  records(records: readonly HistoryRecord[]): void | PromiseLike<void>;
  /** All that there was has been delivered; what comes now is news. */
  ready(): void;
  /** The connection changed. */
  connection(connection: Connection): void;
  /** How far the API's clock is ahead of this machine's, milliseconds. */
  clock?(offsetMs: number): void;
}

/** A page of what is older than a record. */
export interface OlderRecords {
  /** The newest of them first. */
  records: readonly HistoryRecord[];
  /** There is nothing before them. */
  isEnd: boolean;
}

/** An open connection to a source. */
export interface HistoryConnection {
  /** Fetches everything once more, at once. */
  refresh(): void;
  /** Ends it; nothing is delivered afterwards. */
  close(): void;
  /** Fetches the records before one, without a hole; absent where the past cannot be had. */
  older?(before: Mark): Promise<OlderRecords>;
}

/**
 * Where a history gets its records: the API over the network (`TasktrailClient.source`), or, where a page has no network, whatever
 * brings the records to it.
 */
export interface HistorySource {
  connect(listener: HistoryListener): HistoryConnection;
}
