import { css, html, nothing, type TemplateResult } from 'lit';
import '@vscode-elements/elements/dist/vscode-badge/index.js';
import type { CallRow, OtherRow } from '../history.js';
import { code, details, entry, fault } from './details.js';
import { ago, count, duration, exact } from './format.js';
import { STATUS, activity, chevron, warning } from './icons.js';
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
        color: var(--tt-failed-text);
        font-size: 0.92em;
      }
      .noted {
        color: var(--tt-stalled-text);
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
  override get label(): string {
    return 'Other activity';
  }
  protected override times(): string {
    return ago(this.row.lastActivityAt, this.now);
  }
  protected override name(): string {
    const { row } = this;
    return [
      `Other activity, ${count(row.count, 'call')}`,
      row.failed && `${row.failed} failed`,
      row.quarantined && `${row.quarantined} refused`,
      row.gaps && count(row.gaps, 'gap'),
    ]
      .filter(Boolean)
      .join(', ');
  }
  override render(): TemplateResult {
    const { row } = this;
    return html`
      <div class="line" @click=${this.clicked} title="Calls that belong to no work item">
        ${chevron}${activity}<span class="label">Other activity</span><vscode-badge>${row.count}</vscode-badge>
        ${row.failed ? html`<span class="failed">${row.failed} failed</span>` : nothing}
        ${row.quarantined ? html`<span class="noted">${row.quarantined} refused</span>` : nothing}
        ${row.gaps ? html`<span class="noted">${count(row.gaps, 'gap')}</span>` : nothing}
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

/** What is no call, but lies among them. */
const OTHERWISE: Record<string, { state: string; title: string } | undefined> = {
  quarantined: { state: 'Refused', title: 'Event refused' },
  gap: { state: 'Lost', title: 'Records lost' },
};

/** One call, or what else the trail tells: an event that was refused, records that were lost. */
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
        color: var(--tt-failed-text);
      }
      .operation {
        flex: none;
        color: var(--tt-strong);
      }
      .icon.warning {
        color: var(--tt-stalled);
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
  override get label(): string {
    return OTHERWISE[this.row.nature]?.title ?? this.row.operation;
  }
  /** What it is about, in a line. */
  get #about(): string {
    const { nature, error, gap, method, endpoint } = this.row;
    if (nature === 'quarantined') return error?.message ?? '';
    if (nature === 'gap')
      return [gap?.count == null ? null : count(gap.count, 'record'), gap?.reason].filter(Boolean).join(': ');
    return [method, endpoint].filter(Boolean).join(' ');
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
      this.label,
      this.#about,
      row.responseStatus,
      row.nature === 'call' && this.#failed && row.outcome,
      row.nature === 'call' && row.error?.message,
    ]
      .filter(Boolean)
      .join(', ');
  }
  override render(): TemplateResult {
    const { row } = this;
    const otherwise = OTHERWISE[row.nature];
    const failed = this.#failed && !otherwise;
    const state = otherwise ? 'stalled' : failed ? 'failed' : 'completed';
    return html`
      <div class="line" @click=${this.clicked}>
        ${otherwise ? warning : STATUS[failed ? 'failed' : 'completed'].icon()}
        <span class="operation">${this.label}</span>
        <span class="grow cut muted ${otherwise ? '' : 'mono'}" title=${this.#about}>${this.#about}</span>
        <span class="code num mono ${failed ? 'failed' : 'muted'}">${row.responseStatus}</span>
        <span class="who" title=${row.actor ?? ''}><span class="cut">${row.agentId ?? row.actor}</span></span>
        <span class="state ${state}">${otherwise?.state ?? OUTCOMES[row.outcome] ?? row.outcome}</span>
        <span class="took num muted">${row.durationMs === null ? '' : duration(row.durationMs)}</span>
        ${this.when(row.at)}
      </div>
      ${
        this.open
          ? html`<div class="details">
              <dl>
                ${otherwise ? nothing : entry('Outcome', row.outcome)} ${fault(row.error)} ${this.#lost()}
                ${entry('Request', row.endpoint && html`<span class="mono">${row.method} ${row.endpoint}</span>`)}
                ${entry('At', exact(row.at))} ${entry('Actor', code(row.actor))} ${entry('Agent', row.agentId)}
                ${entry('Project', row.project)} ${entry('Run', code(row.runId))} ${entry('Record', code(row.auditId))}
              </dl>
              ${this.buttons(row.error)}
            </div>`
          : nothing
      }
    `;
  }

  /** Which records are lost. */
  #lost(): TemplateResult | typeof nothing {
    const { gap } = this.row;
    if (!gap) return nothing;
    const numbers = [gap.fromSeq, gap.toSeq].filter((number) => number !== null).join(' to ');
    return html`${entry('Lost', gap.count === null ? 'an unknown number of records' : count(gap.count, 'record'))}
    ${entry('Why', gap.reason)} ${entry('Writer', code(gap.writerId))} ${entry('Their numbers', numbers)}`;
  }
}
