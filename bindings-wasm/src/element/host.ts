import type { HistoryFilter, Status } from '../history.js';

/** Why there is no history to show, in the words of whoever hosts the element. */
export interface Obstacle {
  /** Names it, for tests and styles. */
  kind: string;
  title: string;
  /** What it means and what to do. */
  text: string;
  /** What can be done about it from here: `command` goes to `HistoryHost.act`. */
  action?: { label: string; command: string };
}

/** What a person has chosen in the view, to be kept by the host and given back. */
export interface ViewState {
  filter: HistoryFilter;
  /** Rows that were folded or unfolded by hand, and how they are now. */
  folds: Record<string, boolean>;
}

/** What the host of the element can do for it. What is absent is not offered. */
export interface HistoryHost {
  /** Puts a text on the clipboard; without it, the browser's own is used. */
  copy?(text: string): void | Promise<void>;
  /** Opens a file that an item changed; the path as it was recorded. */
  openFile?(path: string, worktreePath: string | null): void;
  /** Opens the worktree in which an item was worked on. */
  openWorktree?(path: string): void;
  /** Keeps what the person has chosen; `viewState` gives it back. */
  keep?(state: ViewState): void;
  /** Brings the records of all workspaces, or of the host's own alone. */
  showAllWorkspaces?(all: boolean): void;
  /** Asks for the API key, where the API refuses to be read. */
  setApiKey?(): void;
  /** Does what the obstacle's action names. */
  act?(command: string): void;
}

const STATUSES: readonly Status[] = ['started', 'progress', 'failed', 'completed', 'stalled'];
const MOST_FOLDS = 200;

/** What was kept, as far as it can be used: it may be another version's. */
export function readViewState(value: unknown): ViewState {
  const kept = isObject(value) ? value : {};
  const folds = isObject(kept.folds) ? Object.entries(kept.folds) : [];
  return {
    filter: readFilter(kept.filter),
    folds: Object.fromEntries(
      folds.filter((fold): fold is [string, boolean] => typeof fold[1] === 'boolean').slice(-MOST_FOLDS),
    ),
  };
}

function readFilter(value: unknown): HistoryFilter {
  const kept = isObject(value) ? value : {};
  const number = (name: string): number | null => (Number.isSafeInteger(kept[name]) ? (kept[name] as number) : null);
  const text = (name: string): string | null => (typeof kept[name] === 'string' ? kept[name] : null);
  const states = Array.isArray(kept.status) ? kept.status : [];
  return {
    workspace: text('workspace'),
    project: number('project'),
    phase: number('phase'),
    status: STATUSES.filter((status) => states.includes(status)),
    since: number('since'),
    until: number('until'),
    withinMs: number('withinMs'),
    agent: text('agent'),
    text: text('text'),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
