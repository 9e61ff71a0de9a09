import type { Native } from './native';
import type { LiveBatch } from './wire';

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

/** Held until they end: a subscription whose owner forgot it still delivers. */
const running = new Set<Subscription>();

/** A running subscription. It does not keep the process alive. */
export class Subscription {
  readonly #native: Native.NativeSubscription;
  #ended = false;

  /** @internal */
  constructor(
    start: (deliver: (text: string) => void) => Native.NativeSubscription,
    listen: (batch: LiveBatch) => void,
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
