import { html, nothing, type TemplateResult } from 'lit';
import type { TasktrailError } from '../errors.js';
import type { Summary } from '../history.js';
import type { Obstacle } from './host.js';
import type { Connection } from '../source.js';
import { STATUS, inbox, search, warning } from './icons.js';

/** What the messages depend on. */
export interface PageState {
  workspace: string | null;
  /** Whether a source was given, which knows its workspace by itself. */
  given: boolean;
  obstacle: Obstacle | null;
  fault: TasktrailError | null;
  ready: boolean;
  connection: Connection;
  summary: Summary;
  /** Rows on the page, groups included. */
  rows: number;
  retry: () => void;
  clear: () => void;
  /** Asks for the API key, where the host can. */
  setApiKey: (() => void) | undefined;
  /** Does what the obstacle's action names, where the host can. */
  act: ((command: string) => void) | undefined;
}

/** The core's messages begin small and end without a full stop, to fit into logs. */
export function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`;
}

/** What stands in the place of the rows when there are none; nothing when there are. */
export function message(page: PageState): TemplateResult | undefined {
  const { summary, connection, obstacle, act } = page;
  if (obstacle) {
    const { action } = obstacle;
    return html`<div class="message" role="status" data-message=${obstacle.kind}>
      ${obstacle.kind === 'no-folder' ? inbox : warning}
      <h2>${obstacle.title}</h2>
      <p>${obstacle.text}</p>
      ${action && act ? html`<vscode-button @click=${() => act(action.command)}>${action.label}</vscode-button>` : nothing}
    </div>`;
  }
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
        ${refused ? 'Set the API key that it asks for, or ask whoever runs the API for access.' : 'Check that it runs; this page tries again by itself.'}
        <code>${connection.error.code}</code>
      </p>
      ${refused && page.setApiKey ? html`<vscode-button @click=${page.setApiKey}>Set API key</vscode-button>` : nothing}
      <vscode-button ?secondary=${refused && page.setApiKey !== undefined} @click=${page.retry}>Try now</vscode-button>
    </div>`;
  }
  if (!page.ready) {
    return html`<div class="message" role="status" data-message="loading">
      ${STATUS.started.icon()}
      <h2>Loading the history</h2>
      ${page.workspace ? html`<p><code>${page.workspace}</code></p>` : nothing}
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
      As soon as an agent works ${page.workspace ? 'in this workspace' : 'in one of these workspaces'}, its items appear
      here by themselves: start one with <code>/project-start</code>${
        page.workspace ? html`, or post an event with <code>X-Workspace-Id: ${page.workspace}</code>` : nothing
      }.
    </p>
  </div>`;
}
