import { css, html, svg, type TemplateResult } from 'lit';
import type { Counts } from '../history.js';
import { count } from './format.js';

/** What became of a group's items, in the order of its bar. */
export const parts = (counts: Counts): { kind: string; items: number; label: string }[] => [
  { kind: 'completed', items: counts.completed, label: 'done' },
  { kind: 'failed', items: counts.failed, label: 'failed' },
  { kind: 'running', items: counts.inProgress - counts.stalled, label: 'running' },
  { kind: 'stalled', items: counts.stalled, label: 'stalled' },
];

/** The same in words. */
export const told = (counts: Counts): string =>
  [
    `${counts.completed} of ${count(counts.total, 'item')} done`,
    ...parts(counts)
      .slice(1)
      .filter((part) => part.items > 0)
      .map((part) => `${part.items} ${part.label}`),
  ].join(', ');

/** Items done, in whole percent. */
export const percent = (counts: Counts): number =>
  counts.total ? Math.floor((100 * counts.completed) / counts.total) : 0;

/** A bar of what became of the items. */
export const bar = (counts: Counts, label: string): TemplateResult => html`
  <div
    class="bar"
    role="progressbar"
    aria-label=${label}
    aria-valuemin="0"
    aria-valuemax=${counts.total}
    aria-valuenow=${counts.completed}
    aria-valuetext=${told(counts)}
    title=${told(counts)}
  >
    <svg class="lengths" width="100%" height="100%" aria-hidden="true">${lengths(counts)}</svg>
  </div>
`;

// Lengths as attributes of shapes: a strict content security policy leaves no `style` in markup.
function lengths(counts: Counts): TemplateResult[] {
  let from = 0;
  return parts(counts)
    .filter((part) => part.items > 0 && counts.total > 0)
    .map((part) => {
      const width = (100 * part.items) / counts.total;
      const shape = rect(part.kind, from, width);
      from += width;
      return shape;
    });
}

/** One length of a bar, from 0 to 100. */
export const rect = (kind: string, from: number, width: number): TemplateResult =>
  svg`<rect class=${kind} x="${from}%" y="0" width="${width}%" height="100%"></rect>`;

export const barStyles = css`
  .bar {
    height: 6px;
    border-radius: 3px;
    overflow: hidden;
    background: var(--tt-badge-bg);
    outline: 1px solid var(--tt-contrast);
  }
  .lengths {
    display: block;
  }
  .lengths rect {
    transition:
      width 0.25s ease,
      x 0.25s ease;
  }
  .lengths .completed {
    fill: var(--tt-done);
  }
  .lengths .failed {
    fill: var(--tt-failed);
  }
  .lengths .stalled {
    fill: var(--tt-stalled);
  }
  .lengths .running {
    fill: var(--tt-running);
    opacity: 0.6;
  }
`;
