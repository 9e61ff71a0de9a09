// The Task History as one would write it in plain JavaScript: keep an array, sort it again, build every row anew. It shows what
// `TaskHistory` shows (test/plain.test.mjs holds the two to each other), so that it can be measured beside it and tell of its mistakes.

const EVENTS = {
  'task.started': ['item', 0],
  'task.progress': ['item', 2],
  'task.failed': ['item', 3],
  'task.completed': ['item', 4],
  'phase.started': ['phase', 0],
  'phase.completed': ['phase', 4],
  'orchestration.progress': ['project', 2],
  'project.completed': ['project', 4],
};
const ENDED = new Set(['completed', 'failed']);

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const byTime = (a, b) => a.at - b.at || compare(a.id, b.id);
const byTimeAndRank = (a, b) => a.at - b.at || a.rank - b.rank || compare(a.id, b.id);
const escape = (id) => String(id).replaceAll('%', '%25').replaceAll('/', '%2F');

/** What a record speaks of: an item, a phase, a project, or nothing of a run. */
function classify(record) {
  const { operation_type: type, channel, project_number: project, phase_number: phase, work_item_id: item } = record;
  if (type === 'event.posted' && [400, 413].includes(record.response_status)) return ['call', 5, 'quarantined'];
  if (type === 'audit.gap') return ['call', 5, 'gap'];
  const has = { project: project != null, phase: project != null && phase != null };
  has.item = has.phase && item != null;
  const event = (channel ?? 'agent') === 'agent' ? EVENTS[type] : undefined;
  if (event && has[event[0]]) return event;
  return has.item ? ['item', 1, 'activity'] : ['call', 5, 'call'];
}

export class PlainHistory {
  #entries = [];
  #ids = new Set();
  #options;

  constructor({ workspaceId = null, capacity = 500, stalledAfterMs = 300_000 } = {}) {
    this.#options = { workspaceId, capacity, stalledAfterMs };
  }

