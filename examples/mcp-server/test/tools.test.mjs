// Every tool, over stdio, against the real API on SQLite.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { deriveWorkspaceId } from '@tasktrail/node';
import { KEY, records, startApi, until } from '../../../tests/e2e/api-process.mjs';
import { connectStdio, SALT } from './support/mcp.mjs';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tasktrail-mcp-')));
const CONTEXT = {
  WORKSPACE_ID: 'ws_tools',
  WORKTREE_PATH: '/work/tools',
  RUN_ID: 'run_tools',
  ORIGIN_WORKSPACE_ID: 'ws_origin',
  SESSION_ID: 'session_tools',
  AGENT_ID: 'agent_tools',
};
let api;
before(async () => (api = await startApi(folder)));
after(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A server for one test, and the end of it. */
async function withServer(options, work) {
  const server = await connectStdio({ folder, url: api.url, ...options });
  try {
    await work(server);
  } finally {
    await server.close();
  }
  assert.deepEqual(server.faults, [], 'nothing but MCP is on stdout');
  assert(!server.stderr().includes(KEY), 'the key is not in the log');
}

/** The record with this id, once it has arrived. */
const recordOf = (auditId) =>
  until(`record ${auditId}`, async () => {
    const response = await fetch(`${api.url}/api/audit-history/${auditId}`);
    return response.ok && response.json();
  });

const item = { projectNumber: 7, phaseNumber: 1, workItemId: '1.2', workItemTitle: 'Write it' };
const EVENTS = {
  phase_started: { projectNumber: 7, phaseNumber: 1, phaseName: 'Build', totalItems: 1 },
  task_started: item,
  task_progress: { ...item, message: 'Half of it', percent: 50 },
  task_failed: { ...item, error: { code: 'E_TESTS', message: 'two tests fail' } },
  task_completed: { ...item, result: 'done', filesChanged: ['a.ts'] },
  phase_completed: { projectNumber: 7, phaseNumber: 1, phaseName: 'Build', completedItems: 1, totalItems: 1 },
  orchestration_progress: {
    projectNumber: 7,
    totalPhases: 1,
    completedPhases: 1,
    totalItems: 1,
    completedItems: 1,
    inProgressItems: 0,
    failedItems: 0,
  },
  project_completed: { projectNumber: 7, completedItems: 1, totalItems: 1, durationMs: 5 },
};

describe('tools over stdio', () => {
  it('are listed with schemas and hints', () =>
    withServer({}, async ({ client }) => {
      const { tools } = await client.listTools();
      const names = tools.map(({ name }) => name).sort();
      const operations = [
        'create_task',
        'get_task',
        'update_task',
        'start_task',
        'complete_task',
        'fail_task',
        'delete_task',
      ];
      const sessions = ['create_session', 'update_session', 'heartbeat_session'];
      const reads = ['list_task_history', 'get_audit_record'];
      assert.deepEqual(
        names,
        [...Object.keys(EVENTS), 'post_project_event', ...operations, ...sessions, ...reads].sort(),
      );
      for (const { name, description, inputSchema, outputSchema, annotations } of tools) {
        assert(description.length > 40 && annotations.title, name);
        assert(inputSchema.properties.workspaceId || inputSchema.properties.data.properties.workspaceId, name);
        assert.equal(outputSchema.type, 'object', name);
        const isRead = ['get_task', ...reads].includes(name);
        assert.equal(annotations.readOnlyHint, isRead, name);
        assert.equal(annotations.destructiveHint ?? false, name === 'delete_task', name);
      }
      // A model reads all of it, each time.
      assert(JSON.stringify(tools).length < 48_000);
      const started = tools.find(({ name }) => name === 'task_started').inputSchema;
      assert.deepEqual(started.required, ['projectNumber', 'phaseNumber', 'workItemId', 'workItemTitle']);
      assert.match(client.getInstructions(), /task_started/);
    }));

  it('emit each type of event, with the context of the environment', () =>
    withServer({ env: CONTEXT }, async ({ call }) => {
      for (const [name, args] of Object.entries(EVENTS)) {
        const { ok, text } = await call(name, args);
        assert(ok, text);
        const type = name.replace('_', '.');
        assert.deepEqual([ok.accepted, ok.type, ok.durable, ok.api], [true, type, true, 'reached'], text);
        const record = await recordOf(ok.auditId);
        assert.equal(record.operation_type, type);
        assert.equal(record.project_number, 7);
        assert.equal(record.outcome, name === 'task_failed' ? 'failure' : 'success');
        const { workspace_id, worktree_path, run_id, origin_workspace_id, session_id, agent_id } = record;
        assert.deepEqual(
          [workspace_id, worktree_path, run_id, origin_workspace_id, session_id, agent_id],
          Object.values(CONTEXT),
        );
        assert.equal(record.actor_type, 'api_key');
        assert.match(record.user_agent, /^tasktrail-mcp\/\S+ \(tests\/1\.2\.3\)$/);
        assert.match(record.trace_id, /^[0-9a-f]{32}$/);
        // A history moves items by the orchestrator's own word only.
        assert.equal(record.channel, 'agent');
      }
      const posted = await call('post_project_event', { type: 'issue.updated', data: { projectNumber: 7, issue: 3 } });
      assert.equal((await recordOf(posted.ok.auditId)).metadata.issue, 3);
    }));

  it('do what the API can do with tasks and sessions, in the context of the call', () =>
    withServer({ env: { ...CONTEXT, WORKSPACE_ID: 'ws_operations' } }, async ({ call }) => {
      const ok = async (name, args) => {
        const answer = await call(name, args);
        assert(answer.ok, answer.text);
        return answer.ok;
      };
      const { task } = await ok('create_task', { title: 'Write it', projectNumber: 7 });
      const taskId = task.id;
      assert.equal(task.status, 'pending');
      assert.equal((await ok('update_task', { taskId, title: 'Write it well' })).task.title, 'Write it well');
      assert.equal((await ok('start_task', { taskId })).task.status, 'in_progress');
      assert.equal((await ok('fail_task', { taskId, error: 'no' })).task.error, 'no');
      assert.equal((await ok('start_task', { taskId })).task.status, 'in_progress');
      assert.equal((await ok('complete_task', { taskId, result: 'yes' })).task.result, 'yes');
      assert.equal((await ok('get_task', { taskId })).task.status, 'completed');
      assert.deepEqual(await ok('delete_task', { taskId }), { deleted: true, taskId });
      const { session } = await ok('create_session', { projectNumber: 7, agentId: 'agent_other' });
      assert.equal(session.agentId, 'agent_other');
      const sessionId = session.id;
      assert.equal((await ok('heartbeat_session', { sessionId })).session.id, sessionId);
      assert.equal((await ok('update_session', { sessionId, status: 'ended' })).session.status, 'ended');

      const found = await until('the records of 10 calls', async () => {
        const all = await records(api.url, { workspaceId: 'ws_operations' });
        return all.length >= 10 && all;
      });
      const operations = ['created', 'updated', 'started', 'failed', 'started', 'completed', 'deleted'];
      assert.deepEqual(
        found.map(({ operation_type }) => operation_type),
        [...operations.map((done) => `task.${done}`), 'session.created', 'session.heartbeat', 'session.updated'],
      );
      assert(found.every((record) => record.run_id === 'run_tools' && record.worktree_path === '/work/tools'));
      assert(found.every(({ origin_workspace_id }) => origin_workspace_id === 'ws_origin'));
      assert.equal(found[0].session_id, 'session_tools');
      assert.deepEqual([found[7].agent_id, found[8].session_id], ['agent_other', sessionId]);
      // What the API records itself is not recorded again.
      assert(found.every(({ channel }) => channel === 'http'));
    }));

  it('read the history and one record of it', () =>
    withServer({ env: { WORKSPACE_ID: 'ws_reads' } }, async ({ call }) => {
      const emitted = await call('task_started', item);
      await recordOf(emitted.ok.auditId);
      await call('task_completed', { ...item, workspaceId: 'ws_reads_elsewhere' });
      const page = (await call('list_task_history')).ok;
      assert.equal(page.items.length, 1);
      assert.equal(page.items[0].workItemTitle, 'Write it');
      assert.equal(page.items[0].workspace_id, undefined);
      const full = (await call('list_task_history', { detail: 'full', operationType: 'task.*', limit: 1 })).ok;
      assert.equal(full.items[0].workspace_id, 'ws_reads');
      const all = (await call('list_task_history', { allWorkspaces: true, limit: 200 })).ok;
      assert(all.items.length > 10);
      const next = (await call('list_task_history', { allWorkspaces: true, limit: 2 })).ok;
      const second = (await call('list_task_history', { allWorkspaces: true, limit: 2, cursor: next.nextCursor })).ok;
      assert.notEqual(second.items[0].audit_id, next.items[0].audit_id);
      const { record } = (await call('get_audit_record', { auditId: emitted.ok.auditId })).ok;
      assert.equal(record.workspace_id, 'ws_reads');
      const none = await call('get_audit_record', { auditId: '00000000-0000-7000-8000-000000000000' });
      assert.equal(none.error.code, 'TT_RECORD_NOT_FOUND');
      const bad = await call('list_task_history', { cursor: 'nonsense' });
      assert.equal(bad.error.code, 'TT_QUERY_INVALID');
    }));
});

describe('the context of a call', () => {
  it('comes from arguments, then _meta, then flags, then the environment, then the folder', async () => {
    const clone = join(folder, 'clone');
    execFileSync('git', ['init', '-q', clone]);
    writeFileSync(join(clone, 'a'), '');
    const git = (...args) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { cwd: clone });
    git('add', '.');
    git('commit', '-qm', 'a');
    git('worktree', 'add', '-q', join(folder, 'tree'), '-b', 'tree');
    const cwd = join(folder, 'tree', 'deep');
    mkdirSync(cwd);
    const env = { RUN_ID: 'run_env', AGENT_ID: 'agent_env', SESSION_ID: 'session_env' };
    const args = ['--run', 'run_flag', '--agent', 'agent_flag'];
    await withServer({ cwd, env, args }, async ({ call }) => {
      const meta = { baggage: 'other=1,tasktrail.agent_id=agent%20meta,tasktrail.run_id=run_meta;p=1' };
      const { ok } = await call('task_started', { ...item, runId: 'run_argument' }, meta);
      const record = await recordOf(ok.auditId);
      assert.equal(record.run_id, 'run_argument');
      assert.equal(record.agent_id, 'agent meta');
      assert.equal(record.session_id, 'session_env');
      assert.equal(record.worktree_path, join(folder, 'tree'));
      assert.equal(record.workspace_id, deriveWorkspaceId(join(clone, '.git'), SALT), 'as its clone');
      const flags = await recordOf((await call('task_started', item)).ok.auditId);
      assert.deepEqual([flags.run_id, flags.agent_id], ['run_flag', 'agent_flag']);
      const { task } = (await call('create_task', { title: 'x' }, meta)).ok;
      const [created] = await until('the call', async () => {
        const found = await records(api.url, { operationType: 'task.created', runId: 'run_meta' });
        return found.length > 0 && found;
      });
      assert.deepEqual([created.target_id ?? task.id, created.agent_id], [task.id, 'agent meta']);
    });
  });

  it('joins the trace of _meta, with a span of its own', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const parent = `00-${traceId}-00f067aa0ba902b7-01`;
    await withServer({ env: { WORKSPACE_ID: 'ws_trace' } }, async ({ call }) => {
      const { ok } = await call('task_started', item, { traceparent: parent });
      assert.equal((await recordOf(ok.auditId)).trace_id, traceId);
      await call('create_task', { title: 'traced' }, { traceparent: parent });
      const [created] = await until('the call', async () => {
        const found = await records(api.url, { workspaceId: 'ws_trace', operationType: 'task.created' });
        return found.length > 0 && found;
      });
      assert.equal(created.trace_id, traceId);
      const other = await recordOf((await call('task_started', item, { traceparent: 'nonsense' })).ok.auditId);
      assert.match(other.trace_id, /^[0-9a-f]{32}$/);
      assert.notEqual(other.trace_id, traceId);
    });
  });
});

