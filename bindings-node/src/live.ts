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
  /** Number of the first entry; the next batch begins at `seq + entries.length`. */
  seq: number;
  /** The records. */
  entries: AuditRecord[];
}

/** The listener was too slow and `lagged` records of the room passed it by; they are in the store. */
export interface Lagged {
  /** The room. */
  room: string;
  /** How many were missed. */
  lagged: number;
}

/** What the replay ring holds behind a position. */
export interface Replay extends HistoryBatch {
  /** Some records between the position and the first entry are no longer in the ring; ask the store for them. */
  missed: boolean;
}

/** A running subscription. It does not keep the process alive. */
export class Subscription {
  readonly #native: Native.NativeSubscription;

  /** @internal */
  constructor(native: Native.NativeSubscription) {
    this.#native = native;
  }

  /** Ends it. No batch is delivered afterwards; more calls do nothing. */
  unsubscribe(): void {
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
