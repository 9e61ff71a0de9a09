// Carries a feed into the view. A message that the view has not taken yet is the only one under way; what comes meanwhile waits, and of
// what waits only the newest records are kept, which are all that the view could show.
import type { Webview } from 'vscode';
import { TasktrailError, type Connection, type HistoryListener } from '@tasktrail/wasm/client';
import type { HistoryRecord, Mark } from '@tasktrail/wasm';
import type { Feed, FeedConnection } from './feed';
import { RecentRecords } from './recent-records';
import { sendable, type SentConnection, type SentError, type ToView } from './protocol';

export class Channel implements HistoryListener {
  readonly #webview: Webview;
  readonly #generation: number;
  readonly #waiting: RecentRecords;
  readonly #feed: FeedConnection;
  #underWay = false;
  #ready: 'no' | 'due' | 'sent' = 'no';
  #connection: Connection | undefined;
  #clock: number | undefined;
  #closed = false;
  #scheduled = false;

  constructor(webview: Webview, generation: number, feed: Feed, limit: number) {
    this.#webview = webview;
    this.#generation = generation;
    this.#waiting = new RecentRecords(limit);
    this.#feed = feed.connect(this);
  }

  records(records: readonly HistoryRecord[]): void {
    this.#waiting.add(records);
    this.#soon();
  }

  ready(): void {
    if (this.#ready === 'no') this.#ready = 'due';
    this.#soon();
  }

  connection(connection: Connection): void {
    this.#connection = connection;
    this.#soon();
  }

  clock(offsetMs: number): void {
    this.#clock = offsetMs;
    this.#soon();
  }

  /** The view has taken the last records. */
  taken(): void {
    this.#underWay = false;
    this.#flush();
  }

  /** Fetches a page of older records for the view. */
  async older(before: Mark): Promise<void> {
    const page = await this.#feed.older(before).catch((fault: unknown): SentError => {
      if (fault instanceof TasktrailError) return sendable(fault);
      return { code: 'TT_API_UNAVAILABLE', message: `older records cannot be had: ${String(fault)}`, retryable: true };
    });
    if (!this.#closed) this.#post({ type: 'older', generation: this.#generation, page });
  }

  close(): void {
    this.#closed = true;
    this.#feed.close();
  }

  /** What comes in one turn is one message. */
  #soon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  /** Records go first: "live" is said when they are there. */
  #flush(): void {
    if (this.#closed || this.#underWay) return;
    const generation = this.#generation;
    if (this.#clock !== undefined) {
      this.#post({ type: 'clock', generation, offsetMs: this.#clock });
      this.#clock = undefined;
    }
    if (this.#waiting.size > 0) {
      const records = this.#waiting.all();
      this.#waiting.clear();
      this.#underWay = true;
      this.#post({ type: 'records', generation, records });
      return;
    }
    if (this.#ready === 'due') {
      this.#ready = 'sent';
      this.#post({ type: 'ready', generation });
    }
    if (this.#connection) {
      this.#post({ type: 'connection', generation, connection: crossing(this.#connection) });
      this.#connection = undefined;
    }
  }

  #post(message: ToView): void {
    void this.#webview.postMessage(message);
  }
}

function crossing({ error, ...connection }: Connection): SentConnection {
  return error ? { ...connection, error: sendable(error) } : connection;
}