  /** Takes records in and answers with all rows. */
  apply(batch, now) {
    const { workspaceId, capacity } = this.#options;
    for (const record of batch) {
      const own = workspaceId === null || [record.workspace_id, record.origin_workspace_id].includes(workspaceId);
      if ((!own && record.operation_type !== 'audit.gap') || this.#ids.has(record.audit_id)) continue;
      this.#ids.add(record.audit_id);
      const [level, rank, nature] = classify(record);
      this.#entries.push({ id: record.audit_id, at: Date.parse(record.timestamp), level, rank, nature, record });
    }
    this.#entries.sort(byTime);
    for (const { id } of this.#entries.splice(0, Math.max(0, this.#entries.length - capacity))) this.#ids.delete(id);
    return this.rows(now);
  }

  /** All rows, parents before what lies under them. */
  rows(now) {
    const nodes = new Map();
    const open = (key, make, parent) => {
      if (!nodes.has(key)) {
        const node = { key, ...make(), parent, entries: [], children: [] };
        nodes.set(key, node);
        parent?.children.push(node);
      }
      return nodes.get(key);
    };
    for (const entry of this.#entries) {
      const { run_id: runId, project_number: project, phase_number: phase, work_item_id: item } = entry.record;
      const run = runId == null ? undefined : open(`r:${escape(runId)}`, () => ({ kind: 'run', runId }), undefined);
      const prefix = run ? `${run.key}/` : '';
      const place = { runId: runId ?? null, project, phase };
      let node;
      if (entry.level === 'call') {
        const other = open(`${prefix}o`, () => ({ kind: 'other', ...place }), run);
        node = open(`c:${escape(entry.id)}`, () => ({ kind: 'call' }), other);
      } else {
        node = open(`${prefix}p:${project}`, () => ({ kind: 'project', ...place }), run);
        if (entry.level !== 'project') node = open(`${node.key}/f:${phase}`, () => ({ kind: 'phase', ...place }), node);
        if (entry.level === 'item') node = open(`${node.key}/i:${escape(item)}`, () => ({ kind: 'item' }), node);
      }
      node.entries.push(entry);
      if (run && entry.record.agent_id) (run.agents ??= new Set()).add(entry.record.agent_id);
    }
    const top = [...nodes.values()].filter(({ parent }) => !parent);
    for (const node of top) this.#fold(node, now);
    const rows = [];
    const walk = (siblings, parent) => {
      for (const node of siblings.sort(bySiblings)) {
        rows.push({ key: node.key, parent, kind: node.kind, ...node.row });
        walk(node.children, node.key);
      }
    };
    walk(top, '');
    return rows;
  }

  #fold(node, now) {
    for (const child of node.children) this.#fold(child, now);
    node.entries.sort(byTimeAndRank);
    const times = node.entries.map(({ at }) => at);
    const starts = node.entries.filter(({ level, rank }) => level === 'item' && rank === 0).map(({ at }) => at);
    for (const child of node.children) {
      times.push(child.first, child.last);
      starts.push(child.lastStart);
    }
    node.first = Math.min(...times);
    node.last = Math.max(...times);
    node.lastStart = Math.max(-Infinity, ...starts);
    node.silent = now - node.last > this.#options.stalledAfterMs;
    node.row = FOLDS[node.kind](node, this.#options.workspaceId);
  }
}

/** Other activity last; phases by number, the rest by their first sign, the newest first. */
function bySiblings(a, b) {
  const rank = (node) => (node.kind === 'phase' ? node.phase : node.kind === 'other' ? 0 : node.first);
  return Number(a.kind === 'other') - Number(b.kind === 'other') || rank(b) - rank(a) || compare(b.key, a.key);
}

const home = ({ record }, workspaceId) =>
  [record.origin_workspace_id, record.workspace_id].find(
    (id) => id != null && (workspaceId === null || id === workspaceId),
  ) ?? 'unknown';

function faultOf({ record: { error } }) {
  if (!error || !(error.message || error.code)) return null;
  return error.code ? { code: error.code, message: error.message ?? '' } : { message: error.message };
}

function count(children) {
  const counts = { total: 0, completed: 0, failed: 0, inProgress: 0, stalled: 0 };
  for (const { kind, row } of children) {
    if (kind === 'item') {
      counts.total++;
      counts.completed += row.status === 'completed';
      counts.failed += row.status === 'failed';
      counts.inProgress += !ENDED.has(row.status);
      counts.stalled += row.status === 'stalled';
    } else if (kind === 'phase' || kind === 'project') {
      for (const name of Object.keys(counts)) counts[name] += row[name];
    }
  }
  return counts;
}

function announce(counts, total, completed) {
  counts.total = Math.max(counts.total, total ?? 0);
  const room = counts.total - Math.min(counts.total, counts.failed + counts.inProgress);
  counts.completed = Math.max(counts.completed, Math.min(completed ?? 0, room));
}

function groupStatus(counts, ended, announced, silent) {
  const done = counts.completed + counts.failed;
  const allDone = counts.inProgress === 0 && done >= counts.total;
  const outcome = counts.failed > 0 ? 'failed' : 'completed';
  if (counts.inProgress > 0) return counts.stalled === counts.inProgress ? 'stalled' : 'started';
  if (ended || (allDone && announced && done > 0)) return outcome;
  if (!silent) return 'started';
  return allDone && done > 0 ? outcome : 'stalled';
}

/** The last that the group's events say, and when it was declared ended. */
function declared(node) {
  const said = { ends: [] };
  for (const { record, rank, at } of node.entries) {
    const { metadata } = record;
    for (const name of ['phaseName', 'totalItems', 'completedItems', 'totalPhases', 'completedPhases']) {
      if (metadata?.[name] != null) said[name] = metadata[name];
    }
    // An end before a start of one of the items was not the end.
    if (rank === 4 && node.lastStart <= at) said.ends.push({ at, completed: metadata?.completedItems });
  }
  const ends = node.children.map(({ row }) => row.endedAt).filter((at) => at != null);
  said.lastEnd = Math.max(...said.ends.map(({ at }) => at), ...ends);
  return said;
}

const withPercent = (counts) => ({
  ...counts,
  percent: counts.total ? Math.floor((100 * counts.completed) / counts.total) : 0,
});
const endOf = (status, end) => (ENDED.has(status) && end !== -Infinity ? end : null);

const FOLDS = {
  run(node) {
    const projects = node.children.filter(({ kind }) => kind === 'project');
    const weight = ['completed', 'failed', 'stalled', 'started'];
    const statuses = projects.map(({ row }) => row.status).sort((a, b) => weight.indexOf(b) - weight.indexOf(a));
    const status = statuses[0] ?? null;
    const ends = projects.map(({ row }) => row.endedAt).filter((at) => at != null);
    return {
      runId: node.runId,
      status,
      ...withPercent(count(projects)),
      startedAt: node.first,
      endedAt: endOf(status, Math.max(...ends)),
      lastActivityAt: node.last,
      agents: [...(node.agents ?? [])].sort(compare),
    };
  },

  project(node) {
    const said = declared(node);
    const counts = count(node.children);
    announce(counts, said.totalItems, said.completedItems);
    const status = groupStatus(counts, said.ends.length > 0, said.totalItems != null, node.silent);
    const totalPhases = Math.max(said.totalPhases ?? 0, node.children.length);
    const endedPhases = node.children.filter(({ row }) => ENDED.has(row.status)).length;
    return {
      runId: node.runId,
      project: node.project,
      status,
      ...withPercent(counts),
      totalPhases,
      completedPhases: Math.max(endedPhases, Math.min(said.completedPhases ?? 0, totalPhases)),
      startedAt: node.first,
      endedAt: endOf(status, said.lastEnd),
      lastActivityAt: node.last,
    };
  },

  phase(node) {
    const said = declared(node);
    const counts = count(node.children);
    const completed = said.ends.map((end) => end.completed).filter((items) => items != null);
    announce(counts, said.totalItems, completed.length > 0 ? Math.max(...completed) : null);
    const status = groupStatus(counts, said.ends.length > 0, said.totalItems != null, node.silent);
    return {
      runId: node.runId,
      project: node.project,
      phase: node.phase,
      name: said.phaseName ?? null,
      status,
      ...withPercent(counts),
      startedAt: node.first,
      endedAt: endOf(status, said.lastEnd),
      lastActivityAt: node.last,
    };
  },

  item(node, workspaceId) {
    const [{ record: first }] = node.entries;
    const row = {
      workspaceId: null,
      runId: first.run_id ?? null,
      project: first.project_number,
      phase: first.phase_number,
      itemId: first.work_item_id,
      title: null,
      status: 'progress',
      attempts: 0,
      agentId: null,
      agents: [],
      lineage: [],
      startedAt: null,
      endedAt: null,
      durationMs: null,
      lastActivityAt: node.last,
      message: null,
      percent: null,
      error: null,
      failures: [],
      result: null,
      filesChanged: [],
      worktreePath: null,
      taskId: null,
      sessionId: null,
      auditId: null,
    };
    const end = (entry, status) => {
      const duration = row.startedAt === null ? entry.record.metadata?.durationMs : entry.at - row.startedAt;
      Object.assign(row, { status, endedAt: entry.at, durationMs: duration ?? null, message: null, percent: null });
    };
    let caller = null;
    for (const entry of node.entries) {
      const { record, at, rank, nature } = entry;
      const said = record.metadata ?? {};
      row.workspaceId = home(entry, workspaceId);
      row.auditId = record.audit_id;
      row.worktreePath = record.worktree_path ?? row.worktreePath;
      row.taskId = record.task_id ?? row.taskId;
      row.sessionId = record.session_id ?? row.sessionId;
      const agent = record.agent_id;
      if (agent) {
        if (!row.agents.includes(agent)) row.agents.push(agent);
        const attempt = Math.max(1, row.attempts + (rank === 0 ? 1 : 0));
        const spell = row.lineage.find((other) => other.agentId === agent && other.attempt === attempt);
        const parentAgentId = said.parentAgentId ?? spell?.parentAgentId ?? null;
        if (spell) Object.assign(spell, { lastAt: at, parentAgentId });
        else row.lineage.push({ agentId: agent, parentAgentId, attempt, firstAt: at, lastAt: at });
      }
      if (nature === 'activity') {
        caller = agent ?? caller;
        continue;
      }
      row.agentId = agent ?? row.agentId;
      row.title = said.workItemTitle ?? row.title;
      if (rank === 0) {
        const anew = { endedAt: null, durationMs: null, error: null, result: null, message: null, percent: null };
        Object.assign(row, { status: 'started', attempts: row.attempts + 1, startedAt: at, ...anew });
      } else if (rank === 2 && !ENDED.has(row.status)) {
        const percent = said.percent == null ? row.percent : Math.min(100, Math.max(0, said.percent));
        Object.assign(row, { status: 'progress', message: said.message ?? row.message, percent });
      } else if (rank === 3) {
        end(entry, 'failed');
        row.error = faultOf(entry) ?? { message: 'failed without saying why' };
        row.failures.push({ attempt: Math.max(1, row.attempts), at, agentId: agent ?? null, error: row.error });
      } else if (rank === 4) {
        end(entry, 'completed');
        row.error = null;
        row.result = said.result ?? row.result;
        row.filesChanged.push(...(said.filesChanged ?? []).filter((file) => !row.filesChanged.includes(file)));
      }
    }
    row.agentId ??= caller;
    row.title ??= row.itemId;
    if (!ENDED.has(row.status) && node.silent) row.status = 'stalled';
    return row;
  },

  other(node) {
    const calls = node.children.map(({ row }) => row);
    return {
      runId: node.runId,
      count: calls.length,
      failed: calls.filter(({ outcome }) => ['failure', 'denied', 'aborted'].includes(outcome)).length,
      quarantined: calls.filter(({ nature }) => nature === 'quarantined').length,
      gaps: calls.filter(({ nature }) => nature === 'gap').length,
      lastActivityAt: node.last,
    };
  },

  call(node, workspaceId) {
    const [entry] = node.entries;
    const { record, nature } = entry;
    const said = record.metadata ?? {};
    const gap = {
      writerId: said.writer_id ?? null,
      fromSeq: said.from_seq ?? null,
      toSeq: said.to_seq ?? null,
      count: said.count ?? null,
      reason: said.reason ?? null,
    };
    return {
      auditId: record.audit_id,
      nature,
      gap: nature === 'gap' ? gap : null,
      workspaceId: home(entry, workspaceId),
      runId: record.run_id ?? null,
      project: record.project_number ?? null,
      operation: record.operation_type,
      method: record.http_method ?? null,
      endpoint: record.api_endpoint ?? null,
      responseStatus: record.response_status ?? null,
      outcome: record.outcome ?? 'unknown',
      at: entry.at,
      durationMs: record.duration_ms ?? null,
      agentId: record.agent_id ?? null,
      actor: record.actor ?? null,
      error: faultOf(entry),
    };
  },
};
