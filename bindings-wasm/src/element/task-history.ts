import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { TasktrailClient } from '../client.js';
import { TasktrailError } from '../errors.js';
import { TaskHistory, type Changes, type HistoryFilter, type HistoryRecord, type Patch, type Status, type Summary } from '../history.js';
import { init, type ModuleSource } from '../module.js';
import type { Connection, HistoryConnection, HistorySource } from '../source.js';
import { exact, running } from './format.js';
import { STATUS, inbox, search, warning } from './icons.js';
import { HistoryRow, elementFor } from './rows.js';
import { common, handOn, theme } from './styles.js';

export type * from '../source.js';

const MINUTE = 60_000;
const FRESH_MS = 1_800;
const ANNOUNCE_MS = 4_000;
const TYPING_MS = 120;

const NONE: Summary = {
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
};

/** The states to filter by, as people think of them. */
const STATES: { label: string; status: Status[]; icon: Status; items: (summary: Summary) => number }[] = [
  { label: 'Running', status: ['started', 'progress'], icon: 'started', items: (summary) => summary.inProgress - summary.stalled },
  { label: 'Stalled', status: ['stalled'], icon: 'stalled', items: (summary) => summary.stalled },
  { label: 'Failed', status: ['failed'], icon: 'failed', items: (summary) => summary.failed },
  { label: 'Done', status: ['completed'], icon: 'completed', items: (summary) => summary.completed },
];

const TIMES: [string, number][] = [
  ['Last 15 minutes', 15 * MINUTE],
  ['Last hour', 60 * MINUTE],
  ['Last 24 hours', 24 * 60 * MINUTE],
  ['Last 7 days', 7 * 24 * 60 * MINUTE],
];

const CONNECTION = {
  connecting: 'Connecting',
  live: 'Live',
  'catching-up': 'Catching up',
  offline: 'Offline',
} as const;

/**
 * The Task History: what the agents of a workspace are doing and have done, live.
 *
 * With `api` and `workspace` it talks to the API itself; where a page has no network, give it a `source`. It keeps its rows and
 * changes only those that a record changes.
 */
