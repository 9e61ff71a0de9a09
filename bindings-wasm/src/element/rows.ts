import { CallElement, OtherElement } from './calls.js';
import { PhaseElement, ProjectElement, RunElement, WorkspaceElement } from './groups.js';
import { ItemElement } from './item.js';
import type { AnyRow, HistoryRow, RowActions } from './row.js';

export { HistoryRow } from './row.js';

const ELEMENTS: Record<AnyRow['kind'], [string, CustomElementConstructor]> = {
  workspace: ['tasktrail-workspace', WorkspaceElement],
  run: ['tasktrail-run', RunElement],
  project: ['tasktrail-project', ProjectElement],
  phase: ['tasktrail-phase', PhaseElement],
  item: ['tasktrail-item', ItemElement],
  other: ['tasktrail-other', OtherElement],
  call: ['tasktrail-call', CallElement],
};

for (const [tag, element] of Object.values(ELEMENTS)) {
  if (!customElements.get(tag)) customElements.define(tag, element);
}

/** A new element for a row. */
export function elementFor(row: AnyRow, now: number, actions: RowActions): HistoryRow {
  const element = document.createElement(ELEMENTS[row.kind][0]) as HistoryRow;
  element.now = now;
  element.actions = actions;
  element.row = row;
  return element;
}
