const FIRST_MS = 1_000;
const MOST_MS = 15_000;
/** So that a server which refuses at once is not asked in a tight loop. */
const LEAST_MS = 100;

/**
 * How long to wait before the next try: exponential with full jitter, so that the clients of a server that went away do not all come back
 * in the same moment.
 */
export class Backoff {
  readonly #random: () => number;
  #tries = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Milliseconds until the next try. */
  next(): number {
    const most = Math.min(MOST_MS, FIRST_MS * 2 ** this.#tries++);
    return Math.max(LEAST_MS, this.#random() * most);
  }

  /** Something worked: the next delay is a short one. */
  reset(): void {
    this.#tries = 0;
  }
}
