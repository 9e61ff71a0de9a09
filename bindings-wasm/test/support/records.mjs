import { randomUUID } from 'node:crypto';

/** A record as the API serves it. */
export function record(operation, more = {}) {
  const { at = Date.now(), ...fields } = more;
  const time = new Date(at).toISOString();
  return {
    audit_id: randomUUID(),
    schema_version: 1,
    timestamp: time,
    recorded_at: time,
    expires_at: null,
    writer_id: 'w1',
    seq: 1,
    operation_type: operation,
    outcome: operation.endsWith('.failed') ? 'failure' : 'success',
    error: null,
    api_endpoint: '/api/events/project',
    http_method: 'POST',
    response_status: 202,
    duration_ms: 1.2,
    workspace_id: 'ws_demo',
    origin_workspace_id: null,
    worktree_path: null,
    project_number: 42,
    phase_number: null,
    work_item_id: null,
    task_id: null,
    session_id: null,
    run_id: 'run_0193a5c7e2',
    agent_id: null,
    actor: 'key_5f2a',
    actor_type: 'api_key',
    channel: 'agent',
    request_summary: null,
    metadata: null,
    redactions: null,
    ...fields,
  };
}

/** A task event of an item. */
export function task(kind, item, title, more = {}) {
  const { metadata, ...fields } = more;
  return record(`task.${kind}`, {
    phase_number: Number(item.split('.')[0]),
    work_item_id: item,
    metadata: { workItemTitle: title, ...metadata },
    ...fields,
  });
}

/** An HTTP call that belongs to no item. */
export function call(operation, method, endpoint, status, more = {}) {
  const outcome = status < 400 ? 'success' : [401, 403, 429].includes(status) ? 'denied' : 'failure';
  return record(operation, {
    channel: 'http',
    http_method: method,
    api_endpoint: endpoint,
    response_status: status,
    outcome,
    ...more,
  });
}

/** A run as it looks in the middle: one phase done, one with a retry, one about to begin. */
export function scene(now = Date.now()) {
  const s = 1_000;
  const phase = (kind, number, at, name, total, done) =>
    record(`phase.${kind}`, {
      at,
      phase_number: number,
      metadata: { phaseName: name, totalItems: total, completedItems: done },
    });
  const a = { agent_id: 'agent-amber' };
  const b = { agent_id: 'agent-birch' };
  const c = { agent_id: 'agent-cedar' };
  const start = now - 412 * s;
  return [
    record('orchestration.progress', {
      at: start,
      metadata: {
        totalPhases: 3,
        completedPhases: 0,
        totalItems: 12,
        completedItems: 0,
        inProgressItems: 0,
        failedItems: 0,
      },
    }),
    phase('started', 1, start + 1 * s, 'Foundations', 4),
    task('started', '1.1', 'Design the audit_history schema', { at: start + 2 * s, ...a }),
    task('started', '1.2', 'Create the MongoDB collection and its indexes', { at: start + 3 * s, ...b }),
    task('started', '1.3', 'Capture every state-changing call', { at: start + 4 * s, ...c }),
    task('completed', '1.1', 'Design the audit_history schema', {
      at: start + 41 * s,
      ...a,
      metadata: {
        filesChanged: ['packages/api/src/schemas/audit-history.schema.ts'],
        result: 'Schema with 15 fields, reviewed',
      },
    }),
    task('started', '1.4', 'Sanitize request bodies', { at: start + 43 * s, ...a }),
    task('completed', '1.2', 'Create the MongoDB collection and its indexes', { at: start + 66 * s, ...b }),
    task('completed', '1.4', 'Sanitize request bodies', { at: start + 97 * s, ...a }),
    task('completed', '1.3', 'Capture every state-changing call', { at: start + 118 * s, ...c }),
    phase('completed', 1, start + 119 * s, 'Foundations', 4, 4),
    phase('started', 2, start + 120 * s, 'Live updates', 5),
    task('started', '2.1', 'Broadcast task.history to workspace rooms', { at: start + 121 * s, ...a }),
    task('started', '2.2', 'Replay missed events by cursor', { at: start + 122 * s, ...b }),
    task('failed', '2.2', 'Replay missed events by cursor', {
      at: start + 188 * s,
      ...b,
      error: {
        code: 'E_TEST',
        message:
          'expected 12 entries after the reconnect, got 11\n    at replay.spec.ts:84:31\n    at processTicksAndRejections',
      },
    }),
    task('completed', '2.1', 'Broadcast task.history to workspace rooms', {
      at: start + 201 * s,
      ...a,
      metadata: { filesChanged: ['gateway.ts', 'gateway.spec.ts'] },
    }),
    task('started', '2.2', 'Replay missed events by cursor', { at: start + 205 * s, ...c }),
    task('started', '2.3', 'Patch the webview in place', { at: start + 206 * s, ...a }),
    task('completed', '2.2', 'Replay missed events by cursor', { at: start + 301 * s, ...c }),
    task('started', '2.4', 'Filters by project, phase, status and time', { at: start + 305 * s, ...c }),
    task('failed', '2.4', 'Filters by project, phase, status and time', {
      at: start + 340 * s,
      ...c,
      error: { message: 'tsc: Property "phase" does not exist on type FilterState (task-history.ts:212)' },
    }),
    task('started', '2.5', 'Keep the view at 500 entries', { at: start + 368 * s, ...c }),
    task('progress', '2.3', 'Patch the webview in place', {
      at: now - 9 * s,
      ...a,
      metadata: { message: 'running 34 webview tests', percent: 62 },
    }),
    call('session.created', 'POST', '/api/sessions', 201, { at: start - 2 * s, ...a }),
    call('task.started', 'POST', '/api/tasks/7/start', 201, { at: start + 2 * s, ...a }),
    call('task.completed', 'POST', '/api/tasks/7/complete', 201, { at: start + 41 * s, ...a }),
    call('task.created', 'POST', '/api/tasks', 401, {
      at: start + 60 * s,
      actor: 'anonymous',
      error: { code: 'TT_DENIED', message: 'Invalid API key' },
    }),
    call('session.heartbeat', 'POST', '/api/sessions/s-17/heartbeat', 200, { at: now - 20 * s, ...b }),
  ];
}
