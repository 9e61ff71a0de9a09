import { call } from './module.js';
import type { AuditRecord } from './wire.js';

/** State of an item, phase, project or run. */
export type Status = 'started' | 'progress' | 'failed' | 'completed' | 'stalled';

/** How many items there are and what became of them. */
export interface Counts {
  /** Items in all, as announced; never fewer than are known. */
  total: number;
  completed: number;
  failed: number;
  /** Items at work, stalled ones included. */
  inProgress: number;
  stalled: number;
}

/** Why a call or an item failed. */
export interface Fault {
  code?: string;
  message: string;
}

/** One failed attempt of an item. */
export interface Failure {
  attempt: number;
  at: number;
  agentId: string | null;
  error: Fault;
}

interface RowBase {
  /** Names the row for as long as it is shown. */
  key: string;
  /** Key of the row it lies under; empty at the top. */
  parent: string;
}

/** One orchestration run. Times are milliseconds since 1970. */
export interface RunRow extends RowBase, Counts {
  kind: 'run';
  runId: string;
  /** Null when the run has calls only. */
  status: Status | null;
  startedAt: number | null;
  endedAt: number | null;
  lastActivityAt: number;
  agents: string[];
}

/** One project of a run, or outside any. */
export interface ProjectRow extends RowBase, Counts {
  kind: 'project';
  runId: string | null;
  project: number;
  status: Status;
  totalPhases: number;
  completedPhases: number;
  startedAt: number;
  endedAt: number | null;
  lastActivityAt: number;
}

/** One phase of a project. */
export interface PhaseRow extends RowBase, Counts {
  kind: 'phase';
  runId: string | null;
  project: number;
  phase: number;
  name: string | null;
  status: Status;
  startedAt: number;
  endedAt: number | null;
  lastActivityAt: number;
}

/** One work item, over all its attempts. */
export interface ItemRow extends RowBase {
  kind: 'item';
  runId: string | null;
  project: number;
  phase: number;
  itemId: string;
  title: string;
  status: Status;
  /** Starts counted. */
  attempts: number;
  agentId: string | null;
  agents: string[];
  startedAt: number | null;
  endedAt: number | null;
  durationMs: number | null;
  lastActivityAt: number;
  message: string | null;
  percent: number | null;
  error: Fault | null;
  failures: Failure[];
  result: string | null;
  filesChanged: string[];
  worktreePath: string | null;
  taskId: string | null;
  sessionId: string | null;
  auditId: string;
}

/** The fold under which calls without an item lie. */
export interface OtherRow extends RowBase {
  kind: 'other';
  runId: string | null;
  count: number;
  failed: number;
  lastActivityAt: number;
}

/** One call or event without an item. */
export interface CallRow extends RowBase {
  kind: 'call';
  auditId: string;
  runId: string | null;
  project: number | null;
  operation: string;
  method: string | null;
  endpoint: string | null;
  responseStatus: number | null;
  outcome: string;
  at: number;
  durationMs: number | null;
  agentId: string | null;
  actor: string | null;
  error: Fault | null;
}

/** One row of the history. */
export type Row = RunRow | ProjectRow | PhaseRow | ItemRow | OtherRow | CallRow;

/** One step from the rows as they were to the rows as they are, in the order in which to apply them. */
export type Patch =
  | { op: 'remove'; key: string }
  | { op: 'insert'; before: string | null; row: Row }
  | { op: 'move'; key: string; before: string | null }
  | { op: 'update'; row: Row };

/** What is held as a whole, whatever the filter shows. */
export interface Summary extends Counts {
  /** Records held, and most that are. */
  records: number;
  capacity: number;
  /** Items and calls that are held, and those that the filter lets through. */
  rows: number;
  shown: number;
  filtered: boolean;
  newestAt: number | null;
  /** What a filter can choose from. */
  projects: number[];
  phases: { project: number; phase: number; name: string | null }[];
  agents: string[];
}

/** What a step changed. */
export interface Changes {
  patches: Patch[];
  /** Null when nothing of it changed. */
  summary: Summary | null;
  /** Records taken in: neither duplicates, nor too old to be held, nor another workspace's. */
  accepted: number;
  /** Elements that were no records. */
  rejected: number;
  /** Records of other workspaces. */
  outOfScope: number;
}

/** All that is shown, parents before what lies under them. */
export interface View {
  rows: Row[];
  summary: Summary;
}

/** What to show; what is not set lets everything through. */
export interface HistoryFilter {
  project?: number | null;
  phase?: number | null;
  status?: Status[];
  /** Milliseconds since 1970. */
  since?: number | null;
  until?: number | null;
  /** Only what showed a sign of life within so many milliseconds; moves with the clock. */
  withinMs?: number | null;
  agent?: string | null;
  text?: string | null;
}

/** What a history keeps and whose. */
export interface HistoryOptions {
  /** Only this workspace's records, and those of runs that it launched elsewhere; all workspaces' when absent. */
  workspaceId?: string | null;
  /** Most records that are kept; 500 when absent. */
  capacity?: number;
  /** How long an item may be silent before it counts as stalled; five minutes when absent. */
  stalledAfterMs?: number;
}

/** One end of what a history holds. */
export interface Mark {
  timestamp: number;
  auditId: string;
}

/** What a history holds. */
export interface HistoryCursor {
  newest: Mark | null;
  oldest: Mark | null;
  records: number;
  full: boolean;
}

/** A record, or as much of one as a newer or older API sends. */
export type HistoryRecord = AuditRecord | (Partial<AuditRecord> & Pick<AuditRecord, 'audit_id' | 'timestamp'>);

/**
 * The view model behind the Task History: takes records in any order, as often as they come, keeps the newest and answers with the
 * patches that bring a page up to date. What it shows depends only on the records that it keeps, the filter and the time.
 */
export class TaskHistory {
  readonly #history;

  constructor(options: HistoryOptions = {}) {
    this.#history = call((module) => new module.TaskHistory(JSON.stringify(options)));
  }

  /** Takes records in: an array, or its JSON text. */
  apply(batch: readonly HistoryRecord[] | string, nowMs: number = Date.now()): Changes {
    const text = typeof batch === 'string' ? batch : JSON.stringify(batch);
    return JSON.parse(call(() => this.#history.apply(text, nowMs)));
  }

  /** Shows what the filter lets through, from now on. */
  setFilter(filter: HistoryFilter, nowMs: number = Date.now()): Changes {
    return JSON.parse(call(() => this.#history.setFilter(JSON.stringify(filter), nowMs)));
  }

  /** Tells the time, which decides what is stalled and what a filter by age lets through. */
  tick(nowMs: number = Date.now()): Changes {
    return JSON.parse(call(() => this.#history.tick(nowMs)));
  }

  /** Everything that is shown. */
  view(): View {
    return JSON.parse(call(() => this.#history.view()));
  }

  /** What is held. */
  cursor(): HistoryCursor {
    return JSON.parse(call(() => this.#history.cursor()));
  }

  /** Gives the memory back at once, instead of when the garbage collector gets to it. */
  free(): void {
    this.#history.free();
  }
}
