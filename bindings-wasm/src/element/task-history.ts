import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { TasktrailClient } from '../client.js';
import { TasktrailError } from '../errors.js';
import {
  TaskHistory,
  type Changes,
  type HistoryFilter,
  type HistoryRecord,
  type Patch,
  type Status,
  type Summary,
} from '../history.js';
import { init } from '../init.slim.js';
import type { ModuleSource } from '../module.js';
import type { Connection, HistoryConnection, HistorySource } from '../source.js';
import { exact, running } from './format.js';
import { STATUS, search, warning } from './icons.js';
import { message, sentence } from './messages.js';
import { page } from './page-styles.js';
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
  {
    label: 'Running',
    status: ['started', 'progress'],
    icon: 'started',
    items: (summary) => summary.inProgress - summary.stalled,
  },
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
  static override styles = [theme, handOn, common, page];

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
    const client = new TasktrailClient({
      baseUrl: this.api ?? '',
      apiKey: this.apiKey ?? undefined,
      context: { workspaceId },
    });
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
    for (const row of this.#rows.values()) row.tick(now);
    if (this.connection.state === 'offline') this.requestUpdate('connection', null);
  };

  #change(changes: Changes): void {
    for (const patch of changes.patches) this.#apply(patch);
    if (!changes.summary) return;
    const before = this.summary;
    this.summary = changes.summary;
    if (this.ready && before.completed + before.failed !== this.summary.completed + this.summary.failed)
      this.#announce();
  }

  /** One patch is one change of the page. */
  #apply(patch: Patch): void {
    if (patch.op === 'remove') {
      const row = this.#rows.get(patch.key);
      if (row && row === this.#current) this.#enter(undefined);
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
    this.#enter(row);
    row.focus();
    row.scrollIntoView({ block: 'nearest' });
  }

  /**
   * The row that was last focused is the one that the Tab key leads to; before there is one, the tree hands it on to its first.
   * The others have no `tabindex` at all: a negative one would hide from the Tab key what lies under them.
   */
  #enter(row: HistoryRow | undefined): void {
    this.#current?.removeAttribute('tabindex');
    this.#current = row;
    if (row) row.tabIndex = 0;
    this.tree.tabIndex = row ? -1 : 0;
  }

  #clicked = (event: Event): void => {
    const row = event.composedPath().find((target) => target instanceof HistoryRow);
    if (!row || row === this.#current) return;
    this.#enter(row);
    row.focus({ preventScroll: true });
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

  #entry = (event: FocusEvent): void => {
    if (event.target === this.tree) this.#focusRow(this.#current ?? this.#reachable()[0]);
  };

  override render(): TemplateResult {
    const message = this.#message();
    const error = !message && this.connection.error;
    return html`
      <div class="page">
        <header>${this.#states()} ${this.#badge()} ${this.#filters()}</header>
        ${
          error && this.connection.state !== 'live'
            ? html`<div class="notice" role="status">
                ${warning}<span>${sentence(error.message)} Trying again by itself.</span>
                <vscode-button secondary @click=${() => this.refresh()}>Try now</vscode-button>
              </div>`
            : nothing
        }
        <main>
          ${message ?? nothing}
          <div
            class="tree"
            role="tree"
            aria-label="Task history"
            aria-busy=${this.ready ? 'false' : 'true'}
            tabindex="0"
            ?hidden=${message !== undefined}
            @focus=${this.#entry}
            @click=${this.#clicked}
            @keydown=${this.#pressed}
          ></div>
        </main>
        <div class="visually-hidden" role="status" aria-live="polite">${this.announcement}</div>
      </div>
    `;
  }

  #message(): TemplateResult | undefined {
    if (this.summary.shown > 0 && !this.fault) return undefined;
    return message({
      workspace: this.workspace,
      api: this.api,
      given: this.source !== null,
      fault: this.fault,
      ready: this.ready,
      connection: this.connection,
      summary: this.summary,
      rows: this.#rows.size,
      retry: () => this.refresh(),
      clear: this.#clear,
    });
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
      <span class="dot" aria-hidden="true"></span>${CONNECTION[state]}${
        state === 'offline' && now - since > 1_000
          ? html` <span class="num" aria-hidden="true">for ${running(now - since)}</span>`
          : nothing
      }
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
        ${select(
          'agent',
          'All agents',
          summary.agents.map((agent) => [agent, agent]),
          filter.agent,
          (event) => this.#choose({ agent: (event.target as HTMLSelectElement).value || null }),
        )}
        ${select('time', 'Any time', TIMES, filter.withinMs, (event) => this.#choose({ withinMs: number(event) }))}
        ${
          summary.filtered
            ? html`<vscode-button secondary @click=${this.#clear}>Clear filters</vscode-button>
                <span class="shown num" role="status">${summary.shown} of ${summary.rows} shown</span>`
            : nothing
        }
      </div>
    `;
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
    <option
      value=""
      ?selected=${chosen === null || chosen === undefined}
      .selected=${chosen === null || chosen === undefined}
    >
      ${all}
    </option>
    ${options.map(([label, value]) => html`<option value=${value} .selected=${value === chosen}>${label}</option>`)}
    ${missing ? html`<option value=${chosen} .selected=${true}>${chosen}</option>` : nothing}
  </select>`;
}

if (!customElements.get('task-history')) customElements.define('task-history', TaskHistoryElement);

declare global {
  interface HTMLElementTagNameMap {
    'task-history': TaskHistoryElement;
  }
}
