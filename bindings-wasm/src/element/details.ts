import { css, html, nothing, type TemplateResult } from 'lit';
import type { Fault } from '../history.js';

/** The details that a row shows on demand. */
export const details = css`
  .details {
    margin: 2px 8px 8px 68px;
    padding: 10px 12px;
    border: 1px solid var(--tt-border);
    border-radius: 4px;
    background: var(--tt-bg);
    font-size: 0.95em;
    user-select: text;
  }
  dl {
    margin: 0;
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 5px 14px;
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
    color: var(--tt-error-text);
  }
  .details button {
    padding: 0;
    border: none;
    background: none;
    font: inherit;
    color: var(--tt-link);
    cursor: pointer;
    text-align: start;
    overflow-wrap: anywhere;
  }
  .details button:hover {
    text-decoration: underline;
  }
  .details button:focus-visible {
    outline: 1px solid var(--tt-focus);
    outline-offset: 2px;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 16px;
    margin-top: 4px;
    padding-top: 8px;
    border-top: 1px solid var(--tt-border);
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

/** One of them; nothing where there is no value. */
export const entry = (label: string, value: unknown): TemplateResult | typeof nothing =>
  value === null || value === undefined || value === ''
    ? nothing
    : html`<dt>${label}</dt>
        <dd>${value}</dd>`;

/** Why something failed. */
export const fault = (error: Fault | null): TemplateResult | typeof nothing =>
  entry('Error', error && html`<pre class="error">${error.code ? `${error.code}: ` : ''}${error.message}</pre>`);

/** An id or a path. */
export const code = (text: string | null): TemplateResult | null =>
  text ? html`<span class="mono">${text}</span>` : null;
