import { LitElement, css, html, nothing, svg, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import '@vscode-elements/elements/dist/vscode-badge/index.js';
import type { CallRow, Counts, ItemRow, OtherRow, PhaseRow, ProjectRow, Row, RunRow, Status } from '../history.js';
import { ago, clock, count, duration, exact, iso, running, short } from './format.js';
import { STATUS, activity, agent, chevron, file, play } from './icons.js';
import { common } from './styles.js';

const isTerminal = (status: Status | null): boolean => status === 'completed' || status === 'failed';

const line = css`
  :host {
    display: block;
    outline: none;
    color: var(--tt-fg);
  }
  :host(:focus-visible) > .line {
    outline: 1px solid var(--tt-focus);
    outline-offset: -1px;
  }
  .line {
    display: flex;
    align-items: center;
    gap: 8px;
    border-radius: 4px;
    cursor: default;
    min-width: 0;
  }
  .grow {
    flex: 1 1 auto;
    min-width: 0;
  }
  .cut {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .chevron {
    color: var(--tt-muted);
    transition: transform 0.12s ease;
  }
  :host([aria-expanded='true']) > .line .chevron {
    transform: rotate(90deg);
  }
  .state {
    white-space: nowrap;
  }
  /* The columns that phases, items and calls share, so that they line up. */
  .who,
  .line > .state,
  .took,
  .when {
    flex: none;
    font-size: 0.92em;
    white-space: nowrap;
  }
  .who {
    display: flex;
    align-items: center;
    gap: 5px;
    width: 10em;
    min-width: 0;
    color: var(--tt-muted);
  }
  .who .icon {
    width: 14px;
    height: 14px;
  }
  .line > .state {
    width: 4.6em;
  }
  .took {
    width: 4.8em;
    text-align: right;
  }
  .when {
    width: 5em;
    text-align: right;
  }
  @container history (max-width: 700px) {
    .when {
      display: none;
    }
    .who {
      width: 8em;
    }
  }
  @container history (max-width: 500px) {
    .who {
      display: none;
    }
  }
  .state.started,
  .state.progress {
    color: var(--tt-running);
  }
  .state.failed {
    color: var(--tt-failed);
  }
  .state.stalled {
    color: var(--tt-stalled);
  }
  .state.completed {
    color: var(--tt-muted);
  }
  vscode-badge {
    flex: none;
  }
  @keyframes fresh {
    from {
      background-color: var(--tt-fresh);
    }
  }
  :host([fresh]) > .line {
    animation: fresh 1.8s ease-out;
  }
  @media (prefers-reduced-motion: reduce) {
    :host([fresh]) > .line {
      background-color: var(--tt-fresh);
    }
  }
  @media (forced-colors: active) {
    .icon {
      color: CanvasText;
    }
  }
`;

/** A row of the tree. Rows below it are its children, in the order in which they are shown. */
export abstract class HistoryRow<R extends Row = Row> extends LitElement {
  /** What it shows. */
  @property({ attribute: false }) row!: R;
  /** Whether what lies under it, or its details, are to be seen. */
  @property({ type: Boolean }) open = false;
  /** The API's time, milliseconds since 1970. */
  now = Date.now();
  #shownTimes = '';

  /** What of it depends on the time of day, as text. */
  protected abstract times(): string;
  /** Its name for whoever does not see it. */
  protected abstract name(): string;
  protected mark(_row: R): void {}
  get expandable(): boolean {
    return true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.setAttribute('role', 'treeitem');
    if (!this.hasAttribute('tabindex')) this.tabIndex = -1;
  }

  /** Tells the time; the row is drawn again only if that changes what it shows. */
  tick(now: number): void {
    this.now = now;
    if (this.row && this.times() !== this.#shownTimes) this.requestUpdate();
  }

  toggle(open = !this.open): void {
    if (this.expandable) this.open = open;
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.#shownTimes = this.times();
    if (changed.has('row')) this.mark(this.row);
    this.setAttribute('aria-label', this.name());
    if (this.expandable) this.setAttribute('aria-expanded', String(this.open));
    else this.removeAttribute('aria-expanded');
  }

  protected when(at: number): TemplateResult {
    return html`<time class="when num muted" datetime=${iso(at)} title=${exact(at)}>${ago(at, this.now)}</time>`;
  }

  protected state(status: Status): TemplateResult {
    return html`<span class="state ${status}">${STATUS[status].label}</span>`;
  }

  /** How long a group has taken, or has been at it. */
  protected elapsed(row: { startedAt: number | null; endedAt: number | null; status: Status | null }): string {
    if (row.startedAt === null) return '';
    if (row.endedAt !== null) return duration(row.endedAt - row.startedAt);
    return isTerminal(row.status) ? '' : running(this.now - row.startedAt);
  }

  /** A click on the row itself, not one that ends a selection of its text. */
  protected clicked = (): void => {
    if (getSelection()?.type !== 'Range') this.toggle();
  };
}

const parts = (counts: Counts): { kind: string; items: number; label: string }[] => [
  { kind: 'completed', items: counts.completed, label: 'done' },
  { kind: 'failed', items: counts.failed, label: 'failed' },
  { kind: 'running', items: counts.inProgress - counts.stalled, label: 'running' },
  { kind: 'stalled', items: counts.stalled, label: 'stalled' },
];

const told = (counts: Counts): string =>
  [
    `${counts.completed} of ${count(counts.total, 'item')} done`,
    ...parts(counts)
      .slice(1)
      .filter((part) => part.items > 0)
      .map((part) => `${part.items} ${part.label}`),
  ].join(', ');

const percent = (counts: Counts): number => (counts.total ? Math.floor((100 * counts.completed) / counts.total) : 0);

const bar = (counts: Counts, label: string): TemplateResult => html`
  <div
    class="bar"
    role="progressbar"
    aria-label=${label}
    aria-valuemin="0"
    aria-valuemax=${counts.total}
    aria-valuenow=${counts.completed}
    aria-valuetext=${told(counts)}
    title=${told(counts)}
  >
    <svg class="lengths" width="100%" height="100%" aria-hidden="true">
      ${lengths(counts)}
    </svg>
  </div>
`;

// Lengths as attributes of shapes: a strict content security policy leaves no `style` in markup.
function lengths(counts: Counts): TemplateResult[] {
  let from = 0;
  return parts(counts)
    .filter((part) => part.items > 0 && counts.total > 0)
    .map((part) => {
      const width = (100 * part.items) / counts.total;
      const shape = rect(part.kind, from, width);
      from += width;
      return shape;
    });
}

const rect = (kind: string, from: number, width: number): TemplateResult =>
  svg`<rect class=${kind} x="${from}%" y="0" width="${width}%" height="100%"></rect>`;

const barStyles = css`
  .bar {
    height: 6px;
    border-radius: 3px;
    overflow: hidden;
    background: var(--tt-badge-bg);
    outline: 1px solid var(--tt-contrast);
  }
  .lengths {
    display: block;
  }
  .lengths rect {
    transition:
      width 0.25s ease,
      x 0.25s ease;
  }
  .lengths .completed {
    fill: var(--tt-done);
  }
  .lengths .failed {
    fill: var(--tt-failed);
  }
  .lengths .stalled {
    fill: var(--tt-stalled);
  }
  .lengths .running {
    fill: var(--tt-running);
    animation: breathe 1.6s ease-in-out infinite alternate;
  }
  @keyframes breathe {
    from {
      opacity: 0.35;
    }
    to {
      opacity: 0.85;
    }
  }
`;

/** One orchestration run: a caption over its projects. */
export class RunElement extends HistoryRow<RunRow> {
  static override styles = [
    common,
    line,
    css`
      :host {
        margin-bottom: 20px;
      }
      .line {
        padding: 2px 4px 6px;
        gap: 6px;
        font-size: 0.92em;
        flex-wrap: wrap;
      }
      .icon.play {
        width: 14px;
        height: 14px;
        color: var(--tt-muted);
      }
      .dot::before {
        content: '·';
        margin-right: 6px;
      }
      b {
        font-weight: 600;
        color: var(--tt-strong);
      }
    `,
  ];
  override open = true;

  override get expandable(): boolean {
    return false;
  }
  protected override mark(row: RunRow): void {
    this.dataset.runKey = row.key;
    this.dataset.status = row.status ?? '';
  }
  protected override times(): string {
    return this.elapsed(this.row) + clock(this.row.startedAt ?? 0, this.now);
  }
  protected override name(): string {
    const { runId, status, agents } = this.row;
    return [`Run ${runId}`, status && STATUS[status].label, agents.length && count(agents.length, 'agent')].filter(Boolean).join(', ');
  }
  override render(): TemplateResult {
    const { runId, startedAt, agents, status } = this.row;
    const elapsed = this.elapsed(this.row);
    return html`
      <div class="line muted">
        ${play}<b>Run</b><span class="mono" title=${runId}>${short(runId)}</span>
        ${startedAt === null
          ? nothing
          : html`<time class="dot" datetime=${iso(startedAt)} title=${exact(startedAt)}>started ${clock(startedAt, this.now)}</time>`}
        ${elapsed ? html`<span class="dot num">${isTerminal(status) ? 'took' : 'for'} ${elapsed}</span>` : nothing}
        ${agents.length ? html`<span class="dot" title=${agents.join(', ')}>${count(agents.length, 'agent')}</span>` : nothing}
      </div>
      <div role="group"><slot></slot></div>
    `;
  }
}

/** One project: a card with its progress. */
export class ProjectElement extends HistoryRow<ProjectRow> {
  static override styles = [
    common,
    line,
    barStyles,
    css`
      :host {
        border: 1px solid var(--tt-border);
        border-radius: 6px;
        background: var(--tt-card);
        box-shadow: var(--f-shadow);
        margin-bottom: 10px;
        overflow: hidden;
      }
      .line {
        display: block;
        padding: 12px 14px 12px;
        border-radius: 6px;
      }
      .top {
        display: flex;
        align-items: center;
        gap: 8px;
        margin-bottom: 9px;
      }
      h3 {
        margin: 0;
        font-size: 1.15em;
        font-weight: 600;
        color: var(--tt-strong);
      }
      .percent {
        font-weight: 600;
        color: var(--tt-strong);
      }
      .below {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 14px;
        margin-top: 8px;
        font-size: 0.92em;
      }
      .below span {
        white-space: nowrap;
      }
      .below .failed {
        color: var(--tt-failed);
      }
      .below .running {
        color: var(--tt-running);
      }
      .below .stalled {
        color: var(--tt-stalled);
      }
      .end {
        margin-left: auto;
      }
      [role='group'] {
        padding-bottom: 6px;
      }
    `,
  ];
  override open = true;

  override get expandable(): boolean {
    return false;
  }
  protected override mark(row: ProjectRow): void {
    this.dataset.projectKey = row.key;
    this.dataset.status = row.status;
    this.dataset.project = String(row.project);
  }
  protected override times(): string {
    return this.elapsed(this.row);
  }
  protected override name(): string {
    return `Project ${this.row.project}, ${STATUS[this.row.status].label}, ${told(this.row)}`;
  }
  override render(): TemplateResult {
    const { row } = this;
    return html`
      <div class="line">
        <div class="top">
          ${STATUS[row.status].icon()}
          <h3>Project ${row.project}</h3>
          ${this.state(row.status)}
          <span class="grow"></span>
          <span class="num muted" title="Time from first to last sign of it">${this.elapsed(row)}</span>
          <span class="percent num">${percent(row)}%</span>
        </div>
        ${bar(row, `Progress of project ${row.project}`)}
        <div class="below muted num">
          <span>${row.completed} of ${count(row.total, 'item')} done</span>
          ${parts(row)
            .slice(1)
            .map((part) => (part.items ? html`<span class=${part.kind}>${part.items} ${part.label}</span>` : nothing))}
          <span class="end">${row.completedPhases} of ${count(row.totalPhases, 'phase')}</span>
        </div>
      </div>
      <div role="group"><slot></slot></div>
    `;
  }
}

/** One phase: a header that folds its items. */
export class PhaseElement extends HistoryRow<PhaseRow> {
  static override styles = [
    common,
    line,
    barStyles,
    css`
      :host {
        border-top: 1px solid var(--tt-border);
        padding: 4px 6px;
      }
      .line {
        padding: 5px 8px 5px 4px;
        cursor: pointer;
      }
      .line:hover {
        background: var(--tt-hover);
      }
      .number {
        white-space: nowrap;
      }
      .name {
        font-weight: 600;
        color: var(--tt-strong);
      }
      .bar {
        flex: 1;
        height: 4px;
      }
      .counts {
        min-width: 2.6em;
        text-align: right;
      }
      [role='group'] {
        padding: 1px 0 3px;
      }
      [hidden] {
        display: none;
      }
    `,
  ];
  override open = true;

  protected override mark(row: PhaseRow): void {
    this.dataset.phaseKey = row.key;
    this.dataset.status = row.status;
    this.dataset.project = String(row.project);
    this.dataset.phase = String(row.phase);
  }
  protected override times(): string {
    return this.elapsed(this.row) + ago(this.row.lastActivityAt, this.now);
  }
  protected override name(): string {
    const { phase, name, status } = this.row;
    return `Phase ${phase}${name ? `, ${name}` : ''}, ${STATUS[status].label}, ${told(this.row)}`;
  }
  override render(): TemplateResult {
    const { row } = this;
    return html`
      <div class="line" @click=${this.clicked}>
        ${chevron}${STATUS[row.status].icon()}
        <span class="number ${row.name ? 'muted' : 'name'}">Phase ${row.phase}</span>
        <span class="name grow cut" title=${row.name ?? ''}>${row.name ?? nothing}</span>
        <span class="who" title=${told(row)}>
          ${bar(row, `Progress of phase ${row.phase}`)}<span class="counts num">${row.completed}/${row.total}</span>
        </span>
        ${this.state(row.status)}
        <span class="took num muted">${this.elapsed(row)}</span>
        ${this.when(row.lastActivityAt)}
      </div>
      <div role="group" ?hidden=${!this.open}><slot></slot></div>
    `;
  }
}

const details = css`
  .details {
    margin: 2px 8px 8px 68px;
    padding: 10px 12px;
    border: 1px solid var(--tt-border);
    border-radius: 4px;
    background: var(--tt-bg);
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 5px 14px;
    font-size: 0.95em;
    user-select: text;
  }
  dt {
    color: var(--tt-muted);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  pre {
    margin: 0;
    font-family: var(--tt-mono);
    font-size: 0.95em;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    max-height: 16em;
    overflow: auto;
  }
  .error {
    color: var(--tt-error-fg);
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  li {
    display: flex;
    gap: 5px;
    align-items: center;
  }
  li .icon {
    width: 13px;
    height: 13px;
    color: var(--tt-muted);
  }
`;

const entry = (label: string, value: unknown): TemplateResult | typeof nothing =>
  value === null || value === undefined || value === '' ? nothing : html`<dt>${label}</dt><dd>${value}</dd>`;

const code = (text: string | null): TemplateResult | null => (text ? html`<span class="mono">${text}</span>` : null);

/** One work item: state, title, agent, attempts, times; its details on demand. */
export class ItemElement extends HistoryRow<ItemRow> {
  static override styles = [
    common,
    line,
    details,
    css`
      .line {
        padding: 4px 8px 4px 44px;
        min-height: 28px;
        cursor: pointer;
      }
      .line:hover {
        background: var(--tt-hover);
      }
      .first {
        display: flex;
        align-items: center;
        gap: 8px;
        min-width: 0;
      }
      .id {
        flex: none;
        max-width: 9em;
      }
      .title {
        color: var(--tt-strong);
      }
      .second {
        font-size: 0.92em;
        margin-top: 1px;
      }
      .second.failed {
        color: var(--tt-error-fg);
      }
      .far {
        width: 72px;
        height: 4px;
        border-radius: 2px;
        flex: none;
      }
      .far rect {
        fill: var(--tt-running);
      }
      .far .rest {
        opacity: 0.22;
      }
      .second.far-line {
        display: flex;
        align-items: center;
        gap: 7px;
      }
      @container history (max-width: 500px) {
        .id {
          display: none;
        }
        .line {
          padding-left: 24px;
        }
        .details {
          margin-left: 12px;
        }
      }
    `,
  ];

  protected override mark(row: ItemRow): void {
    this.dataset.itemKey = row.key;
    this.dataset.itemId = row.itemId;
    this.dataset.status = row.status;
    this.dataset.project = String(row.project);
    this.dataset.phase = String(row.phase);
  }
  protected override times(): string {
    return this.#took() + ago(this.row.lastActivityAt, this.now);
  }
  protected override name(): string {
    const { row } = this;
    return [
      `${STATUS[row.status].label}: ${row.title}`,
      row.agentId,
      row.attempts > 1 && `attempt ${row.attempts}`,
      row.error?.message ?? row.message,
      row.durationMs !== null && duration(row.durationMs),
    ]
      .filter(Boolean)
      .join(', ');
  }

  #took(): string {
    const { row } = this;
    if (row.durationMs !== null) return duration(row.durationMs);
    return isTerminal(row.status) || row.startedAt === null ? '' : running(this.now - row.startedAt);
  }

  override render(): TemplateResult {
    const { row } = this;
    const atWork = row.status === 'started' || row.status === 'progress';
    return html`
      <div class="line" @click=${this.clicked}>
        ${STATUS[row.status].icon()}
        <div class="grow">
          <div class="first">
            <span class="title cut" title=${row.title}>${row.title}</span>
            ${row.attempts > 1
              ? html`<vscode-badge title="Started ${row.attempts} times">attempt ${row.attempts}</vscode-badge>`
              : nothing}
            ${row.title === row.itemId ? nothing : html`<span class="id mono muted cut" title="Work item ${row.itemId}">${row.itemId}</span>`}
          </div>
          ${atWork && row.percent !== null ? this.#far(row.percent, row.message) : this.#second()}
        </div>
        ${row.agentId ? html`<span class="who" title="Agent ${row.agentId}">${agent}<span class="cut">${row.agentId}</span></span>` : nothing}
        ${this.state(row.status)}
        <span class="took num muted">${this.#took()}</span>
        ${this.when(row.lastActivityAt)}
      </div>
      ${this.open ? this.#details() : nothing}
    `;
  }

  /** Why it failed, how long it has been silent, or what it last said. */
  #second(): TemplateResult | typeof nothing {
    const { row } = this;
    const silence = row.status === 'stalled' ? `No sign of life for ${running(this.now - row.lastActivityAt)}` : null;
    const text = row.error?.message ?? silence ?? row.message;
    return text === null ? nothing : html`<div class="second cut ${row.status === 'failed' ? 'failed' : 'muted'}" title=${text}>${text}</div>`;
  }

  #far(percent: number, message: string | null): TemplateResult {
    return html`<div class="second far-line muted">
      <svg class="far" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${percent}>
        ${rect('rest', 0, 100)}${rect('', 0, percent)}
      </svg>
      <span class="num">${Math.floor(percent)}%</span><span class="cut" title=${message ?? ''}>${message}</span>
    </div>`;
  }

  #details(): TemplateResult {
    const { row } = this;
    return html`
      <dl class="details" @click=${(event: Event) => event.stopPropagation()}>
        ${entry('Error', row.error && html`<pre class="error">${row.error.code ? `${row.error.code}: ` : ''}${row.error.message}</pre>`)}
        ${row.failures
          .filter((failure) => !(row.error && failure.at === row.endedAt))
          .map((failure) =>
            entry(
              `Attempt ${failure.attempt}`,
              html`<pre class="error">${failure.error.message}</pre>
                <span class="muted">failed ${exact(failure.at)}${failure.agentId ? ` (${failure.agentId})` : ''}</span>`,
            ),
          )}
        ${entry('Now', row.message)} ${entry('Result', row.result && html`<pre>${row.result}</pre>`)}
        ${entry(
          count(row.filesChanged.length, 'file'),
          row.filesChanged.length ? html`<ul>${row.filesChanged.map((path) => html`<li>${file}<span class="mono">${path}</span></li>`)}</ul>` : null,
        )}
        ${entry('Work item', code(row.itemId))}
        ${entry(row.agents.length > 1 ? 'Agents' : 'Agent', row.agents.join(', '))}
        ${entry('Started', row.startedAt === null ? null : `${exact(row.startedAt)}${row.attempts > 1 ? ` (attempt ${row.attempts})` : ''}`)}
        ${entry('Ended', row.endedAt === null ? null : exact(row.endedAt))}
        ${entry('Last activity', row.endedAt === null ? exact(row.lastActivityAt) : null)}
        ${entry('Worktree', code(row.worktreePath))} ${entry('Task', code(row.taskId))} ${entry('Session', code(row.sessionId))}
        ${entry('Run', code(row.runId))} ${entry('Record', code(row.auditId))}
      </dl>
    `;
  }
}

