import type { Row } from '../history.js';
import { CallElement, OtherElement } from './calls.js';
import { PhaseElement, ProjectElement, RunElement } from './groups.js';
import { ItemElement } from './item.js';
import type { HistoryRow } from './row.js';

export { HistoryRow } from './row.js';

const ELEMENTS: Record<Row['kind'], [string, CustomElementConstructor]> = {
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
export function elementFor(row: Row, now: number): HistoryRow {
  const element = document.createElement(ELEMENTS[row.kind][0]) as HistoryRow;
  element.now = now;
  element.row = row;
  return element;
}
