import { css, html, type TemplateResult } from 'lit';

const SHORTCUTS: [keys: string[], what: string][] = [
  [['↑', '↓'], 'Previous or next row'],
  [['Page Up', 'Page Down'], 'Ten rows on'],
  [['Home', 'End'], 'First or last row'],
  [['→', '←'], 'Unfold or fold; then into the fold, or out of it'],
  [['Enter', 'Space'], 'Fold or unfold; details of an item'],
  [['*'], 'Unfold all rows beside this one'],
  [['a … z'], 'Go to the row whose name begins so'],
  [['!'], 'Go to the next item that failed'],
  [['Ctrl C'], 'Copy the row'],
  [['Tab'], 'From a row to the buttons of its details'],
  [['/'], 'Search'],
  [['Esc'], 'From the search back to the rows'],
  [['?'], 'Show this list'],
];

/** The keyboard's shortcuts, to be looked up. */
export const shortcuts = (): TemplateResult => html`
  <dialog class="shortcuts" aria-labelledby="shortcuts-title" closedby="any">
    <h2 id="shortcuts-title">Keyboard shortcuts</h2>
    <dl>
      ${SHORTCUTS.map(
        ([keys, what]) =>
          html`<dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt>
            <dd>${what}</dd>`,
      )}
    </dl>
    <form method="dialog"><vscode-button @click=${close}>Close</vscode-button></form>
  </dialog>
`;

function close(event: Event): void {
  (event.currentTarget as Element).closest('dialog')?.close();
}

export const shortcutStyles = css`
  dialog.shortcuts {
    max-width: min(30em, calc(100% - 32px));
    max-height: calc(100% - 32px);
    overflow: auto;
    padding: 16px 20px;
    color: var(--tt-fg);
    background: var(--tt-widget-bg);
    border: 1px solid var(--tt-widget-border);
    border-radius: 6px;
    box-shadow: 0 4px 16px rgb(0 0 0 / 25%);
  }
  .shortcuts::backdrop {
    background: rgb(0 0 0 / 30%);
  }
  .shortcuts h2 {
    margin: 0 0 12px;
    font-size: 1.15em;
    color: var(--tt-strong);
  }
  .shortcuts dl {
    display: grid;
    grid-template-columns: max-content 1fr;
    gap: 6px 16px;
    margin: 0 0 14px;
  }
  .shortcuts dd {
    margin: 0;
  }
  kbd {
    padding: 1px 5px;
    font: inherit;
    font-size: 0.92em;
    border: 1px solid var(--tt-border);
    border-radius: 3px;
  }
`;