/** The fold of calls without an item. */
export class OtherElement extends HistoryRow<OtherRow> {
  static override styles = [
    common,
    line,
    css`
      :host {
        margin-bottom: 10px;
      }
      .line {
        padding: 5px 15px 5px 11px;
        cursor: pointer;
        color: var(--tt-muted);
      }
      .line:hover {
        background: var(--tt-hover);
      }
      .label {
        color: var(--tt-fg);
      }
      .failed {
        color: var(--tt-failed);
        font-size: 0.92em;
      }
      [hidden] {
        display: none;
      }
    `,
  ];

  protected override mark(row: OtherRow): void {
    this.dataset.otherKey = row.key;
  }
  protected override times(): string {
    return ago(this.row.lastActivityAt, this.now);
  }
  protected override name(): string {
    return `Other activity, ${count(this.row.count, 'call')}${this.row.failed ? `, ${this.row.failed} failed` : ''}`;
  }
  override render(): TemplateResult {
    const { row } = this;
    return html`
      <div class="line" @click=${this.clicked} title="Calls that belong to no work item">
        ${chevron}${activity}<span class="label">Other activity</span><vscode-badge>${row.count}</vscode-badge>
        ${row.failed ? html`<span class="failed">${row.failed} failed</span>` : nothing}
        <span class="grow"></span>${this.when(row.lastActivityAt)}
      </div>
      <div role="group" ?hidden=${!this.open}><slot></slot></div>
    `;
  }
}

