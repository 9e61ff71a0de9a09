import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { TasktrailError } from '../errors.js';
import { TaskHistory, type Changes, type HistoryFilter, type HistoryRecord, type HistorySummary } from '../history.js';
import { init } from '../init.slim.js';
import type { ModuleSource } from '../module.js';
import type { Connection, HistoryConnection, HistorySource } from '../source.js';
import { Announcer } from './announcer.js';
import { badge } from './badge.js';
import { EVERYTHING, filters, states, type FilterBar } from './filters.js';
import { Follow } from './follow.js';
import { count, short } from './format.js';
import { readViewState, type HistoryHost, type Obstacle, type ViewState } from './host.js';
import { arrow, warning } from './icons.js';
import { message, sentence } from './messages.js';
import { page } from './page-styles.js';
import { past, type PastState } from './past.js';
import type { AnyRow, RowActions } from './row.js';
import { shortcuts, shortcutStyles } from './shortcuts.js';
import { common, handOn, theme } from './styles.js';
import { Tree } from './tree.js';

export type * from '../source.js';
export type { HistoryRecord } from '../history.js';
export type { HistoryHost, Obstacle, ViewState } from './host.js';

const TYPING_MS = 120;
/** Nobody looks at the past. */
const PRESENT: Pick<PastState, 'isEnd' | 'isLoading' | 'fault'> = { isEnd: false, isLoading: false, fault: '' };

const NONE: HistorySummary = {
  records: 0,
  capacity: 0,
  total: 0,
  completed: 0,
  failed: 0,
  inProgress: 0,
  stalled: 0,
  rows: 0,
  shown: 0,
  filtered: false,
  newestAt: null,
  projects: [],
  phases: [],
  agents: [],
  percent: 0,
  older: 0,
  quarantined: 0,
  gaps: 0,
  workspaces: [],
};

/**
 * The Task History: what the agents of a workspace are doing and have done, live.
 *
 * With `api` and `workspace` it talks to the API itself; where a page has no network, give it a `source`. It keeps its rows and
 * changes only those that a record changes.
 */
export class TaskHistoryElement extends LitElement {
  static override styles = [theme, handOn, common, page, shortcutStyles];

  /** How the API at an address is reached; a page that gives its element a `source` needs none. */
  static fromApi: ((api: string, workspaceId: string, apiKey: string | null) => HistorySource) | undefined;

  /** Address of the API without `/api`; empty for the page's own origin. */
  @property() api: string | null = null;
  /** Whose history to show. */
  @property() workspace: string | null = null;
  /** API key, for an API that asks for one. */
  @property({ attribute: 'api-key' }) apiKey: string | null = null;
  /** Where the records come from; instead of `api`. */
  @property({ attribute: false }) source: HistorySource | null = null;
  /** Where the WebAssembly module comes from; from beside the script when absent. */
  @property({ attribute: false }) module: ModuleSource | null = null;

  /** Most records that are kept; 500 when absent. */
  @property({ type: Number }) limit: number | null = null;
  /** What whoever hosts this can do for it. */
  @property({ attribute: false }) host: HistoryHost | null = null;
  /** Why there is no history to show; stands in the place of the rows. */
  @property({ attribute: false }) obstacle: Obstacle | null = null;
  /** Whether the records are those of all workspaces; null where there is no choice. */
  @property({ attribute: false }) allWorkspaces: boolean | null = null;

  /** What workspaces are called. Without `workspace`, the records are those of several, and grouped by them. */
  @property({ attribute: false }) workspaceNames: Readonly<Record<string, string>> | null = null;

  @state() private connection: Connection = { state: 'connecting', since: Date.now() };
  @state() private completeThrough: number | null = null;
  @state() private summary: HistorySummary = NONE;
  @state() private filter: HistoryFilter = {};
  @state() private range = false;
  @state() private fault: TasktrailError | null = null;
  @state() private ready = false;
  @state() private announcement = '';
  @state() private unseen = 0;
  @state() private past = PRESENT;
  @query('.tree') private tree!: HTMLElement;
  @query('main') private area!: HTMLElement | null;
  @query('vscode-textfield') private search!: HTMLElement | null;
  @query('dialog') private help!: HTMLDialogElement;

