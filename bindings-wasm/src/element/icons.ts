import { svg, html, type TemplateResult } from 'lit';
import type { Status } from '../history.js';

const icon = (shape: TemplateResult, name: string): TemplateResult =>
  html`<svg class="icon ${name}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${shape}</svg>`;

const ring = svg`<circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5"/>`;
const disc = svg`<circle cx="8" cy="8" r="7" fill="currentColor"/>`;
const mark = (path: string): TemplateResult =>
  svg`<path d=${path} fill="none" stroke="var(--tt-bg)" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"/>`;

/** What each state is called and how it looks: never told by colour alone. */
export const STATUS: Record<Status, { label: string; icon: () => TemplateResult }> = {
  started: { label: 'Running', icon: () => spinner },
  progress: { label: 'Running', icon: () => spinner },
  completed: { label: 'Done', icon: () => done },
  failed: { label: 'Failed', icon: () => failed },
  stalled: { label: 'Stalled', icon: () => stalled },
};

const spinner = icon(
  svg`<circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" stroke-width="1.5" opacity="0.25"/>
    <path d="M8 1.75A6.25 6.25 0 0 1 14.25 8" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round"/>`,
  'spinner',
);
const done = icon(svg`${disc}${mark('M4.9 8.3l2.1 2.1 4.1-4.6')}`, 'done');
const failed = icon(svg`${disc}${mark('M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8')}`, 'failed');
const stalled = icon(
  svg`${ring}<path d="M6.4 5.6v4.8M9.6 5.6v4.8" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round"/>`,
  'stalled',
);

export const chevron = icon(
  svg`<path d="M6 4l4 4-4 4" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/>`,
  'chevron',
);
export const agent = icon(
  svg`<rect x="3" y="5.5" width="10" height="7.5" rx="2" fill="none" stroke="currentColor" stroke-width="1.2"/>
    <path d="M8 5.5V3M6 8.8v1M10 8.8v1" fill="none" stroke="currentColor" stroke-width="1.2" stroke-linecap="round"/>
    <circle cx="8" cy="2.6" r="0.9" fill="currentColor"/>`,
  'agent',
);
export const search = icon(
  svg`<circle cx="7" cy="7" r="4.2" fill="none" stroke="currentColor" stroke-width="1.3"/>
    <path d="M10.2 10.2L13.5 13.5" stroke="currentColor" stroke-width="1.3" stroke-linecap="round"/>`,
  'search',
);
export const activity = icon(
  svg`<path d="M1.5 8h3l2-4.5 3 9 2-4.5h3" fill="none" stroke="currentColor" stroke-width="1.3" stroke-linecap="round" stroke-linejoin="round"/>`,
  'activity',
);
export const play = icon(
  svg`<path d="M5.5 3.8v8.4l6.5-4.2z" fill="none" stroke="currentColor" stroke-width="1.3" stroke-linejoin="round"/>`,
  'play',
);
export const inbox = icon(
  svg`<path d="M2 9.5h3.2l1 1.8h3.6l1-1.8H14M2 9.5L4 3.5h8l2 6v3.2a.8.8 0 0 1-.8.8H2.8a.8.8 0 0 1-.8-.8z" fill="none" stroke="currentColor" stroke-width="1" stroke-linejoin="round"/>`,
  'inbox',
);
export const warning = icon(
  svg`<path d="M8 2.2l6.3 11.3H1.7z" fill="none" stroke="currentColor" stroke-width="1.2" stroke-linejoin="round"/>
    <path d="M8 6.4v3.4M8 11.4v.6" stroke="currentColor" stroke-width="1.3" stroke-linecap="round"/>`,
  'warning',
);
export const file = icon(
  svg`<path d="M4 1.8h5l3 3v9.4H4zM9 1.8v3h3" fill="none" stroke="currentColor" stroke-width="1.1" stroke-linejoin="round"/>`,
  'file',
);
export const arrow = icon(
  svg`<path d="M8 13V3.5M4 7l4-4 4 4" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round"/>`,
  'arrow',
);
