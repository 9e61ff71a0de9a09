import type { HistoryRow } from './row.js';

/** Scrolled no further than this, the newest rows are in sight. */
const NEAR_PX = 24;

/**
 * Follows the newest rows, which come on top, until whoever reads has scrolled away from them. Then what they look at stays where it is,
 * and what they have not seen is counted.
 */
export class Follow {
  readonly #changed: () => void;
  #unseen = new Set<HistoryRow>();

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** New rows that are out of sight. */
  get unseen(): number {
    return this.#unseen.size;
  }

  added(row: HistoryRow, area: Element | null): void {
    if (!area || area.scrollTop <= NEAR_PX) return;
    this.#unseen.add(row);
    this.#changed();
  }

  removed(row: HistoryRow): void {
    if (this.#unseen.delete(row)) this.#changed();
  }

  scrolled(area: Element): void {
    if (area.scrollTop <= NEAR_PX) this.reset();
  }

  reset(): void {
    if (this.#unseen.size === 0) return;
    this.#unseen.clear();
    this.#changed();
  }

  /** To the newest of them. */
  jump(area: Element): void {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    area.scrollTo({ top: 0, behavior: still ? 'instant' : 'smooth' });
    this.reset();
  }
}
