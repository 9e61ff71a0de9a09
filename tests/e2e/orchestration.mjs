// Orchestrations with real agents while an agent is killed and the API is away: emitted = stored = shown, in as many rounds as asked for.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { discoverWorkspace, Trail } from '@tasktrail/node';
import { init, TaskHistory } from '@tasktrail/wasm';
import { TasktrailClient } from '@tasktrail/wasm/client';
import { inventProject } from '../../examples/orchestrator/runner/project.mjs';
import { randomFrom } from '../../examples/orchestrator/runner/random.mjs';
import { git } from '../../examples/orchestrator/runner/repository.mjs';
import { runProject } from '../../examples/orchestrator/runner/run.mjs';
import { KEY, records, startApi, until } from './api-process.mjs';
import { delays, watchPage } from './painted-rows.mjs';
import { check, finish, guarded } from './report.mjs';

const text = { type: 'string' };
const { values } = parseArgs({
  options: {
    folder: text,
    store: text,
    rounds: { ...text, default: '1' },
    seed: { ...text, default: '1' },
    phases: { ...text, default: '4' },
    items: { ...text, default: '50' },
    agents: { ...text, default: '8' },
    failures: { ...text, default: '0.1' },
    kills: { ...text, default: '1' },
    outage: { ...text, default: '30' },
    least: { ...text, default: '3.6' },
    most: { ...text, default: '8' },
    json: text,
    chromium: text,
    keep: { type: 'boolean' },
  },
});
const number = (name) => Number(values[name]);
const SALT = 'a-salt-of-the-orchestration';
process.env.TASKTRAIL_SALT = SALT;
/** The store, in which each round has a database of its own; the password stays in the environment. */
const mongo = process.env.TASKTRAIL_TEST_MONGODB;
const onMongo = values.store === 'mongodb';
if (onMongo && !mongo) throw new Error('TASKTRAIL_TEST_MONGODB names the server');

const lines = (file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** All that all agents wrote down. */
const journal = (folder) => readdirSync(folder).flatMap((name) => lines(join(folder, name)));

const sample = (list) =>
  list
    .slice(0, 3)
    .map((one) => JSON.stringify(one))
    .join(', ');
const count = (list, keyOf) =>
  list.reduce((counts, one) => counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1), new Map());

/** From the report to the history, milliseconds. */
function figures(delays) {
  const sorted = delays.sort((a, b) => a - b);
  const quantile = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { samples: sorted.length, p50: quantile(0.5), p99: quantile(0.99), most: sorted.at(-1) };
}

/** Follows the workspace live, as a page does, and notes when each record became part of its history. */
function follow(url, workspaceId) {
  const client = new TasktrailClient({ baseUrl: url });
  const history = new TaskHistory({ workspaceId, capacity: 10_000 });
  const seen = new Map();
  const connection = client.source(workspaceId, { capacity: 10_000 }).connect({
    records(batch) {
      history.apply(batch);
      const at = Date.now();
      for (const { audit_id } of batch) if (!seen.has(audit_id)) seen.set(audit_id, at);
    },
    ready() {},
    connection() {},
  });
  return {
    history,
    seen,
    close() {
      connection.close();
      client.close();
    },
  };
}

