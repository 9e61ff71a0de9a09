// What a user's page does with the package, whichever way it came into the page; the test reads what it found.

/** A record of a work item, as the API serves it. */
export const task = (id, kind, item, metadata = {}) => ({
  audit_id: id,
  timestamp: new Date(1_800_000_000_000 + Number(id)).toISOString(),
  operation_type: `task.${kind}`,
  channel: 'agent',
  workspace_id: 'ws_page',
  project_number: 42,
  phase_number: 1,
  work_item_id: item,
  metadata: { workItemTitle: `Item ${item}`, ...metadata },
});

const codeOf = (work) => {
  try {
    work();
    return null;
  } catch (fault) {
    return fault.code;
  }
};

/** Uses an entry of the package from before its start on. */
export async function check({ init, TaskHistory, VERSION, validateEvent }, source) {
  const early = codeOf(() => new TaskHistory());
  await init(source);
  const history = new TaskHistory({ workspaceId: 'ws_page' });
  history.apply([task('2', 'completed', '1.1'), task('1', 'started', '1.1')]);
  const [item] = history.view().rows.filter(({ kind }) => kind === 'item');
  return {
    version: VERSION,
    early,
    item: [item.status, item.title, item.durationMs],
    event: codeOf(() => validateEvent({ type: 'nothing' })),
  };
}

/** Goes on after its WebAssembly instance trapped; `huge` is more than the module has memory for. */
export async function checkTrap({ init, TaskHistory }, source, huge) {
  await init(source);
  const history = new TaskHistory({ workspaceId: 'ws_page' });
  const shown = new Map();
  const apply = (records) => {
    const changes = history.apply(records);
    for (const patch of changes.patches) {
      if (patch.op === 'remove') shown.delete(patch.key);
      else if (patch.row) shown.set(patch.row.key, patch.row);
    }
    return changes;
  };
  apply([task('1', 'started', '1.1')]);
  const poison = task('2', 'progress', '1.1', { message: 'x'.repeat(huge) });
  const { trapped, accepted, rejected } = apply([poison, task('3', 'started', '1.2')]);
  apply([task('4', 'completed', '1.1')]);
  const { rows } = history.view();
  return {
    trapped: trapped?.code,
    accepted,
    rejected,
    items: rows.filter(({ kind }) => kind === 'item').map(({ itemId, status }) => [itemId, status]),
    inStep:
      rows.length === shown.size && rows.every((row) => JSON.stringify(row) === JSON.stringify(shown.get(row.key))),
  };
}

/** Lets the test read what a check found, or why it did not get that far. */
export function tell(found) {
  found.then(
    (outcome) => (globalThis.outcome = outcome),
    (fault) => (globalThis.outcome = { fault: String(fault?.stack ?? fault) }),
  );
}
