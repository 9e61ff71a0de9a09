import { TasktrailError } from './errors.js';
import { instance, type Handle } from './module.js';
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

/** The same, and how far that is. */
export interface Progress extends Counts {
  /** Items that ended well, in whole percent of all: 100 only when all did. */
  percent: number;
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

/** An agent at work on one attempt of an item. */
export interface AgentSpell {
  agentId: string;
  /** The agent that sent it, where that was said. */
  parentAgentId: string | null;
  attempt: number;
  /** Its first and its last word on it. */
  firstAt: number;
  lastAt: number;
}

/** Numbers of one writer's records that are lost; null where nobody knows. */
export interface Gap {
  writerId: string | null;
  fromSeq: number | null;
  toSeq: number | null;
  count: number | null;
  reason: string | null;
}

interface RowBase {
  /** Names the row for as long as it is shown. */
  key: string;
  /** Key of the row it lies under; empty at the top. */
  parent: string;
}

/** One workspace, in a history that groups by them. Times are milliseconds since 1970. */
export interface WorkspaceRow extends RowBase, Progress {
  kind: 'workspace';
  /** `unknown` for the records that name none. */
  workspaceId: string;
  /** Null when it has calls only. */
  status: Status | null;
  lastActivityAt: number;
}

/** One orchestration run. Times are milliseconds since 1970. */
export interface RunRow extends RowBase, Progress {
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
export interface ProjectRow extends RowBase, Progress {
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
export interface PhaseRow extends RowBase, Progress {
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
  workspaceId: string;
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
  /** Who worked on which attempt, and who sent whom, in the order of their first word. */
  lineage: AgentSpell[];
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
  /** Of them, events that were refused, and records that tell of losses. */
  quarantined: number;
  gaps: number;
  lastActivityAt: number;
}

/** One call or event without an item, or what else the trail tells. */
export interface CallRow extends RowBase {
  kind: 'call';
  auditId: string;
  /** `quarantined`: an event that the API refused for what is in it, `error` says why. `gap`: records that are lost. */
  nature: 'call' | 'quarantined' | 'gap';
  gap: Gap | null;
  workspaceId: string;
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
export type Patch<R = Row> =
  | { op: 'remove'; key: string }
  | { op: 'insert'; before: string | null; row: R }
  | { op: 'move'; key: string; before: string | null }
  | { op: 'update'; row: R };

/** What is held as a whole, whatever the filter shows. */
export interface Summary extends Counts {
  /** Records held, and most that are while no older ones are paged in. */
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

/** The summary as a history gives it. */
export interface HistorySummary extends Summary, Progress {
  /** Records held beyond the capacity: older ones that were paged in. */
  older: number;
  /** Held: events that were refused, and records that tell of losses. */
  quarantined: number;
  gaps: number;
  /** Workspaces that a filter can choose from. */
  workspaces: string[];
}

/** What a step changed. */
export interface Changes<R = Row> {
  patches: Patch<R>[];
  /** Null when nothing of it changed. */
  summary: HistorySummary | null;
  /** Records taken in: neither duplicates, nor too old to be held, nor another workspace's. */
  accepted: number;
  /** Elements that were no records. */
  rejected: number;
  /** Records of other workspaces. */
  outOfScope: number;
  /** Why the WebAssembly module had to be replaced meanwhile; the records that it cannot take count as rejected. */
  trapped?: TasktrailError;
}

/** All that is shown, parents before what lies under them. */
export interface View<R = Row> {
  rows: R[];
  summary: HistorySummary;
}

/** What to show; what is not set lets everything through. */
export interface HistoryFilter {
  /** In a history of more than one workspace. */
  workspace?: string | null;
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
  /** Only the records of this workspace or of these, and those of runs that they launched elsewhere; all workspaces' when absent. */
  workspaceId?: string | readonly string[] | null;
  /** Most records that are kept; 500 when absent. */
  capacity?: number;
  /** Most older records that are kept beside those while they are paged in; 2,000 when absent. */
  olderCapacity?: number;
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

type Step = (history: Handle) => string;

/** A step's answer as it crosses: of what the page has already, no more than what changed. */
interface Answer<R> extends Omit<Changes<R>, 'patches' | 'summary'> {
  patches: (Exclude<Patch<R>, { op: 'update' }> | { op: 'update'; key: string; row: Partial<R> })[];
  summary: Partial<HistorySummary> | null;
}

/** Characters of what was taken in since the last save, past which it is saved anew. */
const MOST_UNSAVED = 1_000_000;
/** What a step itself counts for. */
const STEP = 100;

/**
 * The view model behind the Task History: takes records in any order, as often as they come, keeps the newest and answers with the
 * patches that bring a page up to date. What it shows depends only on the records that it keeps, the filter and the time.
 *
 * The rows and summaries that it hands out are its own: it makes the next ones from them, so whoever changes them takes a copy.
 *
 * It outlives its WebAssembly instance: when that traps, it goes on in a new one from what it remembers here, and the page's rows stay
 * right.
 */
export class TaskHistory<R extends Row | WorkspaceRow = Row> {
  readonly #instance = instance();
  readonly #options: string;
  #handle: Handle;
  #generation: number;
  // What brings another instance to where this one is: the last save, and what was taken in since.
  #saved: string | undefined;
  #steps: Step[] = [];
  #unsaved = 0;
  #now: Step | undefined;
  // What the page has, to which answers are read.
  readonly #rows = new Map<string, R>();
  #summary = {} as HistorySummary;

