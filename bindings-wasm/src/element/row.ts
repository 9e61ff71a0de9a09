import { LitElement, css, html, type PropertyValues, type TemplateResult } from 'lit';
import { property } from 'lit/decorators.js';
import type { Row, Status } from '../history.js';
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
