// What becomes of events while the API is away, through kills and with servers that share a spool.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { once } from 'node:events';
import { records, startApi, until } from '../../../tests/e2e/api-process.mjs';
import { connectStdio } from './support/mcp.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tasktrail-mcp-outage-'));
let port;
before(async () => {
  // A port that is the API's once it is there.
  const api = await startApi(folder);
  ({ port } = api);
  await api.stop();
});
after(() => rmSync(folder, { recursive: true, force: true }));

const url = () => `http://127.0.0.1:${port}`;
const kill = async ({ pid, client }) => {
  const closed = new Promise((resolve) => (client.onclose = resolve));
  process.kill(pid, 'SIGKILL');
  await closed;
};
const started = (workItemId, more) => ({
  projectNumber: 9,
  phaseNumber: 1,
  workItemId,
  workItemTitle: `Item ${workItemId}`,
  ...more,
});

/** The events of a workspace, once there are so many, and how often each item is among them. */
async function arrived(workspaceId, count) {
  const found = await until(`${count} events of ${workspaceId}`, async () => {
    const all = await records(url(), { workspaceId });
    return all.filter(({ channel }) => channel === 'agent').length >= count && all;
  });
  return found.filter(({ channel }) => channel === 'agent');
}

describe('while the API is away', { concurrency: false }, () => {
  it('events are kept through a kill and sent once, however often they are emitted', async () => {
    const env = { WORKSPACE_ID: 'ws_kill', RUN_ID: 'run_kill' };
    const first = await connectStdio({ folder, url: url(), env });
    const ids = [];
    for (let n = 0; n < 20; n++) {
      const args = started(`k${n}`, { eventId: `kill-${n}` });
      const { ok, text } = await first.call('task_started', args);
      assert(ok, text);
      assert.deepEqual([ok.durable, ok.api], [true, 'away']);
      const again = await first.call('task_started', args);
      assert.equal(again.ok.auditId, ok.auditId);
      ids.push(ok.auditId);
    }
    await kill(first);
    const api = await startApi(folder, { port });
    try {
      const second = await connectStdio({ folder, url: url(), env });
      // A client that does not know whether they went out emits them once more, elsewhere.
      const again = await second.call('task_started', started('k0', { eventId: 'kill-0' }));
      assert.equal(again.ok.auditId, ids[0]);
      const last = await second.call('task_started', started('k20', { eventId: 'kill-20' }));
      const found = await arrived('ws_kill', 21);
      assert.deepEqual(found.map(({ audit_id }) => audit_id).sort(), [...ids, last.ok.auditId].sort());
      await second.close();
    } finally {
      await api.stop();
    }
  });

  it('two servers share one spool, and one of them brings what the other left', async () => {
    const spool = join(folder, 'shared-spool');
    const servers = await Promise.all(
      ['a', 'b'].map((name) =>
        connectStdio({
          folder,
          url: url(),
          env: { WORKSPACE_ID: 'ws_shared', AGENT_ID: name },
          args: ['--spool', spool],
        }),
      ),
    );
    const [a, b] = servers;
    const emitted = await Promise.all(
      servers.flatMap(({ call }, which) =>
        Array.from({ length: 25 }, async (_, n) => {
          // Every fifth event is emitted by both, under one name.
          const name = n % 5 === 0 ? `both-${n}` : `${which}-${n}`;
          const { ok, text } = await call('task_started', started(name, { eventId: name }));
          assert(ok?.durable, text);
          return ok.auditId;
        }),
      ),
    );
    const distinct = new Set(emitted);
    assert.equal(distinct.size, 45);
    await kill(a);
    const api = await startApi(folder, { port });
    try {
      // `b` looks for what dead servers left each minute; the next that starts does so at once.
      const next = await connectStdio({ folder, url: url(), args: ['--spool', spool] });
      const found = await arrived('ws_shared', 45);
      assert.deepEqual(found.map(({ audit_id }) => audit_id).sort(), [...distinct].sort());
      await Promise.all([b.close(), next.close()]);
    } finally {
      await api.stop();
    }
  });

  it('tasks, sessions and reads say so at once, and the failure is recorded when the API is back', async () => {
    const server = await connectStdio({ folder, url: url(), env: { WORKSPACE_ID: 'ws_away' } });
    for (const [name, args] of [
      ['create_task', { title: 'x' }],
      ['heartbeat_session', { sessionId: 's' }],
      ['list_task_history', {}],
    ]) {
      const { error, text } = await server.call(name, args);
      assert.equal(error?.code, 'TT_API_UNAVAILABLE', text);
      assert.equal(error.retryable, true);
      assert.match(text, /cannot be reached/);
    }
    const api = await startApi(folder, { port });
    try {
      const found = await until('the failures', async () => {
        const all = await records(url(), { workspaceId: 'ws_away' });
        return all.length >= 3 && all;
      });
      assert.deepEqual(
        found.map(({ target_id, channel, outcome }) => [target_id, channel, outcome]),
        ['create_task', 'heartbeat_session', 'list_task_history'].map((name) => [name, 'mcp', 'failure']),
      );
      const { ok, text } = await server.call('create_task', { title: 'x' });
      assert(ok, text);
      await server.close();
    } finally {
      await api.stop();
    }
  });

  it('an API that hangs is not waited for', async () => {
    const sockets = new Set();
    const silent = createServer((socket) => sockets.add(socket));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = `http://127.0.0.1:${silent.address().port}`;
    const server = await connectStdio({ folder, url: address, args: ['--api-timeout', '200'] });
    const made = await server.call('create_task', { title: 'x' });
    assert.match(made.text, /did not answer within 200 ms; it may have done/);
    const read = await server.call('list_task_history');
    assert.equal(read.error.code, 'TT_API_UNAVAILABLE');
    const { ok, text } = await server.call('task_started', started('h1'));
    assert(ok?.durable, text);
    await server.close();
    // A client that gives up waits no longer than it wants to, and the server lets go of the API.
    const patient = await connectStdio({ folder, url: address });
    const late = patient.client.callTool({ name: 'list_task_history', arguments: {} }, undefined, { timeout: 100 });
    await assert.rejects(late, { code: -32001 });
    await until('it is let go of', () => patient.stderr().includes('TT_CALL_CANCELLED'));
    await patient.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('a spool that cannot be made is said, and stops nothing', async () => {
    const blocked = { XDG_STATE_HOME: '/dev/null/nowhere' };
    const server = await connectStdio({ folder, url: url(), env: blocked });
    const { ok, text } = await server.call('task_started', started('m1'));
    assert.equal(ok?.durable, false, text);
    await until('the warning', () => server.stderr().includes('events wait in memory only'));
    await server.close();
  });
});
