/** The ids that were seen last; what was seen longest ago is forgotten first. */
export class RecentIds {
  readonly #capacity: number;
  readonly #ids = new Set<string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Notes an id as seen now. Whether it was new. */
  add(id: string): boolean {
    const isNew = !this.#ids.delete(id);
    this.#ids.add(id);
    if (this.#ids.size > this.#capacity) {
      const [oldest] = this.#ids;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    return isNew;
  }

  /** Whether an id is among those that were seen last; it stays there for longer then. */
  has(id: string): boolean {
    if (!this.#ids.has(id)) return false;
    this.add(id);
    return true;
  }
}