  #history: TaskHistory<AnyRow> | undefined;
  #feed: HistoryConnection | undefined;
  #generation = 0;
  #waiting: HistoryRecord[] = [];
  #scheduled = false;
  #clockOffset = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  readonly #announcer = new Announcer((text) => (this.announcement = text));
  readonly #follow = new Follow(() => {
    const more = this.#follow.unseen > this.unseen;
    this.unseen = this.#follow.unseen;
    if (more) this.#announcer.soon(() => this.#progress());
  });
  readonly #actions: RowActions = {
    copy: (text) => this.#copy(text),
    nameOf: (id) => this.workspaceNames?.[id] ?? (id === 'unknown' ? 'Unknown workspace' : short(id)),
    openFile: undefined,
    openWorktree: undefined,
  };
  readonly #tree: Tree;

  constructor() {
    super();
    this.#tree = new Tree(this.#actions, {
      added: (row) => {
        if (row.row.kind === 'item') this.#follow.added(row, this.area);
      },
      removed: (row) => this.#follow.removed(row),
      folded: () => this.#keep(),
    });
  }

  /** What a person has chosen here; setting it brings back what was kept. */
  get viewState(): ViewState {
    return { filter: this.filter, folds: this.#tree.folds };
  }

  set viewState(kept: ViewState) {
    const { filter, folds } = readViewState(kept);
    this.#tree.folds = folds;
    this.#filterBy(filter);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#ticker = setInterval(() => this.#tick(), 1_000);
    document.addEventListener('visibilitychange', this.#tick);
    if (this.hasUpdated) this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#ticker);
    clearTimeout(this.#typing);
    this.#announcer.stop();
    document.removeEventListener('visibilitychange', this.#tick);
    this.#stop();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('host')) return;
    const { host } = this;
    this.#actions.openFile = host?.openFile && ((path, worktreePath) => host.openFile?.(path, worktreePath));
    this.#actions.openWorktree = host?.openWorktree && ((path) => host.openWorktree?.(path));
    this.#tree.redraw();
  }

  protected override firstUpdated(): void {
    this.#tree.enter(this.tree);
  }

  protected override updated(changed: PropertyValues): void {
    if (['api', 'workspace', 'apiKey', 'source', 'module', 'limit'].some((name) => changed.has(name))) this.#start();
  }

  /** Fetches everything once more. */
  refresh(): void {
    if (this.fault) this.#start();
    else this.#feed?.refresh();
  }

  #stop(): void {
    this.#generation++;
    this.#feed?.close();
    this.#feed = undefined;
    this.#history?.free();
    this.#history = undefined;
    this.#waiting = [];
    this.#tree.clear();
    this.#follow.reset();
    this.past = PRESENT;
    this.removeAttribute('data-ready');
  }

  #start(): void {
    this.#stop();
    const generation = this.#generation;
    this.ready = false;
    this.fault = null;
    this.completeThrough = null;
    this.summary = NONE;
    if (!this.isConnected || (!this.source && (this.api === null || !this.workspace))) return;
    this.#heard({ state: 'connecting', since: Date.now() });
    init(this.module ?? undefined)
      .then(() => {
        if (generation === this.#generation) this.#connect(generation);
      })
      .catch((fault: unknown) => {
        if (generation === this.#generation) this.#fail(fault);
      });
  }

  #connect(generation: number): void {
    const kept = this.limit ? { capacity: this.limit } : {};
    this.#history = this.workspace
      ? new TaskHistory<AnyRow>({ ...kept, workspaceId: this.workspace })
      : TaskHistory.byWorkspace(kept);
    this.#change(this.#history.setFilter(this.filter, this.#now()));
    // What a source that was replaced still says is not for the new one's rows.
    const current =
      <T extends unknown[]>(work: (...said: T) => void) =>
      (...said: T): void => {
        if (generation === this.#generation) work(...said);
      };
    this.#feed = this.#from().connect({
      records: current((records: readonly HistoryRecord[]) => this.#take(records)),
      ready: current(() => this.#complete()),
      connection: current((connection: Connection) => this.#heard(connection)),
      clock: current((offset: number) => {
        this.#clockOffset = offset;
      }),
    });
  }

  #from(): HistorySource {
    if (this.source) return this.source;
    const source = TaskHistoryElement.fromApi?.(this.api ?? '', this.workspace ?? '', this.apiKey);
    if (source) return source;
    throw new TasktrailError(
      'TT_OPTIONS_INVALID',
      '`api` needs the client, which this entry is without: set `source`, or import `@tasktrail/wasm/ui`',
      { field: 'api' },
    );
  }

  #now(): number {
    return Date.now() + this.#clockOffset;
  }

  #heard(connection: Connection): void {
    const { state } = this.connection;
    if (connection.completeThrough !== undefined) this.completeThrough = connection.completeThrough;
    else if (state === 'live' && connection.state !== 'live')
      this.completeThrough = connection.since + this.#clockOffset;
    this.connection = connection;
    // Connecting is the first catching up.
    this.dataset.connection = connection.state === 'connecting' ? 'catching-up' : connection.state;
  }

  /** Gathers what comes within a frame, so that a burst is one change of the page. */
  #take(records: readonly HistoryRecord[]): void {
    for (const record of records) this.#waiting.push(record);
    if (this.#scheduled) return;
    this.#scheduled = true;
    const run = (): void => {
      this.#scheduled = false;
      this.#flush();
    };
    // No frame comes while the page is hidden.
    if (document.hidden) setTimeout(run, 100);
    else requestAnimationFrame(run);
  }

  #flush(): void {
    if (!this.#history || this.#waiting.length === 0) return;
    const records = this.#waiting;
    this.#waiting = [];
    try {
      this.#change(this.#history.apply(records, this.#now()));
    } catch (fault) {
      this.#fail(fault);
    }
  }

  /** Takes in a page of older records; news do not push out meanwhile what the page goes on from. */
  async #older(): Promise<void> {
    const history = this.#history;
    if (!history || this.past.isLoading) return;
    this.past = { ...PRESENT, isLoading: true };
    const told = { isEnd: false, fault: '' };
    try {
      this.#shift(history.pageIn([], this.#now()));
      const before = history.cursor().oldest;
      const page = before && (await this.#feed?.older?.(before));
      if (history !== this.#history || !page) return;
      this.#shift(history.pageIn(page.records, this.#now()));
      const { full } = history.cursor();
      told.isEnd = page.isEnd || full;
    } catch (fault) {
      if (history !== this.#history) return;
      told.fault = fault instanceof Error ? fault.message : String(fault);
    }
    // Without a page there, the newest are all again.
    if (this.summary.older === 0) this.#newest();
    this.past = { ...told, isLoading: false };
  }

  /** Lets the older records go. */
  #newest(): void {
    this.past = PRESENT;
    try {
      if (this.#history) this.#shift(this.#history.pageOut(this.#now()));
    } catch (fault) {
      this.#fail(fault);
    }
  }

  #complete(): void {
    this.#flush();
    this.ready = true;
    void this.updateComplete
      .then(() => Promise.all([...this.#tree.rows].map((row) => row.updateComplete)))
      .then(() => {
        if (this.ready) this.setAttribute('data-ready', '');
      });
  }

  #fail(fault: unknown): void {
    this.fault =
      fault instanceof TasktrailError
        ? fault
        : new TasktrailError('TT_PANIC', `the history cannot be shown: ${String(fault)}`, { cause: fault });
  }

  #tick = (): void => {
    if (document.hidden || !this.#history) return;
    const now = this.#now();
    try {
      this.#change(this.#history.tick(now));
    } catch (fault) {
      this.#fail(fault);
    }
    for (const row of this.#tree.rows) row.tick(now);
    if (this.connection.state === 'offline') this.requestUpdate('connection', null);
  };

  #change(changes: Changes<AnyRow>): void {
    const now = this.#now();
    for (const patch of changes.patches) this.#tree.apply(patch, now, this.ready);
    if (!changes.summary) return;
    const before = this.summary;
    this.summary = changes.summary;
    if (this.ready && before.completed + before.failed !== this.summary.completed + this.summary.failed)
      this.#announcer.soon(() => this.#progress());
  }

  #progress(): string {
    const { completed, total, failed } = this.summary;
    return [
      `${completed} of ${count(total, 'item')} done`,
      failed && `${failed} failed`,
      this.unseen && `${this.unseen} new at the top`,
    ]
      .filter(Boolean)
      .join(', ');
  }

  async #copy(text: string): Promise<boolean> {
    try {
      await (this.host?.copy ? this.host.copy(text) : navigator.clipboard.writeText(text));
      this.#announcer.now('Copied');
      return true;
    } catch {
      this.#announcer.now('It could not be copied');
      return false;
    }
  }

  /** Shows what the filter lets through, from now on. */
  #choose(filter: HistoryFilter): void {
    this.#filterBy({ ...this.filter, ...filter });
    this.#keep();
  }

  #filterBy(filter: HistoryFilter): void {
    this.filter = filter;
    if (!this.#history) return;
    try {
      this.#shift(this.#history.setFilter(this.filter, this.#now()));
    } catch (fault) {
      this.#fail(fault);
    }
  }

  /** Rows that a filter or a page brings are not news. */
  #shift(changes: Changes<AnyRow>): void {
    const { ready } = this;
    this.ready = false;
    this.#change(changes);
    this.ready = ready;
  }

  #keep(): void {
    this.host?.keep?.(this.viewState);
  }

  /** Shows everything again. */
  clearFilters(): void {
    clearTimeout(this.#typing);
    this.range = false;
    this.#choose(EVERYTHING);
  }

  get #bar(): FilterBar {
    return {
      filter: this.filter,
      summary: this.summary,
      nameOf: (id) => this.#actions.nameOf(id),
      range: this.range,
      allWorkspaces: this.host?.showAllWorkspaces ? this.allWorkspaces : null,
      choose: (filter) => this.#choose(filter),
      showRange: (shown) => (this.range = shown),
      typed: (text) => {
        clearTimeout(this.#typing);
        this.#typing = setTimeout(() => this.#choose({ text: text || null }), TYPING_MS);
      },
      clear: () => this.clearFilters(),
      showAllWorkspaces: (all) => {
        this.allWorkspaces = all;
        // What is shown until they come is not what was asked for.
        this.ready = false;
        this.removeAttribute('data-ready');
        this.host?.showAllWorkspaces?.(all);
      },
    };
  }

  /** Keys that work everywhere, except where one writes. */
  #pressed = (event: KeyboardEvent): void => {
    const target = event.composedPath()[0];
    const writes = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
    if (event.ctrlKey || event.metaKey || event.altKey || this.help.open) return;
    if (event.key === 'Escape' && writes && this.search?.matches(':focus-within')) this.tree.focus();
    else if (event.key === '/' && !writes) this.search?.focus();
    else if (event.key === '?' && !writes) this.help.showModal();
    else return;
    event.preventDefault();
  };

  override render(): TemplateResult {
    const message = this.#message();
    const error = !message && this.connection.error;
    return html`
      <div class="page" @keydown=${this.#pressed}>
        <header ?hidden=${this.obstacle !== null}>
          ${states(this.#bar)}
          <div class="right">
            ${badge(this.connection, this.completeThrough, Date.now())}
            <button
              type="button"
              class="help"
              title="Keyboard shortcuts (?)"
              aria-label="Keyboard shortcuts"
              @click=${() => this.help.showModal()}
            >
              ?
            </button>
          </div>
          ${filters(this.#bar)}
        </header>
        ${
          error && this.connection.state !== 'live'
            ? html`<div class="notice" role="status">
                ${warning}<span
                  >${sentence(error.message)}${this.connection.saved ? ' This is what was saved last.' : ''} Trying
                  again by itself.</span
                >
                <vscode-button secondary @click=${() => this.refresh()}>Try now</vscode-button>
              </div>`
            : nothing
        }
        <main tabindex=${message ? '0' : nothing} @scroll=${() => this.area && this.#follow.scrolled(this.area)}>
          <h1 class="visually-hidden">Task History</h1>
          ${
            this.unseen > 0
              ? html`<div class="unseen">
                  <button type="button" @click=${() => this.area && this.#follow.jump(this.area)}>
                    ${arrow}${this.unseen} new
                  </button>
                </div>`
              : nothing
          }
          ${message ?? nothing}
          <div
            class="tree"
            role="tree"
            aria-label="Task history"
            aria-busy=${this.ready ? 'false' : 'true'}
            tabindex="0"
            ?hidden=${message !== undefined}
            @focus=${this.#tree.focused}
            @mousedown=${this.#tree.clicked}
            @click=${this.#tree.clicked}
            @keydown=${this.#tree.pressed}
            @fold=${this.#tree.folded}
          ></div>
          ${
            this.#feed?.older && this.ready && !this.fault && !this.obstacle
              ? past({
                  ...this.past,
                  summary: this.summary,
                  more: () => void this.#older(),
                  leave: () => {
                    this.#newest();
                    if (this.area) this.#follow.jump(this.area);
                  },
                })
              : nothing
          }
        </main>
        ${shortcuts()}
        <div class="visually-hidden" role="status" aria-live="polite">${this.announcement}</div>
      </div>
    `;
  }

  #message(): TemplateResult | undefined {
    if (this.summary.shown > 0 && !this.fault && !this.obstacle) return undefined;
    return message({
      workspace: this.workspace,
      given: this.source !== null,
      obstacle: this.obstacle,
      fault: this.fault,
      ready: this.ready,
      connection: this.connection,
      summary: this.summary,
      rows: this.#tree.size,
      retry: () => this.refresh(),
      clear: () => this.clearFilters(),
      setApiKey: this.host?.setApiKey && (() => this.host?.setApiKey?.()),
      act: this.host?.act && ((command) => this.host?.act?.(command)),
    });
  }
}

if (!customElements.get('task-history')) customElements.define('task-history', TaskHistoryElement);

declare global {
  interface HTMLElementTagNameMap {
    'task-history': TaskHistoryElement;
  }
}