async function round(seed, folder) {
  const label = `${onMongo ? 'MongoDB' : 'SQLite'}, seed ${seed}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const store = onMongo
    ? `${mongo.replace(/\/$/, '')}/tt_run_${process.pid}_${seed}_${Date.now().toString(36)}`
    : 'sqlite:./audit.db';
  const project = inventProject({
    seed,
    phases: number('phases'),
    items: number('items'),
    failures: number('failures'),
    kills: number('kills'),
    seconds: [number('least'), number('most')],
  });
  const random = randomFrom(seed ^ 0x5eed);
  const env = { XDG_STATE_HOME: join(folder, 'state'), TASKTRAIL_SALT: SALT };
  let api = await startApi(folder, { store });
  const { url, port } = api;
  let watch, page;
  try {
    // The API goes away somewhere in the second quarter of the run.
    const from = Math.floor(number('items') * (0.2 + 0.2 * random()));
    let outage;
    const away = {};
    const progress = ({ completedItems }) => {
      if (!number('outage') || completedItems < from) return;
      outage ??= (async () => {
        away.from = Date.now();
        await api.stop('SIGKILL');
        await sleep(number('outage') * 1_000);
        api = await startApi(folder, { store, port });
        away.to = Date.now();
      })();
    };
    const { workspaceId } = await workspaceOf(folder);
    watch = follow(url, workspaceId);
    if (values.chromium) page = await watchPage(values.chromium, url, workspaceId);
    const run = await runProject({
      project,
      url,
      key: KEY,
      folder,
      agents: Array.from({ length: number('agents') }, (_, n) => `agent-${n + 1}`),
      env,
      progress,
      say: (line) => appendFileSync(join(folder, 'run.log'), `${line}\n`),
    });
    await outage;
    const notes = journal(run.journals);
    const emitted = notes.filter(({ state, coalesced }) => state === 'emitted' && !coalesced);
    const begun = new Set(notes.filter(({ state }) => state === 'emitting').map(({ eventId }) => eventId));
    for (const { eventId } of notes.filter(({ state }) => state === 'emitted')) begun.delete(eventId);
    // What the last servers had to leave on disk is brought by the next one that opens their spool.
    const spools = join(folder, 'state', 'tasktrail', 'spool');
    const next = await Promise.all(
      readdirSync(spools).map((name) => Trail.open(url, { apiKey: KEY, spool: join(spools, name), service: 'next' })),
    );
    let all = [];
    await until('all that was emitted', async () => {
      all = await records(url, { runId: run.runId });
      const found = new Set(all.map(({ audit_id }) => audit_id));
      return emitted.every(({ auditId }) => found.has(auditId)) && next.every((trail) => isEmpty(trail.stats()));
    }).catch((fault) => check(`${label}: ${fault.message}`, false));
    await Promise.all(next.map((trail) => trail.close(5_000)));

    const held = await examine(label, { run, away, project, all, emitted, notes, begun, watch, url });
    // Reports of the outage take as long as that; those around it wait for connections to come back.
    const isCalm = (at) => !(at > away.from - 2_000 && at < (away.to ?? 0) + 15_000);
    const sent = new Map(notes.filter(({ state }) => state === 'emitting').map(({ eventId, at }) => [eventId, at]));
    const live = emitted
      .map(({ auditId, eventId }) => ({ at: sent.get(eventId), heard: watch.seen.get(auditId) }))
      .filter(({ at, heard }) => isCalm(at) && heard !== undefined)
      .map(({ at, heard }) => heard - at);
    const rows = page && delays(await page.painted(), notes, ({ at }) => isCalm(at));
    return {
      store: onMongo ? 'mongodb' : 'sqlite',
      seed,
      items: number('items'),
      agents: run.agents.length,
      killed: run.killed.length,
      outageSeconds: away.to ? (away.to - away.from) / 1_000 : 0,
      runSeconds: run.durationMs / 1_000,
      ...held,
      live: figures(live),
      ...(rows && { painted: figures(rows) }),
    };
  } finally {
    watch?.close();
    await page?.close();
    await api.stop();
  }
}

/** The workspace is known before there is a run: by the path that the repository will have. */
async function workspaceOf(folder) {
  const root = join(folder, 'repository');
  mkdirSync(root, { recursive: true });
  await git(root, 'init', '-q', '-b', 'main');
  return discoverWorkspace(root);
}

const isEmpty = ({ queued, inFlight, spooled }) => queued + inFlight + spooled === 0;

async function examine(label, { run, away, project, all, emitted, notes, begun, watch, url }) {
  const items = project.phases.flatMap((phase, at) => phase.items.map((item) => ({ ...item, phase: at + 1 })));
  const events = all.filter(({ channel }) => channel === 'agent');
  const ids = count(all, ({ audit_id }) => audit_id);
  const byId = new Map(all.map((record) => [record.audit_id, record]));

  const lost = emitted.filter(({ auditId }) => !byId.has(auditId));
  check(
    `${label}: each of ${emitted.length} events is stored`,
    emitted.length > 0 && lost.length === 0,
    `${lost.length} lost: ${sample(lost)}`,
  );
  const twice = [...ids].filter(([, times]) => times > 1);
  // The killed agent may have begun one that it had no answer for. Progress that was kept back is stored, or newer progress was.
  const known = new Set(notes.map(({ auditId }) => auditId).filter(Boolean));
  const overtaken = notes.filter(({ coalesced, auditId }) => coalesced && !byId.has(auditId));
  const strangers = events.filter(({ audit_id }) => !known.has(audit_id));
  check(
    `${label}: none twice, and none that nobody emitted`,
    twice.length === 0 && strangers.length <= begun.size && begun.size <= run.killed.length,
    `${twice.length} twice, ${strangers.length} strangers (${sample(strangers.map((r) => r.operation_type))}), ${begun.size} begun`,
  );
  const refused = notes.filter(({ state }) => state === 'refused');
  check(`${label}: none was refused`, refused.length === 0, sample(refused));
  const altered = emitted.filter(({ auditId, tool, item }) => {
    const record = byId.get(auditId);
    return record && (record.operation_type !== tool.replace('_', '.') || (record.work_item_id ?? undefined) !== item);
  });
  check(`${label}: each is what was emitted`, altered.length === 0, sample(altered));

  const trees = new Map(run.agents.map(({ name, worktree }) => [name, worktree]));
  trees.set('orchestrator', run.repository.project);
  const misplaced = all.filter(
    (record) =>
      record.workspace_id !== run.originWorkspaceId ||
      record.origin_workspace_id !== run.originWorkspaceId ||
      record.trace_id !== run.traceId ||
      trees.get(record.agent_id) !== record.worktree_path,
  );
  check(
    `${label}: workspace, worktree, agent and trace are on all ${all.length} records of the run`,
    misplaced.length === 0,
    `${misplaced.length}: ${sample(misplaced.map(({ operation_type, agent_id, worktree_path }) => ({ operation_type, agent_id, worktree_path })))}`,
  );

  // Shown: what the page shows, from a reading of the API now, and from what came live through it all.
  const told = async (records) => {
    const history = new TaskHistory({ workspaceId: run.originWorkspaceId, capacity: 10_000 });
    history.apply(records);
    return history;
  };
  const workspace = await records(url, { workspaceId: run.originWorkspaceId });
  const read = await told(workspace);
  const finals = itemsOf(read);
  const wrong = items.filter(({ id, phase, fails, killed }) => {
    const row = finals.get(id);
    const attempts = fails || killed ? 2 : 1;
    return (
      !row ||
      row.status !== 'completed' ||
      row.attempts !== attempts ||
      row.phase !== phase ||
      row.workspaceId !== run.originWorkspaceId
    );
  });
  check(
    `${label}: the history shows all ${items.length} items completed, after as many attempts as there were`,
    wrong.length === 0 && finals.size === items.length,
    `${finals.size} items, ${wrong.length} wrong: ${sample(wrong.map(({ id }) => [id, finals.get(id)?.status, finals.get(id)?.attempts]))}`,
  );
  const summary = read.view().summary;
  check(
    `${label}: and the run, its ${project.phases.length} phases and its project as done`,
    summary.completed === items.length &&
      summary.inProgress === 0 &&
      summary.failed === 0 &&
      read.view().rows.filter(({ kind, status }) => kind === 'phase' && status === 'completed').length ===
        project.phases.length &&
      read.view().rows.some(({ kind, status }) => kind === 'project' && status === 'completed'),
    JSON.stringify(summary),
  );
  const states = (history) =>
    JSON.stringify([...itemsOf(history)].map(([id, row]) => [id, row.status, row.attempts, row.agentId]).sort());
  await until('the live history', () => states(watch.history) === states(read)).catch(() => {});
  check(`${label}: whoever watched live sees the same`, states(watch.history) === states(read));

  for (const { agent, item, at } of run.killed) {
    const before = workspace.filter(({ timestamp, work_item_id, operation_type, agent_id }) => {
      const isVerdict = work_item_id === item && operation_type === 'task.failed' && agent_id === agent;
      return Date.parse(timestamp) <= at && !isVerdict;
    });
    const history = new TaskHistory({ workspaceId: run.originWorkspaceId, capacity: 10_000, stalledAfterMs: 60_000 });
    history.apply(before, at);
    history.tick?.(at + 120_000);
    const silent = itemsOf(history).get(item)?.status;
    const failures = finals.get(item)?.failures ?? [];
    check(
      `${label}: the item of the killed ${agent} is stalled, then failed, then done by another`,
      silent === 'stalled' &&
        failures.some(({ agentId, error }) => agentId === agent && error.code === 'AGENT_LOST') &&
        finals.get(item).agentId !== agent,
      `${silent}, ${JSON.stringify(failures)}`,
    );
  }

  // Lineage: the one query by run has it all.
  const calls = all.filter(({ channel }) => channel === 'http');
  const started = events.filter(({ operation_type, task_id }) => operation_type === 'task.started' && task_id);
  const isSame = (call, { task_id, agent_id }) => call.task_id === task_id && call.agent_id === agent_id;
  const starts = calls.filter(({ operation_type }) => operation_type === 'task.started');
  const unlinked = starts.filter((call) => !started.some((event) => isSame(call, event)));
  // A call is no event: the API's answer to it is not held back for its record, and a kill takes what is a moment old.
  const settled = notes.filter(
    ({ state, tool, at }) => state === 'asked' && tool === 'start_task' && !(at > away.from - 1_000 && at < away.from),
  );
  const missing = settled.filter(({ taskId }) => !starts.some(({ task_id }) => task_id === taskId));
  const unnamed = events.filter(
    (event) =>
      event.operation_type.startsWith('task.') && !(event.phase_number && event.work_item_id && event.agent_id),
  );
  check(
    `${label}: run → phase → item → agent → API call is one query (${starts.length} calls that started a task)`,
    starts.length > 0 && unlinked.length + missing.length + unnamed.length === 0,
    `${unlinked.length} calls lead to no item, ${missing.length} calls are not there, ${unnamed.length} events name no item`,
  );
  const failedTools = notes.filter(({ state }) => state === 'failed');
  const failures = all.filter(({ channel }) => channel === 'mcp');
  check(
    `${label}: each of ${failedTools.length} failed tools is recorded once, with the channel mcp`,
    failures.length >= failedTools.length &&
      failures.length <= failedTools.length + run.killed.length &&
      failures.every(({ outcome }) => outcome === 'failure'),
    `${failures.length} recorded`,
  );
  const files = (await git(run.repository.project, 'ls-files'))
    .split('\n')
    .filter((name) => name.endsWith('total.mjs'));
  check(
    `${label}: the work of all items is in the project's branch`,
    files.length === items.length,
    `${files.length} modules`,
  );
  return {
    emitted: emitted.length,
    stored: events.length,
    lost: lost.length,
    twice: twice.length,
    keptBack: notes.filter(({ coalesced }) => coalesced).length,
    overtaken: overtaken.length,
    unanswered: begun.size,
    calls: calls.length,
    failedTools: failures.length,
  };
}

function itemsOf(history) {
  return new Map(
    history
      .view()
      .rows.filter(({ kind }) => kind === 'item')
      .map((row) => [row.itemId, row]),
  );
}

await init();
const root = resolve(values.folder);
mkdirSync(root, { recursive: true });
const results = [];
for (let at = 0; at < number('rounds'); at++) {
  const seed = number('seed') + at;
  const folder = join(root, `${onMongo ? 'mongodb' : 'sqlite'}-${seed}`);
  await guarded(`${onMongo ? 'MongoDB' : 'SQLite'}, seed ${seed}: the run comes to its end`, async () => {
    const result = await round(seed, folder);
    results.push(result);
    console.log(JSON.stringify(result));
  });
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
finish();
