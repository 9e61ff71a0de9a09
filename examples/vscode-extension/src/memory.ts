// What outlives the window, in the workspace's own storage: what the user has chosen in the view, and the newest records for when the
// API cannot be reached. Whatever else is kept there is left alone.
import type { Memento } from 'vscode';
import type { HistoryRecord } from '@tasktrail/wasm';
import type { ViewState } from '@tasktrail/wasm/ui/embedded';
import type { SavedCopy } from './feed';

const CHOICES = 'tasktrail.choices.v1';
const COPY = 'tasktrail.copy.v1';
/** Records are saved at most so often. */
const SAVE_EVERY_MS = 5_000;

interface Choices {
  state?: ViewState;
  allWorkspaces?: boolean;
}

interface KeptCopy extends SavedCopy {
  /** Whose records they are: another API's or another folder's are of no use. */
  origin: string;
}

export class Memory {
  readonly #memento: Memento;
  #choices: Choices;
  #due: ReturnType<typeof setTimeout> | undefined;
  #copy: (() => KeptCopy) | undefined;

  constructor(memento: Memento) {
    this.#memento = memento;
    const kept = memento.get<Choices>(CHOICES);
    this.#choices = kept && typeof kept === 'object' ? kept : {};
  }

  get choices(): Readonly<Choices> {
    return this.#choices;
  }

  choose(choices: Choices): void {
    this.#choices = { ...this.#choices, ...choices };
    void this.#memento.update(CHOICES, this.#choices);
  }

  /** The copy of `origin`, if there is one. */
  copyOf(origin: string): SavedCopy | undefined {
    const kept = this.#memento.get<KeptCopy>(COPY);
    if (kept?.origin !== origin || !Array.isArray(kept.records)) return undefined;
    const records = kept.records.filter(isRecord);
    const { completeThrough } = kept;
    return { records, completeThrough: typeof completeThrough === 'number' ? completeThrough : null };
  }

  /** Saves soon; `copy` is asked then. */
  saveSoon(copy: () => KeptCopy): void {
    this.#copy = copy;
    this.#due ??= setTimeout(() => void this.flush(), SAVE_EVERY_MS);
  }

  /** Saves what is due now. */
  async flush(): Promise<void> {
    clearTimeout(this.#due);
    this.#due = undefined;
    const copy = this.#copy?.();
    this.#copy = undefined;
    if (copy) await this.#memento.update(COPY, copy);
  }
}

function isRecord(value: unknown): value is HistoryRecord {
  const record = value as Partial<HistoryRecord> | null;
  return typeof record?.audit_id === 'string' && record.timestamp !== undefined;
}