describe('a request to the API', () => {
  it('carries the whole context, the trace and the id of the call', async () => {
    const heard = [];
    const listener = createServer(({ headers, method, url }, response) => {
      heard.push({ headers, method, url });
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: 't', title: 'x', status: 'pending', items: [], total: 0, nextCursor: null }));
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = `http://127.0.0.1:${listener.address().port}`;
    const server = await connectStdio({ folder, url: address, env: { ...CONTEXT, WORKTREE_PATH: '/work/für' } });
    const meta = {
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00',
      tracestate: 'vendor=1',
      baggage: 'key=value',
    };
    const calls = [
      ['create_task', { title: 'x' }, 'POST', '/api/tasks'],
      ['get_task', { taskId: 'a/b' }, 'GET', '/api/tasks/a%2Fb'],
      ['list_task_history', {}, 'GET', '/api/audit-history?limit=20&workspaceId=ws_tools'],
    ];
    for (const [name, args, method, url] of calls) {
      const answer = await server.client.callTool({ name, arguments: args, _meta: meta });
      assert(!answer.isError, answer.content[0].text);
      const found = heard.find((one) => one.method === method && one.url === url);
      assert(found, `${name}: ${heard.map((one) => one.url).join(', ')}`);
      const { headers } = found;
      assert.match(headers.traceparent, /^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-00$/);
      assert.deepEqual([headers.tracestate, headers.baggage], ['vendor=1', 'key=value']);
      assert.equal(headers['x-request-id'], answer._meta['tasktrail/requestId']);
      const names = ['workspace-id', 'worktree-path', 'run-id', 'origin-workspace-id', 'session-id', 'agent-id'];
      assert.deepEqual(
        names.map((name) => headers[`x-${name}`]),
        ['ws_tools', undefined, 'run_tools', 'ws_origin', 'session_tools', 'agent_tools'],
        'a path that no header can hold stays out',
      );
      assert.equal(headers['x-api-key'], KEY);
      assert.match(headers['user-agent'], /^tasktrail-mcp/);
    }
    await server.close();
    listener.closeAllConnections();
    listener.close();
  });
});

