import { html, nothing, type TemplateResult } from 'lit';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import type { HistoryFilter, HistorySummary, Status, Summary } from '../history.js';
import { STATUS, search } from './icons.js';

const MINUTE = 60_000;

/** The states to filter by, as people think of them. */
const STATES: { label: string; status: Status[]; icon: Status; items: (summary: Summary) => number }[] = [
  {
    label: 'Running',
    status: ['started', 'progress'],
    icon: 'started',
    items: (summary) => summary.inProgress - summary.stalled,
  },
  { label: 'Stalled', status: ['stalled'], icon: 'stalled', items: (summary) => summary.stalled },
  { label: 'Failed', status: ['failed'], icon: 'failed', items: (summary) => summary.failed },
  { label: 'Done', status: ['completed'], icon: 'completed', items: (summary) => summary.completed },
];

const TIMES: [string, number][] = [
  ['Last 15 minutes', 15 * MINUTE],
  ['Last hour', 60 * MINUTE],
  ['Last 24 hours', 24 * 60 * MINUTE],
  ['Last 7 days', 7 * 24 * 60 * MINUTE],
];
const RANGE = 'range';

/** What lets everything through. */
export const EVERYTHING: HistoryFilter = {
  workspace: null,
  project: null,
  phase: null,
  status: [],
  since: null,
  until: null,
  withinMs: null,
  text: null,
  agent: null,
};

/** What the bar of filters shows and does. */
export interface FilterBar {
  filter: HistoryFilter;
  summary: HistorySummary;
  /** What a workspace is called. */
  nameOf(workspaceId: string): string;
  /** The fields for a time range are shown. */
  range: boolean;
  /** Whether all workspaces are shown; null where there is no choice. */
  allWorkspaces: boolean | null;
  choose(filter: HistoryFilter): void;
  showRange(shown: boolean): void;
  typed(text: string): void;
  clear(): void;
  showAllWorkspaces(all: boolean): void;
}

/** The states, with how many items are in each. */
export function states({ filter, summary, choose }: FilterBar): TemplateResult {
  const chosen = filter.status ?? [];
  const toggle = (status: Status[], on: boolean): void =>
    choose({ status: on ? chosen.filter((one) => !status.includes(one)) : [...new Set([...chosen, ...status])] });
  return html`
    <div class="states" role="group" aria-label="Filter by state">
      ${STATES.map(({ label, status, icon, items }) => {
        const number = items(summary);
        const on = status.every((one) => chosen.includes(one));
        return html`<button
          type="button"
          class=${number || on ? '' : 'none'}
          data-filter=${label.toLowerCase()}
          aria-pressed=${on}
          title=${on ? `Showing ${label.toLowerCase()} items; press to stop` : `Show ${label.toLowerCase()} items only`}
          @click=${() => toggle(status, on)}
        >
          ${STATUS[icon].icon()} ${label} <b class="num">${number}</b>
        </button>`;
      })}
    </div>
  `;
}

/** Everything else that narrows, or widens, what is shown. */
export function filters(bar: FilterBar): TemplateResult {
  const { filter, summary, choose } = bar;
  return html`
    <div class="filters" role="search">
      <vscode-textfield
        placeholder="Search titles, agents, errors, files"
        label="Search titles, agents, errors, files"
        .value=${filter.text ?? ''}
        @input=${(event: Event) => bar.typed((event.target as HTMLInputElement).value)}
      >
        <span slot="content-before">${search}</span>
      </vscode-textfield>
      ${
        summary.workspaces.length > 1 || filter.workspace
          ? select(
              'workspace',
              'Any workspace',
              summary.workspaces.map((id) => [bar.nameOf(id), id]),
              filter.workspace,
              (value) => choose({ workspace: value || null, project: null, phase: null }),
            )
          : nothing
      }
      ${select(
        'project',
        'All projects',
        summary.projects.map((project) => [`Project ${project}`, project]),
        filter.project,
        (value) => choose({ project: number(value), phase: null }),
      )}
      ${select('phase', 'All phases', phases(bar), filter.phase, (value) => choose({ phase: number(value) }))}
      ${select(
        'agent',
        'All agents',
        summary.agents.map((agent) => [agent, agent]),
        filter.agent,
        (value) => choose({ agent: value || null }),
      )}
      ${time(bar)}
      ${
        bar.allWorkspaces === null
          ? nothing
          : html`<button
              type="button"
              class="toggle"
              data-filter="all-workspaces"
              aria-pressed=${bar.allWorkspaces}
              title=${bar.allWorkspaces ? 'Showing every workspace; press for this one alone' : 'Show every workspace'}
              @click=${() => bar.showAllWorkspaces(!bar.allWorkspaces)}
            >
              All workspaces
            </button>`
      }
      ${
        summary.filtered
          ? html`<vscode-button secondary @click=${bar.clear}>Clear filters</vscode-button>
              <span class="shown num" role="status">${summary.shown} of ${summary.rows} shown</span>`
          : nothing
      }
    </div>
  `;
}

