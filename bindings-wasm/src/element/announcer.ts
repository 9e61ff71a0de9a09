const EVERY_MS = 4_000;
const BETWEEN_MS = 50;

/** Tells a screen reader what happens, no more often than it can be listened to; the last word is always said. */
export class Announcer {
  readonly #say: (text: string) => void;
  #last = -Infinity;
  #waiting: (() => string) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** Says how things are by then. */
  soon(text: () => string): void {
    this.#waiting = text;
    this.#timer ??= setTimeout(() => this.#speak(), Math.max(0, this.#last + EVERY_MS - Date.now()));
  }

  /** Answers what somebody has just done. The same answer twice is a change only with nothing in between. */
  now(text: string): void {
    this.#say('');
    setTimeout(() => this.#say(text), BETWEEN_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = undefined;
  }

  #speak(): void {
    this.#timer = undefined;
    this.#last = Date.now();
    const text = this.#waiting?.();
    this.#waiting = undefined;
    if (text !== undefined) this.#say(text);
  }
}
