import type { Patch } from '../history.js';
import { HistoryRow, elementFor } from './rows.js';
import type { AnyRow, RowActions } from './row.js';

const FRESH_MS = 1_800;
const MOST_FOLDS = 200;
/** Letters that are typed closer together than this are one word. */
const WORD_MS = 800;

/** What the tree tells the element around it. */
export interface TreeListener {
  /** A row came that is news. */
  added(row: HistoryRow): void;
  removed(row: HistoryRow): void;
  /** Somebody folded or unfolded a row. */
  folded(): void;
}

/** The rows on the page: puts patches into effect, keeps folds, and leads the keyboard through. */
export class Tree {
  readonly #listener: TreeListener;
  readonly #actions: RowActions;
  readonly #rows = new Map<string, HistoryRow>();
  #folds = new Map<string, boolean>();
  #element: HTMLElement | undefined;
  #current: HistoryRow | undefined;
  #word = '';
  #wordUntil = 0;

  constructor(actions: RowActions, listener: TreeListener) {
    this.#actions = actions;
    this.#listener = listener;
  }

  get size(): number {
    return this.#rows.size;
  }

  get rows(): Iterable<HistoryRow> {
    return this.#rows.values();
  }

  get folds(): Record<string, boolean> {
    return Object.fromEntries(this.#folds);
  }

  set folds(folds: Record<string, boolean>) {
    this.#folds = new Map(Object.entries(folds));
    for (const [key, open] of this.#folds) this.#rows.get(key)?.toggle(open);
  }

  /** Lives in this element from now on. */
  enter(element: HTMLElement): void {
    this.#element = element;
  }

  clear(): void {
    this.#rows.clear();
    this.#hold(undefined);
    this.#element?.replaceChildren();
  }

  redraw(): void {
    for (const row of this.#rows.values()) row.requestUpdate();
  }

  /** One patch is one change of the page. */
  apply(patch: Patch<AnyRow>, now: number, isNews: boolean): void {
    if (patch.op === 'remove') {
      const row = this.#rows.get(patch.key);
      if (!row) return;
      if (row === this.#current) this.#leave(row);
      row.remove();
      this.#rows.delete(patch.key);
      this.#listener.removed(row);
    } else if (patch.op === 'update') {
      const row = this.#rows.get(patch.row.key);
      if (row) row.row = patch.row;
    } else if (patch.op === 'insert') {
      const element = elementFor(patch.row, now, this.#actions);
      element.toggle(this.#folds.get(patch.row.key) ?? element.open);
      this.#rows.set(patch.row.key, element);
      this.#place(element, patch.row.parent, patch.before);
      if (isNews) {
        element.setAttribute('fresh', '');
        setTimeout(() => element.removeAttribute('fresh'), FRESH_MS);
        this.#listener.added(element);
      }
    } else {
      const row = this.#rows.get(patch.key);
      if (row) this.#place(row, row.row.parent, patch.before);
    }
  }

  #place(element: HistoryRow, parent: string, before: string | null): void {
    const under = this.#rows.get(parent) ?? this.#element;
    if (!under) return;
    // A row that is taken elsewhere loses the keyboard on the way.
    const focused = element.matches(':focus-within');
    under.insertBefore(element, (before !== null && this.#rows.get(before)) || null);
    const level = (under instanceof HistoryRow ? Number(under.getAttribute('aria-level')) : 0) + 1;
    element.setAttribute('aria-level', String(level));
    if (focused) element.focus({ preventScroll: true });
  }

  /** The row that has the keyboard goes: the one beside it gets it. */
  #leave(row: HistoryRow): void {
    if (!row.matches(':focus-within')) {
      this.#hold(undefined);
      return;
    }
    const rows = this.#reachable().filter((one) => one === row || !row.contains(one));
    const at = rows.indexOf(row);
    const beside = rows[at + 1] ?? rows[at - 1];
    this.#hold(beside);
    beside?.focus({ preventScroll: true });
  }

  /** Rows in the order of the page, those in closed folds left out. */
  #reachable(): HistoryRow[] {
    const rows: HistoryRow[] = [];
    const walk = (parent: Element): void => {
      for (const child of parent.children) {
        if (!(child instanceof HistoryRow)) continue;
        rows.push(child);
        if (child.open) walk(child);
      }
    };
    if (this.#element) walk(this.#element);
    return rows;
  }

  #focus(row: HistoryRow | undefined): void {
    if (!row) return;
    this.#hold(row);
    row.focus();
    row.scrollIntoView({ block: 'nearest' });
  }

  /**
   * The row that was last focused is the one that the Tab key leads to; before there is one, the tree hands it on to its first.
   * The others have no `tabindex` at all: a negative one would hide from the Tab key what lies under them.
   */
  #hold(row: HistoryRow | undefined): void {
    if (this.#current) {
      this.#current.removeAttribute('tabindex');
      this.#current.current = false;
    }
    this.#current = row;
    if (row) {
      row.tabIndex = 0;
      row.current = true;
    }
    if (this.#element) this.#element.tabIndex = row ? -1 : 0;
  }

  /** The keyboard comes in. */
  readonly focused = (event: FocusEvent): void => {
    if (event.target === this.#element) this.#focus(this.#current ?? this.#reachable()[0]);
  };

  /**
   * At the press of the button already: until then the tree itself would get the keyboard, and hand it on to a row elsewhere, from under the
   * pointer.
   */
  readonly clicked = (event: Event): void => {
    const row = event.composedPath().find((target) => target instanceof HistoryRow);
    if (!row || row === this.#current) return;
    this.#hold(row);
    // A button inside has the focus already, and a row that is pressed on gets it from the browser.
    if (event.type === 'click' && !row.matches(':focus-within')) row.focus({ preventScroll: true });
  };

  /** Somebody folded a row: kept, so that it stays so when the row or the page comes back. */
  readonly folded = (event: Event): void => {
    const row = event.target;
    if (!(row instanceof HistoryRow)) return;
    // At the end: the one that was changed last is forgotten last.
    this.#folds.delete(row.row.key);
    this.#folds.set(row.row.key, row.open);
    for (const key of this.#folds.keys()) {
      if (this.#folds.size <= MOST_FOLDS) break;
      this.#folds.delete(key);
    }
    this.#listener.folded();
  };

  readonly pressed = (event: KeyboardEvent): void => {
    // What is pressed inside a row, on a button say, is that one's.
    const row = event.composedPath()[0];
    if (!(row instanceof HistoryRow) || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== 'c' || event.shiftKey || getSelection()?.type === 'Range') return;
      void row.copyText();
      event.preventDefault();
      return;
    }
    if (this.#move(row, event.key)) event.preventDefault();
  };

  /** Whether the key means something here. */
  #move(row: HistoryRow, key: string): boolean {
    const rows = this.#reachable();
    const at = rows.indexOf(row);
    const parent = row.parentElement instanceof HistoryRow ? row.parentElement : undefined;
    switch (key) {
      case 'ArrowDown':
        this.#focus(rows[at + 1]);
        return true;
      case 'ArrowUp':
        this.#focus(rows[at - 1]);
        return true;
      case 'PageDown':
        this.#focus(rows[Math.min(rows.length - 1, at + 10)]);
        return true;
      case 'PageUp':
        this.#focus(rows[Math.max(0, at - 10)]);
        return true;
      case 'Home':
        this.#focus(rows[0]);
        return true;
      case 'End':
        this.#focus(rows.at(-1));
        return true;
      case 'ArrowRight':
        if (row.expandable && !row.open) row.fold(true);
        else if (rows[at + 1]?.parentElement === row) this.#focus(rows[at + 1]);
        return true;
      case 'ArrowLeft':
        if (row.expandable && row.open) row.fold(false);
        else this.#focus(parent);
        return true;
      case 'Enter':
        row.fold();
        return true;
      case ' ':
        if (this.#word && Date.now() < this.#wordUntil) return this.#find(rows, at, key);
        row.fold();
        return true;
      case '*':
        for (const sibling of row.parentElement?.children ?? []) if (sibling instanceof HistoryRow) sibling.fold(true);
        return true;
      case '!':
        this.#focus([...rows.slice(at + 1), ...rows.slice(0, at + 1)].find(hasFailed));
        return true;
      default:
        return key.length === 1 && key !== '?' && key !== '/' && this.#find(rows, at, key);
    }
  }

  /** Goes to the next row whose name begins with what is typed, or else has it somewhere. */
  #find(rows: HistoryRow[], at: number, letter: string): boolean {
    const now = Date.now();
    this.#word = (now < this.#wordUntil ? this.#word : '') + letter.toLowerCase();
    this.#wordUntil = now + WORD_MS;
    // The same letter again means the next such row.
    const again = [...this.#word].every((one) => one === this.#word[0]);
    const word = again ? (this.#word[0] ?? '') : this.#word;
    const from = at + (again ? 1 : 0);
    const order = [...rows.slice(from), ...rows.slice(0, from)];
    const names = order.map((row) => row.label.toLowerCase());
    const begins = names.findIndex((name) => name.startsWith(word));
    this.#focus(order[begins >= 0 ? begins : names.findIndex((name) => name.includes(word))]);
    return true;
  }
}

const hasFailed = ({ row }: HistoryRow): boolean => row.kind === 'item' && row.status === 'failed';