function phases({ filter, summary }: FilterBar): [string, number][] {
  const named = new Map<number, Set<string>>();
  for (const { project, phase, name } of summary.phases) {
    if (filter.project !== null && filter.project !== undefined && filter.project !== project) continue;
    named.set(phase, (named.get(phase) ?? new Set()).add(name ?? ''));
  }
  return [...named]
    .sort(([a], [b]) => a - b)
    .map(([phase, names]) => {
      const [name, ...others] = [...names].filter(Boolean);
      return [name && others.length === 0 ? `Phase ${phase}: ${name}` : `Phase ${phase}`, phase];
    });
}

function time(bar: FilterBar): TemplateResult {
  const { filter, choose, showRange } = bar;
  const isRange = bar.range || filter.since != null || filter.until != null;
  const changed = (value: string): void => {
    showRange(value === RANGE);
    choose({ since: null, until: null, withinMs: value === RANGE ? null : number(value) });
  };
  const end = (label: string, shown: number | null | undefined, set: (at: number | null) => void): TemplateResult =>
    html`<label class="end">
      ${label}
      <input
        type="datetime-local"
        data-filter=${label.toLowerCase()}
        .value=${shown == null ? '' : localMinute(shown)}
        @change=${(event: Event) => set(fromLocal((event.target as HTMLInputElement).value))}
      />
    </label>`;
  return html`
    ${select('time', 'Any time', [...TIMES, ['Time range…', RANGE]], isRange ? RANGE : filter.withinMs, changed)}
    ${
      isRange
        ? html`${end('From', filter.since, (since) => choose({ since }))}
          ${end('To', filter.until == null ? null : filter.until - MINUTE, (at) =>
            // Through the end of that minute.
            choose({ until: at === null ? null : at + MINUTE }),
          )}`
        : nothing
    }
  `;
}

function localMinute(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * MINUTE);
  return local.toISOString().slice(0, 16);
}

function fromLocal(text: string): number | null {
  const at = new Date(text).getTime();
  return Number.isNaN(at) ? null : at;
}

const number = (value: string): number | null => (value === '' ? null : Number(value));

function select(
  name: string,
  all: string,
  options: [string, number | string][],
  chosen: number | string | null | undefined,
  changed: (value: string) => void,
): TemplateResult {
  // What is chosen stays to be seen when its last row has gone.
  const missing = chosen !== null && chosen !== undefined && !options.some(([, value]) => value === chosen);
  return html`<select
    data-filter=${name}
    aria-label=${all}
    @change=${(event: Event) => changed((event.target as HTMLSelectElement).value)}
  >
    <option
      value=""
      ?selected=${chosen === null || chosen === undefined}
      .selected=${chosen === null || chosen === undefined}
    >
      ${all}
    </option>
    ${options.map(([label, value]) => html`<option value=${value} .selected=${value === chosen}>${label}</option>`)}
    ${missing ? html`<option value=${chosen} .selected=${true}>${chosen}</option>` : nothing}
  </select>`;
}