export class TaskHistoryElement extends LitElement {
  static override styles = [
    theme,
    handOn,
    common,
    css`
      :host {
        display: block;
        height: 100%;
        min-height: 160px;
        background: var(--tt-bg);
        color: var(--tt-fg);
        font-family: var(--tt-font);
        font-size: var(--tt-size);
        line-height: 1.4;
      }
      :host([hidden]) {
        display: none;
      }
      .page {
        height: 100%;
        display: flex;
        flex-direction: column;
        container: history / inline-size;
      }
      header {
        flex: none;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 10px;
        padding: 10px 16px;
        border-bottom: 1px solid var(--tt-border);
      }
      .states {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        order: 1;
      }
      .states button {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        height: 26px;
        padding: 0 10px 0 7px;
        font: inherit;
        color: var(--tt-fg);
        background: transparent;
        border: 1px solid var(--tt-input-border);
        border-radius: 13px;
        cursor: pointer;
      }
      .states button:hover {
        background: var(--tt-hover);
      }
      .states button[aria-pressed='true'] {
        background: var(--tt-selected-bg);
        color: var(--tt-selected-fg);
        border-color: var(--tt-focus);
      }
      .states b {
        font-weight: 600;
        color: inherit;
      }
      .states .none {
        color: var(--tt-muted);
      }
      .states .none .icon {
        animation: none;
        opacity: 0.55;
      }
      :focus-visible {
        outline: 1px solid var(--tt-focus);
        outline-offset: 1px;
      }
      .connection {
        order: 2;
        margin-left: auto;
        display: inline-flex;
        align-items: center;
        gap: 7px;
        white-space: nowrap;
        color: var(--tt-muted);
      }
      .dot {
        width: 8px;
        height: 8px;
        border-radius: 50%;
        background: var(--tt-muted);
      }
      .live .dot {
        background: var(--tt-done);
        box-shadow: 0 0 0 0 var(--tt-done);
        animation: pulse 2.4s ease-out infinite;
      }
      .catching-up .dot,
      .connecting .dot {
        background: none;
        border: 2px solid var(--tt-running);
        border-right-color: transparent;
        width: 10px;
        height: 10px;
        animation: spin 1s linear infinite;
      }
      .offline .dot {
        background: none;
        border: 2px solid var(--tt-failed);
      }
      .live {
        color: var(--tt-fg);
      }
      @keyframes pulse {
        70%,
        100% {
          box-shadow: 0 0 0 6px transparent;
        }
      }
      .filters {
        order: 3;
        flex: 1 0 100%;
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: center;
      }
      vscode-textfield {
        flex: 1 1 180px;
        min-width: 140px;
        max-width: 420px;
      }
      vscode-textfield .icon {
        width: 14px;
        height: 14px;
        margin-left: 4px;
        color: var(--tt-muted);
      }
      select {
        height: 26px;
        max-width: 15em;
        padding: 0 22px 0 8px;
        font: inherit;
        color: var(--tt-fg);
        background-color: var(--tt-input-bg);
        border: 1px solid var(--tt-input-border);
        border-radius: 3px;
        appearance: none;
        background-image: linear-gradient(45deg, transparent 50%, currentColor 50%), linear-gradient(-45deg, transparent 50%, currentColor 50%);
        background-position:
          calc(100% - 12px) 11px,
          calc(100% - 8px) 11px;
        background-size: 4px 4px;
        background-repeat: no-repeat;
        text-overflow: ellipsis;
      }
      select:focus-visible {
        outline-offset: -1px;
      }
      option {
        background: var(--tt-input-bg);
        color: var(--tt-fg);
      }
      .shown {
        margin-left: auto;
        color: var(--tt-muted);
      }
      main {
        flex: 1 1 auto;
        overflow: auto;
        padding: 12px 16px 24px;
        overflow-anchor: auto;
      }
      .tree {
        max-width: 1180px;
        margin: 0 auto;
      }
      .message {
        max-width: 34em;
        margin: 12vh auto 0;
        padding: 0 16px;
        text-align: center;
        color: var(--tt-muted);
      }
      .message h2 {
        margin: 14px 0 6px;
        font-size: 1.2em;
        font-weight: 600;
        color: var(--tt-strong);
      }
      .message p {
        margin: 0 0 14px;
      }
      .message > .icon {
        width: 40px;
        height: 40px;
        margin: 0 auto;
      }
      .message > .icon.spinner {
        width: 28px;
        height: 28px;
      }
      .message > .icon.warning {
        color: var(--tt-stalled);
      }
      .notice {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 6px 16px;
        border-bottom: 1px solid var(--tt-border);
        background: var(--tt-card);
      }
      .notice .icon {
        color: var(--tt-stalled);
      }
      .notice vscode-button {
        margin-left: auto;
      }
      code {
        font-family: var(--tt-mono);
        font-size: 0.92em;
        overflow-wrap: anywhere;
      }
      [hidden] {
        display: none !important;
      }
      @container history (max-width: 560px) {
        header {
          padding: 8px;
          gap: 6px 8px;
        }
        .states .none {
          display: none;
        }
        .states button {
          height: 24px;
        }
        vscode-textfield {
          flex-basis: 100%;
          max-width: none;
        }
        select {
          flex: 1 1 6em;
          min-width: 0;
        }
        main {
          padding: 8px 6px 16px;
        }
      }
    `,
  ];

  /** Address of the API without `/api`; empty for the page's own origin. Leave it out where a `source` is given. */
  @property() api: string | null = null;
  /** Whose history to show. */
  @property() workspace: string | null = null;
  /** API key, for an API that asks for one. */
  @property({ attribute: 'api-key' }) apiKey: string | null = null;
  /** Where the records come from; instead of `api`. */
  @property({ attribute: false }) source: HistorySource | null = null;
  /** Where the WebAssembly module comes from; from beside the script when absent. */
  @property({ attribute: false }) module: ModuleSource | null = null;

