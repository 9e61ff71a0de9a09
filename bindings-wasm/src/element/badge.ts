import { html, nothing, type TemplateResult } from 'lit';
import type { Connection, ConnectionState } from '../source.js';
import { clock, exact, running } from './format.js';

const NAMES: Record<ConnectionState, string> = {
  connecting: 'Connecting',
  live: 'Live',
  'catching-up': 'Catching up',
  offline: 'Offline',
};

/** How up to date the page is: in a word, and until when nothing is missing. */
export function badge(connection: Connection, completeThrough: number | null, now: number): TemplateResult {
  const { state, since, error, saved } = connection;
  const title =
    state === 'live'
      ? 'Nothing is missing; new records appear by themselves'
      : [
          `${NAMES[state]} since ${exact(since)}`,
          error && `${error.message} (${error.code})`,
          completeThrough !== null && `complete through ${exact(completeThrough)}`,
        ]
          .filter(Boolean)
          .join('; ');
  return html`<span class="connection ${state}" role="status" title=${title}>
    ${saved ? html`<span class="saved">Saved copy</span>` : nothing}
    <span class="dot" aria-hidden="true"></span
    ><span>${NAMES[state]}${state === 'offline' ? html` since ${clock(since, now)}` : nothing}</span>${
      state === 'offline' && now - since > 1_000
        ? html`<span class="num ago" aria-hidden="true">(${running(now - since)})</span>`
        : nothing
    }${
      state !== 'live' && completeThrough !== null
        ? html`<span class="through num">complete through ${clock(completeThrough, now, 'seconds')}</span>`
        : nothing
    }
  </span>`;
}
