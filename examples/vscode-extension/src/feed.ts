// A source, remembered: whoever connects gets what there was first, then what comes.
import type {
  Connection,
  HistoryConnection,
  HistoryListener,
  HistorySource,
  OlderRecords,
} from '@tasktrail/wasm/client';
import type { HistoryRecord, Mark } from '@tasktrail/wasm';
import { RecentRecords } from './recent-records';

/** What was there when the window was last open. */
export interface SavedCopy {
  records: HistoryRecord[];
  /** Until when nothing is missing in it; null when that was never known. */
  completeThrough: number | null;
}

export interface FeedConnection extends HistoryConnection {
  older(before: Mark): Promise<OlderRecords>;
}

/**
 * A source that any number may connect to, at any time: it holds the newest records itself, so that a view that was hidden misses
 * nothing that it could still show.
 */
export class Feed implements HistorySource {
  readonly records: RecentRecords;
  readonly #listeners = new Set<HistoryListener>();
  readonly #source: HistoryConnection;
  #ready = false;
  #clockOffset: number | undefined;
  #completeThrough: number | null;
  /** Records that the API has not confirmed: shown until it has been heard. */
  #saved: boolean;
  #connection: Connection;

  constructor(source: HistorySource, records: RecentRecords, saved?: SavedCopy) {
    this.records = records;
    this.#saved = saved !== undefined && records.add(saved.records).length > 0;
    this.#completeThrough = saved?.completeThrough ?? null;
    this.#connection = this.#with({ state: 'connecting', since: Date.now() });
    this.#source = source.connect({
      records: (records) => {
        const news = this.records.add(records);
        if (news.length > 0) this.#tell((listener) => listener.records(news));
      },
      ready: () => {
        if (this.#ready) return;
        this.#ready = true;
        this.#saved = false;
        this.#tell((listener) => listener.ready());
        this.#say(this.#connection);
      },
      connection: (connection) => this.#say(connection),
      clock: (offset) => {
        this.#clockOffset = offset;
        this.#tell((listener) => listener.clock?.(offset));
      },
    });
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Until when nothing is missing, by the API's clock. */
  get completeThrough(): number | null {
    return this.#connection.state === 'live' ? Date.now() + (this.#clockOffset ?? 0) : this.#completeThrough;
  }

  get isReady(): boolean {
    return this.#ready;
  }

  connect(listener: HistoryListener): FeedConnection {
    this.#listeners.add(listener);
    if (this.#clockOffset !== undefined) listener.clock?.(this.#clockOffset);
    listener.connection(this.#connection);
    const records = this.records.all();
    if (records.length > 0) listener.records(records);
    if (this.#ready) listener.ready();
    return {
      refresh: () => this.refresh(),
      older: (before) => this.#older(before),
      close: () => void this.#listeners.delete(listener),
    };
  }

  refresh(): void {
    this.#source.refresh();
  }

  close(): void {
    this.#listeners.clear();
    this.#source.close();
  }

  /** What is older than all that is held comes from the source each time, as far back as is to be seen. */
  async #older(before: Mark): Promise<OlderRecords> {
    const page = await this.#source.older?.(before);
    const records = page?.records.filter((record) => !this.records.isTooOld(record)) ?? [];
    return { records, isEnd: !page || page.isEnd || records.length < page.records.length };
  }

  #say(connection: Connection): void {
    if (connection.completeThrough !== undefined) this.#completeThrough = connection.completeThrough;
    else if (this.#connection.state === 'live' && connection.state !== 'live')
      this.#completeThrough = connection.since + (this.#clockOffset ?? 0);
    this.#connection = this.#with(connection);
    this.#tell((listener) => listener.connection(this.#connection));
  }

  #with({ state, since, error }: Connection): Connection {
    return {
      state,
      since,
      ...(error ? { error } : {}),
      ...(state !== 'live' && this.#completeThrough !== null ? { completeThrough: this.#completeThrough } : {}),
      ...(this.#saved ? { saved: true } : {}),
    };
  }

  #tell(work: (listener: HistoryListener) => void): void {
    for (const listener of [...this.#listeners]) work(listener);
  }
}
