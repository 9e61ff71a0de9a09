import { html, type TemplateResult } from 'lit';
import type { TasktrailError } from '../errors.js';
import type { Summary } from '../history.js';
import type { Connection } from '../source.js';
import { STATUS, inbox, search, warning } from './icons.js';

/** What the messages depend on. */
export interface PageState {
  workspace: string | null;
  api: string | null;
  /** Whether a source was given, which knows its workspace by itself. */
  given: boolean;
  fault: TasktrailError | null;
  ready: boolean;
  connection: Connection;
  summary: Summary;
  /** Rows on the page, groups included. */
  rows: number;
  retry: () => void;
  clear: () => void;
}

/** The core's messages begin small and end without a full stop, to fit into logs. */
export function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}

/** What stands in the place of the rows when there are none; nothing when there are. */
export function message(page: PageState): TemplateResult | undefined {
  const { summary, connection } = page;
  if (!page.given && !page.workspace) {
    return html`<div class="message" data-message="no-workspace">
      ${inbox}
      <h2>No workspace chosen</h2>
      <p>Say whose history to show: add <code>?workspace=ws_…</code> to this page's address.</p>
    </div>`;
  }
  if (page.fault) {
    return html`<div class="message" role="alert" data-message="fault">
      ${warning}
      <h2>The history cannot be shown</h2>
      <p>${sentence(page.fault.message)} <code>${page.fault.code}</code></p>
      <vscode-button @click=${page.retry}>Try again</vscode-button>
    </div>`;
  }
  if (summary.shown > 0 || page.rows > 0) return undefined;
  if (!page.ready && connection.error) {
    const refused = connection.error.code === 'TT_READ_FORBIDDEN';
    return html`<div class="message" role="alert" data-message="unreachable">
      ${warning}
      <h2>${refused ? 'This history may not be read' : 'The API cannot be reached'}</h2>
      <p>
        ${sentence(connection.error.message)}
        ${refused ? 'Ask whoever runs the API for access.' : `Check that it runs${page.api ? ` at ${page.api}` : ''}; this page tries again by itself.`}
        <code>${connection.error.code}</code>
      </p>
      <vscode-button @click=${page.retry}>Try now</vscode-button>
    </div>`;
  }
  if (!page.ready) {
    return html`<div class="message" role="status" data-message="loading">
      ${STATUS.started.icon()}
      <h2>Loading the history</h2>
      <p><code>${page.workspace ?? ''}</code></p>
    </div>`;
  }
  if (summary.filtered && summary.rows > 0) {
    return html`<div class="message" role="status" data-message="filtered">
      ${search}
      <h2>Nothing matches</h2>
      <p>None of the ${summary.rows} items and calls fits these filters.</p>
      <vscode-button @click=${page.clear}>Clear filters</vscode-button>
    </div>`;
  }
  return html`<div class="message" role="status" data-message="empty">
    ${inbox}
    <h2>Nothing has happened yet</h2>
    <p>
      As soon as an agent works in this workspace, its items appear here by themselves: start one with
      <code>/project-start</code>, or post an event with <code>X-Workspace-Id: ${page.workspace ?? ''}</code>.
    </p>
  </div>`;
}
