// The runs of the window's own workspaces, told by the same view model that the view shows, so that the two agree.
import { EventEmitter, type Disposable } from 'vscode';
import { TaskHistory, type Changes, type ProjectRow, type RunRow } from '@tasktrail/wasm';
import type { Connection, HistoryConnection } from '@tasktrail/wasm/client';
import type { Feed } from './feed';

/** A run, or a project that belongs to none. */
export type Run = RunRow | ProjectRow;

const TICK_MS = 10_000;
/** A run whose last item has just failed may try it again: it counts as failed when it has stayed so for so long. */
const SETTLE_MS = 5_000;

export class Runs implements Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly #failed = new EventEmitter<Run>();
  readonly #runs = new Map<string, Run>();
  /** Runs that were over before anybody could be told, or that have been told. */
  readonly #settled = new Set<string>();
  readonly #settling = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #ticker: ReturnType<typeof setInterval>;
  readonly #report: (message: string) => void;
  #history: TaskHistory | undefined;
  #feed: HistoryConnection | undefined;
  #followed: Feed | undefined;
  #clockOffset = 0;
  #ready = false;
  #connection: Connection | undefined;

  readonly onDidChange = this.#changed.event;
  /** A run failed while this window was open. Each is told once. */
  readonly onDidFail = this.#failed.event;

  /** `report` hears what should not have happened. */
  constructor(report: (message: string) => void) {
    this.#report = report;
    this.#ticker = setInterval(() => this.#change((history, now) => history.tick(now)), TICK_MS);
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  get followed(): Feed | undefined {
    return this.#followed;
  }

  /** The run that has last shown a sign of life. */
  get current(): Run | undefined {
    let latest: Run | undefined;
    for (const run of this.#runs.values()) {
      if (run.status !== null && (!latest || run.lastActivityAt > latest.lastActivityAt)) latest = run;
    }
    return latest;
  }

  /** Follows this feed instead of the one before. */
  follow(feed: Feed | undefined, limit: number): void {
    this.#stop();
    this.#followed = feed;
    if (feed) {
      this.#history = new TaskHistory({ capacity: limit });
      this.#feed = feed.connect({
        records: (records) => this.#change((history, now) => history.apply(records, now)),
        ready: () => {
          for (const [key, run] of this.#runs) if (isOver(run)) this.#settled.add(key);
          this.#ready = true;
        },
        connection: (connection) => {
          this.#connection = connection;
          this.#changed.fire();
        },
        clock: (offset) => {
          this.#clockOffset = offset;
        },
      });
    }
    this.#changed.fire();
  }

  dispose(): void {
    clearInterval(this.#ticker);
    this.#stop();
    this.#changed.dispose();
    this.#failed.dispose();
  }

  #stop(): void {
    this.#feed?.close();
    this.#feed = undefined;
    this.#history?.free();
    this.#history = undefined;
    this.#runs.clear();
    this.#settled.clear();
    for (const timer of this.#settling.values()) clearTimeout(timer);
    this.#settling.clear();
    this.#ready = false;
    this.#connection = undefined;
  }

  #now(): number {
    return Date.now() + this.#clockOffset;
  }

  /** A view model that has failed counts no more; the view says why, and the feed goes on without it. */
  #change(work: (history: TaskHistory, now: number) => Changes): void {
    if (!this.#history) return;
    try {
      this.#take(work(this.#history, this.#now()));
    } catch (fault) {
      this.#history = undefined;
      this.#runs.clear();
      this.#changed.fire();
      this.#report(fault instanceof Error ? fault.message : String(fault));
    }
  }

  #take({ patches }: Changes): void {
    let changed = false;
    for (const patch of patches) {
      if (patch.op === 'remove') changed = this.#runs.delete(patch.key) || changed;
      if (patch.op !== 'insert' && patch.op !== 'update') continue;
      const { row } = patch;
      if (row.kind !== 'run' && !(row.kind === 'project' && row.runId === null)) continue;
      this.#runs.set(row.key, row);
      changed = true;
      if (this.#ready) this.#watch(row);
    }
    if (changed) this.#changed.fire();
  }

  #watch(run: Run): void {
    clearTimeout(this.#settling.get(run.key));
    this.#settling.delete(run.key);
    if (!isOver(run)) this.#settled.delete(run.key);
    if (run.status !== 'failed' || this.#settled.has(run.key)) return;
    const settle = (): void => {
      this.#settling.delete(run.key);
      const now = this.#runs.get(run.key);
      if (now?.status !== 'failed') return;
      this.#settled.add(run.key);
      this.#failed.fire(now);
    };
    this.#settling.set(run.key, setTimeout(settle, SETTLE_MS));
  }
}

const isOver = (run: Run): boolean => run.status === 'failed' || run.status === 'completed';

/** What a run is called. */
export function nameOf(run: Run): string {
  return run.kind === 'run' ? `Run ${run.runId}` : `Project ${run.project}`;
}