  constructor(options: HistoryOptions = {}) {
    this.#options = JSON.stringify(options);
    this.#handle = this.#open();
    this.#generation = this.#instance.generation;
  }

  /** A history with workspaces at the top of its tree. */
  static byWorkspace(options: HistoryOptions = {}): TaskHistory<Row | WorkspaceRow> {
    const grouped: HistoryOptions & { byWorkspace: true } = { ...options, byWorkspace: true };
    return new TaskHistory<Row | WorkspaceRow>(grouped);
  }

  /** Takes records in: an array, or its JSON text. */
  apply(batch: readonly HistoryRecord[] | string, nowMs: number = Date.now()): Changes<R> {
    return this.#take(batch, (text) => (history) => history.apply(text, nowMs));
  }

  /**
   * Takes in a page of the records before the oldest that is held (`cursor().oldest`), as the API has them. Until `pageOut` they are
   * kept beside the newest.
   *
   * Take in an empty page before you ask for one: from then on no news pushes the oldest record out, before which the page begins.
   */
  pageIn(page: readonly HistoryRecord[] | string, nowMs: number = Date.now()): Changes<R> {
    return this.#take(page, (text) => (history) => history.pageIn(text, nowMs));
  }

  /** Lets go of all but the newest records. */
  pageOut(nowMs: number = Date.now()): Changes<R> {
    return this.#change((history) => history.pageOut(nowMs));
  }

  /** Shows what the filter lets through, from now on. */
  setFilter(filter: HistoryFilter, nowMs: number = Date.now()): Changes<R> {
    const text = JSON.stringify(filter);
    return this.#change((history) => history.setFilter(text, nowMs), text.length);
  }

