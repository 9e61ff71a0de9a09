import { LitElement, css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { property, state } from 'lit/decorators.js';
import type { Fault, Row, Status, WorkspaceRow } from '../history.js';
import { ago, duration, exact, iso, running } from './format.js';
import { STATUS } from './icons.js';

export const isTerminal = (status: Status | null): boolean => status === 'completed' || status === 'failed';

/** Rows out of sight cost neither layout nor animation. */
export const leaf = css`
  :host {
    content-visibility: auto;
    contain-intrinsic-size: auto 28px;
  }
`;

/** What every row's own line shares. */
export const line = css`
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
  /* The icon tells it by its shape. */
  @container history (max-width: 380px) {
    .line > .state {
      display: none;
    }
  }
  .state.started,
  .state.progress {
    color: var(--tt-running-text);
  }
  .state.failed {
    color: var(--tt-failed-text);
  }
  .state.stalled {
    color: var(--tt-stalled-text);
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
  /* In few steps: each of them paints the row. */
  :host([fresh]) > .line {
    animation: fresh 1.8s steps(12);
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

/** A row of a history of one workspace, or of several. */
export type AnyRow = Row | WorkspaceRow;

/** What a row can ask of the element that it is in. */
export interface RowActions {
  /** Puts a text on the clipboard and says so. */
  copy(text: string): Promise<boolean>;
  /** What a workspace is called. */
  nameOf(workspaceId: string): string;
  openFile: ((path: string, worktreePath: string | null) => void) | undefined;
  openWorktree: ((path: string) => void) | undefined;
}

const COPIED_MS = 1_500;

/** A row of the tree. Rows below it are its children, in the order in which they are shown. */
export abstract class HistoryRow<R extends AnyRow = AnyRow> extends LitElement {
  /** What it shows. */
  @property({ attribute: false }) row!: R;
  /** Whether what lies under it, or its details, are to be seen. */
  @property({ type: Boolean }) open = false;
  /** The API's time, milliseconds since 1970. */
  now = Date.now();
  actions!: RowActions;
  /** The keyboard is here: only then does the Tab key stop at what lies inside. */
  @property({ type: Boolean }) current = false;
  /** What has just been copied, by the name of its button. */
  @state() private copied = '';
  #shownTimes = '';

  /** What of it depends on the time of day, as text. */
  protected abstract times(): string;
  /** Its name for whoever does not see it. */
  protected abstract name(): string;
  /** What it is called, for whoever types its first letters. */
  abstract get label(): string;
  protected mark(_row: R): void {}
  get expandable(): boolean {
    return true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.setAttribute('role', 'treeitem');
  }

  /** Tells the time; the row is drawn again only if that changes what it shows. */
  tick(now: number): void {
    this.now = now;
    if (this.row && this.times() !== this.#shownTimes) this.requestUpdate();
  }

  toggle(open = !this.open): void {
    if (this.expandable) this.open = open;
  }

  /** Somebody folds or unfolds it. */
  fold(open = !this.open): void {
    if (!this.expandable || open === this.open) return;
    this.open = open;
    this.dispatchEvent(new CustomEvent('fold', { bubbles: true }));
  }

  /** All of it in one line, for the clipboard. */
  copyText(): Promise<boolean> {
    return this.actions.copy(`${this.name()}, ${exact(this.at)}`);
  }

  /** When it last showed a sign of life. */
  protected get at(): number {
    return 'at' in this.row ? this.row.at : this.row.lastActivityAt;
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

  protected get stop(): 0 | -1 {
    return this.current ? 0 : -1;
  }

  /** A button that copies something, and says that it has. */
  protected copyButton(label: string, text: () => string | Promise<boolean>): TemplateResult {
    const copy = async (): Promise<void> => {
      const what = text();
      if (!(await (typeof what === 'string' ? this.actions.copy(what) : what))) return;
      this.copied = label;
      setTimeout(() => (this.copied = ''), COPIED_MS);
    };
    return html`<button type="button" tabindex=${this.stop} @click=${copy}>
      ${this.copied === label ? 'Copied' : label}
    </button>`;
  }

  /** The buttons under the details of a row. */
  protected buttons(error: Fault | null, more: unknown = nothing): TemplateResult {
    return html`<div class="buttons" role="group" aria-label="Actions">
      ${this.copyButton('Copy row', () => this.copyText())} ${this.copyButton('Copy JSON', () => json(this.row))}
      ${error ? this.copyButton('Copy error', () => `${error.code ? `${error.code}: ` : ''}${error.message}`) : nothing}
      ${more}
    </div>`;
  }

  /** How long a group has taken, or has been at it. */
  protected elapsed(row: { startedAt: number | null; endedAt: number | null; status: Status | null }): string {
    if (row.startedAt === null) return '';
    if (row.endedAt !== null) return duration(row.endedAt - row.startedAt);
    return isTerminal(row.status) ? '' : running(this.now - row.startedAt);
  }

  /** A click on the row itself, not one that ends a selection of its text. */
  protected clicked = (): void => {
    if (getSelection()?.type !== 'Range') this.fold();
  };
}

/** A row as JSON for people: times as text, without what only the page needs. */
function json(row: AnyRow): string {
  const { key: _key, parent: _parent, ...fields } = row;
  return JSON.stringify(
    fields,
    (name, value) => (/(?:^at|At)$/.test(name) && typeof value === 'number' ? iso(value) : value),
    2,
  );
}