const OUTCOMES: Record<string, string> = { success: 'Done', failure: 'Failed', denied: 'Denied', aborted: 'Aborted', unknown: 'Unknown' };

/** One call. */
export class CallElement extends HistoryRow<CallRow> {
  static override styles = [
    common,
    line,
    details,
    css`
      .line {
        padding: 3px 15px 3px 37px;
        cursor: pointer;
      }
      .line:hover {
        background: var(--tt-hover);
      }
      .icon {
        width: 13px;
        height: 13px;
      }
      .code {
        width: 2.6em;
        flex: none;
        text-align: right;
      }
      .code.failed {
        color: var(--tt-failed);
      }
      .operation {
        flex: none;
        color: var(--tt-strong);
      }
      .details {
        margin-left: 58px;
      }
    `,
  ];

  protected override mark(row: CallRow): void {
    this.dataset.callKey = row.key;
    this.dataset.outcome = row.outcome;
  }
  protected override times(): string {
    return ago(this.row.at, this.now);
  }
  get #failed(): boolean {
    return ['failure', 'denied', 'aborted'].includes(this.row.outcome);
  }
  protected override name(): string {
    const { row } = this;
    return [row.operation, row.method, row.endpoint, row.responseStatus, this.#failed && row.outcome, row.error?.message].filter(Boolean).join(', ');
  }
  override render(): TemplateResult {
    const { row } = this;
    const failed = this.#failed;
    return html`
      <div class="line" @click=${this.clicked}>
        ${STATUS[failed ? 'failed' : 'completed'].icon()}
        <span class="operation">${row.operation}</span>
        <span class="grow cut mono muted" title="${row.method ?? ''} ${row.endpoint ?? ''}">${row.method} ${row.endpoint}</span>
        <span class="code num mono ${failed ? 'failed' : 'muted'}">${row.responseStatus}</span>
        <span class="who" title=${row.actor ?? ''}><span class="cut">${row.agentId ?? row.actor}</span></span>
        <span class="state ${failed ? 'failed' : 'completed'}">${OUTCOMES[row.outcome] ?? row.outcome}</span>
        <span class="took num muted">${row.durationMs === null ? '' : duration(row.durationMs)}</span>
        ${this.when(row.at)}
      </div>
      ${this.open
        ? html`<dl class="details" @click=${(event: Event) => event.stopPropagation()}>
            ${entry('Outcome', row.outcome)}
            ${entry('Error', row.error && html`<pre class="error">${row.error.code ? `${row.error.code}: ` : ''}${row.error.message}</pre>`)}
            ${entry('Request', row.endpoint && html`<span class="mono">${row.method} ${row.endpoint}</span>`)} ${entry('At', exact(row.at))}
            ${entry('Actor', code(row.actor))} ${entry('Agent', row.agentId)} ${entry('Project', row.project)} ${entry('Run', code(row.runId))}
            ${entry('Record', code(row.auditId))}
          </dl>`
        : nothing}
    `;
  }
}

const ELEMENTS: Record<Row['kind'], [string, CustomElementConstructor]> = {
  run: ['tasktrail-run', RunElement],
  project: ['tasktrail-project', ProjectElement],
  phase: ['tasktrail-phase', PhaseElement],
  item: ['tasktrail-item', ItemElement],
  other: ['tasktrail-other', OtherElement],
  call: ['tasktrail-call', CallElement],
};

for (const [tag, element] of Object.values(ELEMENTS)) {
  if (!customElements.get(tag)) customElements.define(tag, element);
}

/** A new element for a row. */
export function elementFor(row: Row, now: number): HistoryRow {
  const element = document.createElement(ELEMENTS[row.kind][0]) as HistoryRow;
  element.now = now;
  element.row = row;
  return element;
}
