import type { HistoryRecord } from '@tasktrail/wasm';

/** The newest records by `(timestamp, audit_id)`, each once: what a history of that capacity shows, whatever else there is. */
export class RecentRecords {
  readonly #records = new Map<string, { at: number; record: HistoryRecord }>();
  readonly #capacity: number;
  readonly #notBefore: () => number;

  /** `notBefore` gives the age, as a time, past which a record is not kept. */
  constructor(capacity: number, notBefore: () => number = () => -Infinity) {
    this.#capacity = capacity;
    this.#notBefore = notBefore;
  }

  get size(): number {
    return this.#records.size;
  }

  /** Takes records in, and gives those that were neither there already nor too old to be kept. */
  add(records: readonly HistoryRecord[]): HistoryRecord[] {
    const notBefore = this.#notBefore();
    const before = new Set<string>();
    for (const record of records) {
      const at = Date.parse(String(record.timestamp));
      if (Number.isNaN(at) || at < notBefore || this.#records.has(record.audit_id)) continue;
      this.#records.set(record.audit_id, { at, record });
      before.add(record.audit_id);
    }
    this.#trim();
    return records.filter(({ audit_id: id }) => before.delete(id) && this.#records.has(id));
  }

  has(auditId: string): boolean {
    return this.#records.has(auditId);
  }

  /** All of them, the newest first. */
  all(): HistoryRecord[] {
    return this.#sorted().map(([, { record }]) => record);
  }

  /** Whether a record is past the age at which it is kept. */
  isTooOld({ timestamp }: HistoryRecord): boolean {
    return Date.parse(timestamp) < this.#notBefore();
  }

  /** Lets go of what has become too old; whether there was any. */
  expire(): boolean {
    const notBefore = this.#notBefore();
    const before = this.size;
    for (const [id, { at }] of this.#records) if (at < notBefore) this.#records.delete(id);
    return this.size < before;
  }

  clear(): void {
    this.#records.clear();
  }

  #trim(): void {
    if (this.#records.size <= this.#capacity) return;
    for (const [id] of this.#sorted().slice(this.#capacity)) this.#records.delete(id);
  }

  #sorted(): [string, { at: number; record: HistoryRecord }][] {
    return [...this.#records].sort(([a, { at: x }], [b, { at: y }]) => y - x || (a < b ? 1 : a > b ? -1 : 0));
  }
}
