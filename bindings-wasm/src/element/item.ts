import { css, html, nothing, type TemplateResult } from 'lit';
import '@vscode-elements/elements/dist/vscode-badge/index.js';
import type { ItemRow } from '../history.js';
import { code, details, entry, fault } from './details.js';
import { ago, count, duration, exact, running } from './format.js';
import { STATUS, agent, file } from './icons.js';
import { rect } from './progress.js';
import { HistoryRow, isTerminal, leaf, line } from './row.js';
import { common } from './styles.js';

/** One work item: state, title, agent, attempts, times; its details on demand. */
export class ItemElement extends HistoryRow<ItemRow> {
  static override styles = [
    common,
    line,
    leaf,
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
        color: var(--tt-error-text);
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
  override get label(): string {
    return this.row.title;
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
            ${
              row.attempts > 1
                ? html`<vscode-badge title="Started ${row.attempts} times">attempt ${row.attempts}</vscode-badge>`
                : nothing
            }
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
    return text === null
      ? nothing
      : html`<div class="second cut ${row.status === 'failed' ? 'failed' : 'muted'}" title=${text}>${text}</div>`;
  }

  #far(percent: number, message: string | null): TemplateResult {
    return html`<div class="second far-line muted">
      <svg
        class="far"
        role="progressbar"
        aria-label="Progress"
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${percent}
      >
        ${rect('rest', 0, 100)}${rect('', 0, percent)}
      </svg>
      <span class="num">${Math.floor(percent)}%</span><span class="cut" title=${message ?? ''}>${message}</span>
    </div>`;
  }

  #details(): TemplateResult {
    const { row } = this;
    return html`
      <div class="details">
        <dl>
          ${fault(row.error)}
          ${row.failures
            .filter((failure) => !(row.error && failure.at === row.endedAt))
            .map((failure) =>
              entry(
                `Attempt ${failure.attempt}`,
                html`<pre class="error">${failure.error.message}</pre>
                  <span class="muted"
                    >failed ${exact(failure.at)}${failure.agentId ? ` (${failure.agentId})` : ''}</span
                  >`,
              ),
            )}
          ${entry('Now', row.message)} ${entry('Result', row.result && html`<pre>${row.result}</pre>`)}
          ${entry(
            count(row.filesChanged.length, 'file'),
            row.filesChanged.length
              ? html`<ul>
                  ${row.filesChanged.map((path) => html`<li>${file}${this.#file(path)}</li>`)}
                </ul>`
              : null,
          )}
          ${entry('Work item', code(row.itemId))} ${entry(row.agents.length > 1 ? 'Agents' : 'Agent', this.#agents())}
          ${entry('Started', row.startedAt === null ? null : `${exact(row.startedAt)}${row.attempts > 1 ? ` (attempt ${row.attempts})` : ''}`)}
          ${entry('Ended', row.endedAt === null ? null : exact(row.endedAt))}
          ${entry('Last activity', row.endedAt === null ? exact(row.lastActivityAt) : null)}
          ${entry('Worktree', code(row.worktreePath))} ${entry('Task', code(row.taskId))}
          ${entry('Session', code(row.sessionId))} ${entry('Run', code(row.runId))}
          ${entry('Record', code(row.auditId))}
        </dl>
        ${this.buttons(row.error, this.#worktree())}
      </div>
    `;
  }

  /** Who worked on it, on which attempt, and who sent them. */
  #agents(): unknown {
    const { lineage, agents, attempts } = this.row;
    if (lineage.length === 0) return agents.join(', ');
    return html`<ul>
      ${lineage.map(
        ({ agentId, parentAgentId, attempt }) =>
          html`<li>
            ${[agentId, parentAgentId && `sent by ${parentAgentId}`, attempts > 1 && `attempt ${attempt}`]
              .filter(Boolean)
              .join(', ')}
          </li>`,
      )}
    </ul>`;
  }

  #file(path: string): TemplateResult {
    const { openFile } = this.actions;
    if (!openFile) return html`<span class="mono">${path}</span>`;
    return html`<button
      type="button"
      class="mono"
      tabindex=${this.stop}
      @click=${() => openFile(path, this.row.worktreePath)}
    >
      ${path}
    </button>`;
  }

  #worktree(): TemplateResult | typeof nothing {
    const { openWorktree } = this.actions;
    const { worktreePath } = this.row;
    if (!openWorktree || !worktreePath) return nothing;
    return html`<button type="button" tabindex=${this.stop} @click=${() => openWorktree(worktreePath)}>
      Open worktree
    </button>`;
  }
}