describe('a call that fails', () => {
  it('names every fault of an event, is refused before it leaves, and can be corrected', async () => {
    await withServer({ env: { ...CONTEXT, WORKSPACE_ID: 'ws_refused' } }, async ({ call }) => {
      const wrong = {
        projectNumber: -1,
        workItemId: '1.2',
        workItemTitle: ' ',
        filesChanged: ['a', 3],
        password: 'hunter2',
      };
      const { error, text } = await call('task_completed', wrong);
      assert.equal(error.code, 'TT_EVENT_INVALID');
      assert.deepEqual(error.details.map(({ path }) => path).sort(), [
        'filesChanged[1]',
        'phaseNumber',
        'projectNumber',
        'workItemTitle',
      ]);
      for (const { path, message } of error.details) assert(text.includes(`- ${path}: ${message}`), text);
      assert.match(text, /Correct these/);
      const untyped = await call('post_project_event', { type: 'task.begun', data: { projectNumber: 'x' }, extra: 1 });
      assert.deepEqual(untyped.error.details.map(({ path }) => path).sort(), ['data.projectNumber', 'extra', 'type']);
      const [refused] = await until('the record of the failure', async () => {
        const found = await records(api.url, { workspaceId: 'ws_refused' });
        return found.length >= 2 && found;
      });
      assert.deepEqual([refused.channel, refused.outcome, refused.operation_type], ['mcp', 'failure', 'event.posted']);
      assert.deepEqual([refused.target_type, refused.target_id], ['tool', 'task_completed']);
      assert.deepEqual(
        [refused.error.code, refused.run_id, refused.agent_id],
        ['TT_EVENT_INVALID', 'run_tools', 'agent_tools'],
      );
      assert(!JSON.stringify(refused).includes('hunter2'));
    });
  });

  it('is recorded as a failure with the channel mcp, beside what the API records', async () => {
    await withServer({ env: { ...CONTEXT, WORKSPACE_ID: 'ws_failed' } }, async ({ call }) => {
      const { task } = (await call('create_task', { title: 'x' })).ok;
      const conflict = await call('complete_task', { taskId: task.id });
      assert.equal(conflict.error.status, 409);
      assert.match(conflict.text, /is pending, not in progress/);
      const unknown = await call('get_task', { taskId: 'none' });
      assert.equal(unknown.error.status, 404);
      const traversal = await call('delete_task', { taskId: '..' });
      assert.equal(traversal.error.code, 'TT_ARGUMENTS_INVALID');
      const misspelt = await call('create_task', { titel: 'x' });
      assert.deepEqual(misspelt.error.details.map(({ path }) => path).sort(), ['titel', 'title']);
      const invalid = await call('create_task', { title: 'x'.repeat(501) });
      assert.equal(invalid.error.details[0].path, 'title');

      const found = await until('the records', async () => {
        const all = await records(api.url, { workspaceId: 'ws_failed' });
        return all.length >= 7 && all;
      });
      const failures = found.filter(({ channel }) => channel === 'mcp');
      assert.equal(found.length, 7, 'a task made, a conflict, and five failures of tools');
      assert.deepEqual(
        failures.map(({ target_id }) => target_id),
        ['complete_task', 'get_task', 'delete_task', 'create_task', 'create_task'],
      );
      assert(
        failures.every(({ outcome, operation_type }) => outcome === 'failure' && operation_type === 'tool.failed'),
      );
      const ofApi = found.find(({ response_status }) => response_status === 409);
      assert.equal(ofApi.channel, 'http');
      // One call, seen by both.
      assert.deepEqual([ofApi.request_id, ofApi.trace_id], [failures[0].request_id, failures[0].trace_id]);
    });
  });

  it('is a fault of the protocol where there is no such tool', () =>
    withServer({}, async ({ client }) => {
      await assert.rejects(client.callTool({ name: 'drop_everything', arguments: {} }), { code: -32602 });
    }));
});
