import { fromNative } from './errors';
import type { Native } from './native';
import type { Call } from './wire';

/** A call, and its body's raw bytes or their beginning. */
export interface ToldCall {
  call: Call;
  body?: Uint8Array | undefined;
}

/** A call that says what it is when it is recorded. */
export interface LateCall {
  /** What is recorded; nothing where that was seen to otherwise. */
  tell(): ToldCall | undefined;
  /** It, or one that was recorded together with it, could not be recorded. */
  failed(fault: unknown): void;
}

/** How many are recorded together at most. */
const MOST = 32;
/** How long one waits for others, in ms. */
const LINGER_MS = 10;

/**
 * Calls that wait a moment for others. Between the requests of a busy host each would find the processor's caches full of other
 * things, and pay for a way into the addon of its own.
 */
export class Together {
  readonly #native: Native.NativeTrail;
  #waiting: LateCall[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(trail: Native.NativeTrail) {
    this.#native = trail;
  }

  add(late: LateCall): void {
    if (this.#waiting.push(late) >= MOST) this.run();
    else if (this.#waiting.length === 1) {
      if (this.#timer) this.#timer.refresh();
      // A process that ends before it fires is drained by the exit hook.
      else this.#timer = setTimeout(() => this.run(), LINGER_MS).unref();
    }
  }

  /** Records what waits. */
  run(): void {
    const waiting = this.#waiting;
    const first = waiting[0];
    if (first === undefined) return;
    this.#waiting = [];
    let calls = '';
    const bodies: Array<Uint8Array | undefined> = [];
    for (const late of waiting) {
      try {
        const told = late.tell();
        if (!told) continue;
        calls += `${JSON.stringify(told.call)}\n`;
        bodies.push(told.body);
      } catch (fault) {
        late.failed(fault);
      }
    }
    if (calls === '') return;
    try {
      this.#native.recordBundle(calls, bodies);
    } catch (fault) {
      first.failed(fromNative(fault));
    }
  }
}
