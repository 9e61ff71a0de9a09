const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
/** Numbers of 32 bits in an id. */
const WORDS = 4;

/**
 * The ids that were seen last. What was seen longest ago is forgotten first; what came again meanwhile stays for a round more.
 *
 * They are kept as the 16 bytes that they are, in memory that is there from the start: as texts, those of a page that has been open for
 * long would be a fifth of all that its scripts hold.
 */
export class RecentIds {
  readonly #capacity: number;
  /** The ids in the order in which they came, as a ring, and which of them came again. */
  readonly #words: Uint32Array;
  readonly #again: Uint8Array;
  /** By a few bits of an id: the place, from 1, of the last one that has them; and for each place the one before it. */
  readonly #last: Uint32Array;
  readonly #before: Uint32Array;
  /** Those of another form; the API gives none. */
  readonly #others = new Set<string>();
  /** The one that is asked about. */
  readonly #asked = new Uint32Array(WORDS);
  #size = 0;
  /** Where the next one goes. */
  #hand = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#words = new Uint32Array(capacity * WORDS);
    this.#again = new Uint8Array(capacity);
    this.#before = new Uint32Array(capacity);
    this.#last = new Uint32Array(2 ** Math.ceil(Math.log2(capacity)));
  }

  /** Notes an id as seen now. Whether it was new. */
  add(id: string): boolean {
    if (!this.#read(id)) return this.#addOther(id);
    if (this.#comesAgain()) return false;
    const place = this.#size < this.#capacity ? this.#size++ : this.#forget();
    const chain = this.#chain(this.#asked);
    this.#words.set(this.#asked, place * WORDS);
    this.#before[place] = this.#last[chain] ?? 0;
    this.#last[chain] = place + 1;
    return true;
  }

  /** Whether an id is among those that were seen last; it stays there for longer then. */
  has(id: string): boolean {
    return this.#read(id) ? this.#comesAgain() : this.#others.has(id) && !this.#addOther(id);
  }

  #read(id: string): boolean {
    if (!UUID.test(id)) return false;
    const digits = id.replaceAll('-', '');
    for (let n = 0; n < WORDS; n++) this.#asked[n] = parseInt(digits.slice(8 * n, 8 * n + 8), 16);
    return true;
  }

  /** Whether the one that is asked about is here; then it has come again. */
  #comesAgain(): boolean {
    let at = this.#last[this.#chain(this.#asked)] ?? 0;
    while (at > 0 && this.#asked.some((word, n) => this.#words[(at - 1) * WORDS + n] !== word))
      at = this.#before[at - 1] ?? 0;
    if (at > 0) this.#again[at - 1] = 1;
    return at > 0;
  }

  /** Makes a place free. */
  #forget(): number {
    const next = (): number => {
      const place = this.#hand;
      this.#hand = (place + 1) % this.#capacity;
      return place;
    };
    let place = next();
    for (; this.#again[place] === 1; place = next()) this.#again[place] = 0;
    const chain = this.#chain(this.#words.subarray(place * WORDS));
    const before = this.#before[place] ?? 0;
    let at = this.#last[chain] ?? 0;
    if (at === place + 1) {
      this.#last[chain] = before;
      return place;
    }
    while (this.#before[at - 1] !== place + 1) at = this.#before[at - 1] ?? 0;
    this.#before[at - 1] = before;
    return place;
  }

  #chain([a = 0, b = 0, c = 0, d = 0]: Uint32Array): number {
    return (Math.imul(a ^ d, 0x9e3779b1) ^ Math.imul(b ^ c, 0x85ebca6b)) & (this.#last.length - 1);
  }

  #addOther(id: string): boolean {
    const isNew = !this.#others.delete(id);
    this.#others.add(id);
    if (this.#others.size > this.#capacity) {
      const [oldest] = this.#others;
      if (oldest !== undefined) this.#others.delete(oldest);
    }
    return isNew;
  }
}
