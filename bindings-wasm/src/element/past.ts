import { html, nothing, type TemplateResult } from 'lit';
import type { HistorySummary } from '../history.js';
import { sentence } from './messages.js';
import { STATUS, warning } from './icons.js';

/** What stands below the rows, where older records can be had. */
export interface PastState {
  summary: HistorySummary;
  /** Nothing lies before what is shown. */
  isEnd: boolean;
  /** A page is on its way. */
  isLoading: boolean;
  /** Why the last page did not come. */
  fault: string;
  more: () => void;
  leave: () => void;
}

/** The way back in time, and back again. */
export function past({ summary, isEnd, isLoading, fault, more, leave }: PastState): TemplateResult | typeof nothing {
  const { older, records, capacity } = summary;
  if (records < capacity) return nothing;
  return html`<div class="past">
    ${fault ? html`<span role="alert">${warning} ${sentence(fault)}</span>` : nothing}
    ${older ? html`<span class="num">${older} older records are shown as well.</span>` : nothing}
    ${isEnd ? html`<span>This is as far back as this view goes.</span>` : nothing}
    ${
      isEnd
        ? nothing
        : html`<vscode-button secondary ?disabled=${isLoading} @click=${more}
            >${isLoading ? STATUS.started.icon() : nothing} ${fault ? 'Try again' : 'Show older'}</vscode-button
          >`
    }
    ${older ? html`<vscode-button secondary @click=${leave}>Newest only</vscode-button>` : nothing}
  </div>`;
}