  @state() private connection: Connection = { state: 'connecting', since: Date.now() };
  @state() private summary: Summary = NONE;
  @state() private filter: HistoryFilter = {};
  @state() private fault: TasktrailError | null = null;
  @state() private ready = false;
  @state() private announcement = '';
  @query('.tree') private tree!: HTMLElement;

  #history: TaskHistory | undefined;
  #feed: HistoryConnection | undefined;
  #generation = 0;
  readonly #rows = new Map<string, HistoryRow>();
  #waiting: HistoryRecord[] = [];
  #scheduled = false;
  #clockOffset = 0;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #announced = 0;
  #current: HistoryRow | undefined;

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
    document.removeEventListener('visibilitychange', this.#tick);
    this.#stop();
  }

  protected override updated(changed: PropertyValues): void {
    if (['api', 'workspace', 'apiKey', 'source', 'module'].some((name) => changed.has(name))) this.#start();
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
    this.#rows.clear();
    this.#current = undefined;
    this.tree?.replaceChildren();
    this.removeAttribute('data-ready');
  }

  #start(): void {
    this.#stop();
    const generation = this.#generation;
    this.ready = false;
    this.fault = null;
    this.summary = NONE;
    if (!this.isConnected || (!this.source && (this.api === null || !this.workspace))) return;
    this.#heard({ state: 'connecting', since: Date.now() });
    init(this.module ?? undefined).then(
      () => {
        if (generation !== this.#generation) return;
        this.#history = new TaskHistory({ workspaceId: this.workspace || null });
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
      },
      (fault: unknown) => {
        if (generation === this.#generation) this.#fail(fault);
      },
    );
  }

  #from(): HistorySource {
    if (this.source) return this.source;
    const workspaceId = this.workspace ?? '';
    const client = new TasktrailClient({ baseUrl: this.api ?? '', apiKey: this.apiKey ?? undefined, context: { workspaceId } });
    return client.source(workspaceId);
  }

