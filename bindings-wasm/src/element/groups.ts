import { css, html, nothing, type TemplateResult } from 'lit';
import type { PhaseRow, ProjectRow, RunRow, WorkspaceRow } from '../history.js';
import { ago, clock, count, exact, iso, short } from './format.js';
import { STATUS, chevron, play } from './icons.js';
import { bar, barStyles, parts, percent, told } from './progress.js';
import { HistoryRow, isTerminal, line } from './row.js';
import { common } from './styles.js';

/** One workspace, where several are shown: a header that folds its runs. */
export class WorkspaceElement extends HistoryRow<WorkspaceRow> {
  static override styles = [
    common,
    line,
    css`
      :host {
        margin-bottom: 12px;
      }
      .line {
        padding: 5px 15px 5px 4px;
        margin-bottom: 4px;
        cursor: pointer;
        border-bottom: 1px solid var(--tt-border);
        border-radius: 0;
      }
      .line:hover {
        background: var(--tt-hover);
      }
      .name {
        font-weight: 600;
        color: var(--tt-strong);
      }
      [hidden] {
        display: none;
      }
    `,
  ];
  override open = true;

  protected override mark(row: WorkspaceRow): void {
    this.dataset.workspaceKey = row.key;
    this.dataset.status = row.status ?? '';
  }
  override get label(): string {
    return this.actions.nameOf(this.row.workspaceId);
  }
  protected override times(): string {
    return ago(this.row.lastActivityAt, this.now);
  }
  protected override name(): string {
    const { row, label } = this;
    return [`Workspace ${label}`, row.status && STATUS[row.status].label, row.total > 0 && told(row)]
      .filter(Boolean)
      .join(', ');
  }
  override render(): TemplateResult {
    const { row } = this;
    return html`
      <div class="line" @click=${this.clicked}>
        ${chevron}<span class="name cut" title=${row.workspaceId}>${this.label}</span>
        <span class="grow cut muted num">${row.total > 0 ? told(row) : nothing}</span>
        ${row.status ? this.state(row.status) : nothing} ${this.when(row.lastActivityAt)}
      </div>
      <div role="group" ?hidden=${!this.open}><slot></slot></div>
    `;
  }
}

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
  override get label(): string {
    return `Run ${this.row.runId}`;
  }
  protected override times(): string {
    return this.elapsed(this.row) + clock(this.row.startedAt ?? 0, this.now);
  }
  protected override name(): string {
    const { runId, status, agents } = this.row;
    return [`Run ${runId}`, status && STATUS[status].label, agents.length && count(agents.length, 'agent')]
      .filter(Boolean)
      .join(', ');
  }
  override render(): TemplateResult {
    const { runId, startedAt, agents, status } = this.row;
    const elapsed = this.elapsed(this.row);
    return html`
      <div class="line muted">
        ${play}<b>Run</b><span class="mono" title=${runId}>${short(runId)}</span>
        ${
          startedAt === null
            ? nothing
            : html`<time class="dot" datetime=${iso(startedAt)} title=${exact(startedAt)}
                >started ${clock(startedAt, this.now)}</time
              >`
        }
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
      h2 {
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
        color: var(--tt-failed-text);
      }
      .below .running {
        color: var(--tt-running-text);
      }
      .below .stalled {
        color: var(--tt-stalled-text);
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
  override get label(): string {
    return `Project ${this.row.project}`;
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
          <h2>Project ${row.project}</h2>
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
  override get label(): string {
    return this.row.name ?? `Phase ${this.row.phase}`;
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
