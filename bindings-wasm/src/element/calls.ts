import { css, html, nothing, type TemplateResult } from 'lit';
import '@vscode-elements/elements/dist/vscode-badge/index.js';
import type { CallRow, OtherRow } from '../history.js';
import { code, details, entry, fault } from './details.js';
import { ago, count, duration, exact } from './format.js';
import { STATUS, activity, chevron } from './icons.js';
import { HistoryRow, leaf, line } from './row.js';
import { common } from './styles.js';

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

const OUTCOMES: Record<string, string> = {
  success: 'Done',
  failure: 'Failed',
  denied: 'Denied',
  aborted: 'Aborted',
  unknown: 'Unknown',
};

/** One call. */
export class CallElement extends HistoryRow<CallRow> {
  static override styles = [
    common,
    line,
    leaf,
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
    return [
      row.operation,
      row.method,
      row.endpoint,
      row.responseStatus,
      this.#failed && row.outcome,
      row.error?.message,
    ]
      .filter(Boolean)
      .join(', ');
  }
  override render(): TemplateResult {
    const { row } = this;
    const failed = this.#failed;
    return html`
      <div class="line" @click=${this.clicked}>
        ${STATUS[failed ? 'failed' : 'completed'].icon()}
        <span class="operation">${row.operation}</span>
        <span class="grow cut mono muted" title="${row.method ?? ''} ${row.endpoint ?? ''}"
          >${row.method} ${row.endpoint}</span
        >
        <span class="code num mono ${failed ? 'failed' : 'muted'}">${row.responseStatus}</span>
        <span class="who" title=${row.actor ?? ''}><span class="cut">${row.agentId ?? row.actor}</span></span>
        <span class="state ${failed ? 'failed' : 'completed'}">${OUTCOMES[row.outcome] ?? row.outcome}</span>
        <span class="took num muted">${row.durationMs === null ? '' : duration(row.durationMs)}</span>
        ${this.when(row.at)}
      </div>
      ${
        this.open
          ? html`<dl class="details" @click=${(event: Event) => event.stopPropagation()}>
              ${entry('Outcome', row.outcome)} ${fault(row.error)}
              ${entry('Request', row.endpoint && html`<span class="mono">${row.method} ${row.endpoint}</span>`)}
              ${entry('At', exact(row.at))} ${entry('Actor', code(row.actor))} ${entry('Agent', row.agentId)}
              ${entry('Project', row.project)} ${entry('Run', code(row.runId))} ${entry('Record', code(row.auditId))}
            </dl>`
          : nothing
      }
    `;
  }
}