  #now(): number {
    return Date.now() + this.#clockOffset;
  }

  #heard(connection: Connection): void {
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

  #complete(): void {
    this.#flush();
    this.ready = true;
    void this.updateComplete
      .then(() => Promise.all([...this.#rows.values()].map((row) => row.updateComplete)))
      .then(() => {
        if (this.ready) this.setAttribute('data-ready', '');
      });
  }

  #fail(fault: unknown): void {
    this.fault =
      fault instanceof TasktrailError ? fault : new TasktrailError('TT_PANIC', `the history cannot be shown: ${String(fault)}`, { cause: fault });
  }

  #tick = (): void => {
    if (document.hidden || !this.#history) return;
    const now = this.#now();
    try {
      this.#change(this.#history.tick(now));
    } catch (fault) {
      this.#fail(fault);
    }
    for (const row of this.#rows.values()) row.tick(now);
    if (this.connection.state === 'offline') this.requestUpdate('connection', null);
  };

  #change(changes: Changes): void {
    for (const patch of changes.patches) this.#apply(patch);
    if (!changes.summary) return;
    const before = this.summary;
    this.summary = changes.summary;
    if (this.ready && before.completed + before.failed !== this.summary.completed + this.summary.failed) this.#announce();
  }

  /** One patch is one change of the page. */
  #apply(patch: Patch): void {
    if (patch.op === 'remove') {
      const row = this.#rows.get(patch.key);
      if (row === this.#current) this.#current = undefined;
      row?.remove();
      this.#rows.delete(patch.key);
    } else if (patch.op === 'update') {
      const row = this.#rows.get(patch.row.key);
      if (row) row.row = patch.row;
    } else if (patch.op === 'insert') {
      const element = elementFor(patch.row, this.#now());
      this.#rows.set(patch.row.key, element);
      this.#place(element, patch.row.parent, patch.before);
      if (this.ready) this.#highlight(element);
    } else {
      const row = this.#rows.get(patch.key);
      if (row) this.#place(row, row.row.parent, patch.before);
    }
  }

  #place(element: HistoryRow, parent: string, before: string | null): void {
    const under = this.#rows.get(parent) ?? this.tree;
    under.insertBefore(element, (before !== null && this.#rows.get(before)) || null);
    const level = (under instanceof HistoryRow ? Number(under.getAttribute('aria-level')) : 0) + 1;
    element.setAttribute('aria-level', String(level));
  }

  #highlight(element: HistoryRow): void {
    element.setAttribute('fresh', '');
    setTimeout(() => element.removeAttribute('fresh'), FRESH_MS);
  }

  /** Tells a screen reader how far things are, no more often than it can be listened to. */
  #announce(): void {
    const now = Date.now();
    if (now - this.#announced < ANNOUNCE_MS) return;
    this.#announced = now;
    const { completed, total, failed } = this.summary;
    this.announcement = `${completed} of ${total} items done${failed ? `, ${failed} failed` : ''}`;
  }

  #choose(filter: HistoryFilter): void {
    this.filter = { ...this.filter, ...filter };
    if (!this.#history) return;
    try {
      const { ready } = this;
      // What a filter brings back is not news.
      this.ready = false;
      this.#change(this.#history.setFilter(this.filter, this.#now()));
      this.ready = ready;
    } catch (fault) {
      this.#fail(fault);
    }
  }

  #clear = (): void => {
    this.#choose({ project: null, phase: null, status: [], withinMs: null, text: null, agent: null });
  };

  #toggle(status: Status[]): void {
    const chosen = new Set(this.filter.status ?? []);
    const on = status.every((one) => chosen.has(one));
    for (const one of status) {
      if (on) chosen.delete(one);
      else chosen.add(one);
    }
    this.#choose({ status: [...chosen] });
  }

  #typed = (event: Event): void => {
    const text = (event.target as HTMLInputElement).value;
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#choose({ text: text || null }), TYPING_MS);
  };

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
    walk(this.tree);
    return rows;
  }

  #focusRow(row: HistoryRow | undefined): void {
    if (!row) return;
    if (this.#current) this.#current.tabIndex = -1;
    this.#current = row;
    row.tabIndex = 0;
    row.focus();
    row.scrollIntoView({ block: 'nearest' });
  }

  #focused = (event: FocusEvent): void => {
    const row = event.target;
    if (!(row instanceof HistoryRow) || row === this.#current) return;
    if (this.#current) this.#current.tabIndex = -1;
    this.#current = row;
    row.tabIndex = 0;
  };

  #pressed = (event: KeyboardEvent): void => {
    const row = event.target;
    if (!(row instanceof HistoryRow) || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = this.#reachable();
    const at = rows.indexOf(row);
    const parent = row.parentElement instanceof HistoryRow ? row.parentElement : undefined;
    switch (event.key) {
      case 'ArrowDown':
        this.#focusRow(rows[at + 1]);
        break;
      case 'ArrowUp':
        this.#focusRow(rows[at - 1]);
        break;
      case 'Home':
        this.#focusRow(rows[0]);
        break;
      case 'End':
        this.#focusRow(rows.at(-1));
        break;
      case 'ArrowRight':
        if (row.expandable && !row.open) row.toggle(true);
        else if (rows[at + 1]?.parentElement === row) this.#focusRow(rows[at + 1]);
        break;
      case 'ArrowLeft':
        if (row.expandable && row.open) row.toggle(false);
        else this.#focusRow(parent);
        break;
      case 'Enter':
      case ' ':
        row.toggle();
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  /** One row can always be reached with the Tab key. */
  #entry = (event: FocusEvent): void => {
    if (event.target === this.tree) this.#focusRow(this.#current ?? this.#reachable()[0]);
  };

  override render(): TemplateResult {
    const message = this.#message();
    const error = !message && this.connection.error;
    return html`
      <div class="page">
        <header>${this.#states()} ${this.#badge()} ${this.#filters()}</header>
        ${error && this.connection.state !== 'live'
          ? html`<div class="notice" role="status">
              ${warning}<span>${sentence(error.message)} Trying again by itself.</span>
              <vscode-button secondary @click=${() => this.refresh()}>Try now</vscode-button>
            </div>`
          : nothing}
        <main>
          ${message ?? nothing}
          <div
            class="tree"
            role="tree"
            aria-label="Task history"
            aria-busy=${this.ready ? 'false' : 'true'}
            tabindex=${this.#current ? -1 : 0}
            ?hidden=${message !== undefined}
            @focus=${this.#entry}
            @focusin=${this.#focused}
            @keydown=${this.#pressed}
          ></div>
        </main>
        <div class="visually-hidden" role="status" aria-live="polite">${this.announcement}</div>
      </div>
    `;
  }

  #states(): TemplateResult {
    const chosen = this.filter.status ?? [];
    return html`
      <div class="states" role="group" aria-label="Filter by state">
        ${STATES.map(({ label, status, icon, items }) => {
          const number = items(this.summary);
          const on = status.every((one) => chosen.includes(one));
          return html`<button
            type="button"
            class=${number || on ? '' : 'none'}
            data-filter=${label.toLowerCase()}
            aria-pressed=${on}
            title=${on ? `Showing ${label.toLowerCase()} items; press to stop` : `Show ${label.toLowerCase()} items only`}
            @click=${() => this.#toggle(status)}
          >
            ${STATUS[icon].icon()} ${label} <b class="num">${number}</b>
          </button>`;
        })}
      </div>
    `;
  }

  #badge(): TemplateResult {
    const { state, since, error } = this.connection;
    const now = Date.now();
    const title =
      state === 'live'
        ? `Complete through ${this.summary.newestAt === null ? 'now' : exact(this.summary.newestAt)}; new records appear by themselves`
        : `${CONNECTION[state]} since ${exact(since)}${error ? `: ${error.message} (${error.code})` : ''}`;
    return html`<span class="connection ${state}" role="status" title=${title}>
      <span class="dot" aria-hidden="true"></span>${CONNECTION[state]}${state === 'offline' && now - since > 1_000
        ? html` <span class="num" aria-hidden="true">for ${running(now - since)}</span>`
        : nothing}
    </span>`;
  }

  #filters(): TemplateResult {
    const { filter, summary } = this;
    const phases = new Map<number, Set<string>>();
    for (const { project, phase, name } of summary.phases) {
      if (filter.project !== null && filter.project !== undefined && filter.project !== project) continue;
      phases.set(phase, (phases.get(phase) ?? new Set()).add(name ?? ''));
    }
    const phaseName = (phase: number): string => {
      const names = [...(phases.get(phase) ?? [])].filter(Boolean);
      return names.length === 1 ? `Phase ${phase}: ${names[0]}` : `Phase ${phase}`;
    };
    const number = (event: Event): number | null => {
      const { value } = event.target as HTMLSelectElement;
      return value === '' ? null : Number(value);
    };
    return html`
      <div class="filters" role="search">
        <vscode-textfield
          placeholder="Search titles, agents, errors, files"
          label="Search"
          aria-label="Search titles, agents, errors, files"
          .value=${filter.text ?? ''}
          @input=${this.#typed}
        >
          <span slot="content-before">${search}</span>
        </vscode-textfield>
        ${select(
          'project',
          'All projects',
          summary.projects.map((project) => [`Project ${project}`, project]),
          filter.project,
          (event) => this.#choose({ project: number(event), phase: null }),
        )}
        ${select(
          'phase',
          'All phases',
          [...phases.keys()].sort((a, b) => a - b).map((phase) => [phaseName(phase), phase]),
          filter.phase,
          (event) => this.#choose({ phase: number(event) }),
        )}
        ${select('agent', 'All agents', summary.agents.map((agent) => [agent, agent]), filter.agent, (event) =>
          this.#choose({ agent: (event.target as HTMLSelectElement).value || null }),
        )}
        ${select('time', 'Any time', TIMES, filter.withinMs, (event) => this.#choose({ withinMs: number(event) }))}
        ${summary.filtered
          ? html`<vscode-button secondary @click=${this.#clear}>Clear filters</vscode-button>
              <span class="shown num" role="status">${summary.shown} of ${summary.rows} shown</span>`
          : nothing}
      </div>
    `;
  }

  /** What stands in the place of the rows when there are none. */
  #message(): TemplateResult | undefined {
    const { summary, connection } = this;
    if (!this.source && !this.workspace) {
      return html`<div class="message" data-message="no-workspace">
        ${inbox}
        <h2>No workspace chosen</h2>
        <p>Say whose history to show: add <code>?workspace=ws_…</code> to this page's address.</p>
      </div>`;
    }
    if (this.fault) {
      return html`<div class="message" role="alert" data-message="fault">
        ${warning}
        <h2>The history cannot be shown</h2>
        <p>${sentence(this.fault.message)} <code>${this.fault.code}</code></p>
        <vscode-button @click=${() => this.refresh()}>Try again</vscode-button>
      </div>`;
    }
    if (summary.shown > 0 || this.#rows.size > 0) return undefined;
    if (!this.ready && connection.error) {
      const refused = connection.error.code === 'TT_READ_FORBIDDEN';
      return html`<div class="message" role="alert" data-message="unreachable">
        ${warning}
        <h2>${refused ? 'This history may not be read' : 'The API cannot be reached'}</h2>
        <p>
          ${sentence(connection.error.message)}
          ${refused ? 'Ask whoever runs the API for access.' : `Check that it runs${this.api ? ` at ${this.api}` : ''}; this page tries again by itself.`}
          <code>${connection.error.code}</code>
        </p>
        <vscode-button @click=${() => this.refresh()}>Try now</vscode-button>
      </div>`;
    }
    if (!this.ready) {
      return html`<div class="message" role="status" data-message="loading">
        ${STATUS.started.icon()}
        <h2>Loading the history</h2>
        <p><code>${this.workspace ?? ''}</code></p>
      </div>`;
    }
    if (summary.filtered && summary.rows > 0) {
      return html`<div class="message" role="status" data-message="filtered">
        ${search}
        <h2>Nothing matches</h2>
        <p>None of the ${summary.rows} items and calls fits these filters.</p>
        <vscode-button @click=${this.#clear}>Clear filters</vscode-button>
      </div>`;
    }
    return html`<div class="message" role="status" data-message="empty">
      ${inbox}
      <h2>Nothing has happened yet</h2>
      <p>
        As soon as an agent works in this workspace, its items appear here by themselves: start one with <code>/project-start</code>, or post an
        event with <code>X-Workspace-Id: ${this.workspace ?? ''}</code>.
      </p>
    </div>`;
  }
}

function select(
  name: string,
  all: string,
  options: [string, number | string][],
  chosen: number | string | null | undefined,
  changed: (event: Event) => void,
): TemplateResult {
  // What is chosen stays to be seen when its last row has gone.
  const missing = chosen !== null && chosen !== undefined && !options.some(([, value]) => value === chosen);
  return html`<select data-filter=${name} aria-label=${all} @change=${changed}>
    <option value="" ?selected=${chosen === null || chosen === undefined} .selected=${chosen === null || chosen === undefined}>${all}</option>
    ${options.map(([label, value]) => html`<option value=${value} .selected=${value === chosen}>${label}</option>`)}
    ${missing ? html`<option value=${chosen} .selected=${true}>${chosen}</option>` : nothing}
  </select>`;
}

/** The core's messages begin small and end without a full stop, to fit into logs. */
function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}

if (!customElements.get('task-history')) customElements.define('task-history', TaskHistoryElement);

declare global {
  interface HTMLElementTagNameMap {
    'task-history': TaskHistoryElement;
  }
}