  /** The filter as it was set. */
  filter(): HistoryFilter {
    return JSON.parse(this.#ask((history) => history.filter()));
  }

  /** Tells the time, which decides what is stalled and what a filter by age lets through. */
  tick(nowMs: number = Date.now()): Changes<R> {
    const step: Step = (history) => history.tick(nowMs);
    const answer = this.#ask(step);
    // Of times, only the last one counts.
    this.#now = step;
    return this.#read(answer);
  }

  /** Everything that is shown. */
  view(): View<R> {
    return JSON.parse(this.#ask((history) => history.view()));
  }

  /** What is held. */
  cursor(): HistoryCursor {
    return JSON.parse(this.#ask((history) => history.cursor()));
  }

  /** What is held, and the filter, as one text for `restore`: for when there is no API to ask. */
  save(): string {
    return this.#ask((history) => history.save());
  }

  /**
   * Takes in what `save` wrote, beside what is held already, and sets its filter.
   *
   * @throws TasktrailError `TT_HISTORY_INVALID` when it is no saved history or one of another version: fetch the records again.
   */
  restore(saved: string, nowMs: number = Date.now()): Changes<R> {
    return this.#change((history) => history.restore(saved, nowMs), saved.length);
  }

  /** Gives the memory back at once, instead of when the garbage collector gets to it. */
  free(): void {
    // Another instance has another's memory at this address.
    if (this.#instance.holds(this.#generation)) this.#handle.free();
  }

  #take(batch: readonly HistoryRecord[] | string, step: (text: string) => Step): Changes<R> {
    const text = typeof batch === 'string' ? batch : JSON.stringify(batch);
    try {
      return this.#change(step(text), text.length);
    } catch (fault) {
      // What overflowed the stack fits on a shorter one: nothing is wrong with the records.
      if (!isTrap(fault) || !(fault.cause instanceof WebAssembly.RuntimeError)) throw fault;
      const elements: unknown = JSON.parse(text);
      if (!Array.isArray(elements)) throw fault;
      return this.#takeApart(elements, step, fault);
    }
  }

  /** Something in the batch is more than the module can bear: the rest of it is taken all the same. */
  #takeApart(batch: unknown[], step: (text: string) => Step, trapped: TasktrailError): Changes<R> {
    const changes: Changes<R> = { patches: [], summary: null, accepted: 0, rejected: 0, outOfScope: 0, trapped };
    for (const element of batch) {
      const text = JSON.stringify([element]);
      try {
        const { patches, summary, accepted, rejected, outOfScope } = this.#change(step(text), text.length);
        changes.patches.push(...patches);
        changes.summary = summary ?? changes.summary;
        changes.accepted += accepted;
        changes.rejected += rejected;
        changes.outOfScope += outOfScope;
      } catch (fault) {
        if (!isTrap(fault)) throw fault;
        changes.rejected++;
      }
    }
    return changes;
  }

  #change(step: Step, length = 0): Changes<R> {
    const answer = this.#ask(step);
    this.#now = undefined;
    this.#steps.push(step);
    this.#unsaved += length + STEP;
    if (this.#unsaved > MOST_UNSAVED) this.#forget(step);
    return this.#read(answer);
  }

  /** Makes whole what an answer says of the rows and the summary. */
  #read(answer: string): Changes<R> {
    const changes: Answer<R> = JSON.parse(answer);
    const rows = this.#rows;
    const patches = changes.patches.map((patch): Patch<R> => {
      if (patch.op === 'update') {
        const row = { ...rows.get(patch.key), ...patch.row } as R;
        rows.set(patch.key, row);
        return { op: 'update', row };
      }
      if (patch.op === 'insert') rows.set(patch.row.key, patch.row);
      else if (patch.op === 'remove') rows.delete(patch.key);
      return patch;
    });
    const summary = changes.summary && (this.#summary = { ...this.#summary, ...changes.summary });
    return { ...changes, patches, summary };
  }

  /** Remembers the records that are held instead of all that ever came. */
  #forget(last: Step): void {
    this.#unsaved = 0;
    try {
      this.#saved = this.save();
    } catch (fault) {
      // The step itself is done; the next time will do.
      if (isTrap(fault)) return;
      throw fault;
    }
    this.#steps = [];
    // Of the last step, the time is not in what is saved; taken again, its records change nothing.
    this.#now = last;
  }

  /** Asks the instance; when it traps, its successor once more. */
  #ask(question: Step): string {
    try {
      return this.#askOnce(question);
    } catch (fault) {
      if (!isTrap(fault)) throw fault;
      return this.#askOnce(question);
    }
  }

  #askOnce(question: Step): string {
    this.#instance.replaceTrapped();
    if (!this.#instance.holds(this.#generation)) this.#replay();
    return this.#instance.run(() => question(this.#handle));
  }

  #replay(): void {
    const { generation } = this.#instance;
    const handle = this.#open();
    const saved = this.#saved;
    this.#instance.run(() => {
      if (saved !== undefined) handle.restore(saved, 0);
      for (const step of this.#steps) step(handle);
      this.#now?.(handle);
    });
    this.#handle = handle;
    this.#generation = generation;
  }

  #open(): Handle {
    return this.#instance.run((module) => new module.TaskHistory(this.#options));
  }
}

function isTrap(fault: unknown): fault is TasktrailError {
  return fault instanceof TasktrailError && fault.code === 'TT_WASM_TRAPPED';
}
