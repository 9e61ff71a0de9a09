import type { Native } from './native';
import type { AuditRecord } from './wire';

/** What to listen to or ask for: one workspace, one project, or, with neither, everything. */
export interface Scope {
  /** Records of this workspace and of the runs that it launched. */
  workspaceId?: string;
  /** Records of this project. */
  projectNumber?: number;
}

/**
 * Where to begin: `null` from now, `'ring'` with all that the replay ring still holds, or behind the last entry seen.
 */
export type After = null | 'ring' | { epoch: string; seq: number };

/** A batch of records of one room, in the order in which they were written. */
export interface HistoryBatch {
  /** `workspace:<id>`, `project:<n>` or `all`. */
  room: string;
  /** Changes when the room's numbering starts anew. */
  epoch: string;
  /** Number of the first entry, or of the next one to come; the next batch begins at `seq + entries.length`. */
  seq: number;
  /** Records before these that were asked for are gone from the ring (or passed a slow listener by): the store has them. */
  missed: boolean;
  /** How many, where that is known. */
  lagged?: number;
  /** The records. */
  entries: AuditRecord[];
}

/** Held until they end: a subscription whose owner forgot it still delivers. */
const running = new Set<Subscription>();

/** A running subscription. It does not keep the process alive. */
export class Subscription {
  readonly #native: Native.NativeSubscription;
  #ended = false;

  /** @internal */
  constructor(
    start: (deliver: (text: string) => void) => Native.NativeSubscription,
    listen: (batch: HistoryBatch) => void,
  ) {
    // What was already on its way when the subscription ended is not delivered.
    this.#native = start((text) => {
      if (!this.#ended) listen(JSON.parse(text));
    });
    running.add(this);
  }

  /** Ends it. No batch is delivered afterwards; more calls do nothing. */
  unsubscribe(): void {
    this.#ended = true;
    running.delete(this);
    this.#native.unsubscribe();
  }

  /** Batches that found the listener's queue full. Their records are in the store; the gap shows in `seq`. */
  get dropped(): number {
    return this.#native.dropped;
  }

  [Symbol.dispose](): void {
    this.unsubscribe();
  }
}
