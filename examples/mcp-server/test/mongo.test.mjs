// The same on MongoDB.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { records, startApi, until } from '../../../tests/e2e/api-process.mjs';
import { connectStdio } from './support/mcp.mjs';

const mongo = process.env.TASKTRAIL_TEST_MONGODB;

it(
  'events, calls and failures reach MongoDB, each once',
  { skip: !mongo && 'TASKTRAIL_TEST_MONGODB names no server' },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tasktrail-mcp-mongo-'));
    const store = `${mongo.replace(/\/$/, '')}/tt_mcp_${process.pid}_${Date.now().toString(36)}`;
    let api = await startApi(folder, { store });
    try {
      const server = await connectStdio({ folder, url: api.url, env: { WORKSPACE_ID: 'ws_mongo' } });
      const event = (n) => ({
        projectNumber: 1,
        phaseNumber: 1,
        workItemId: `i${n}`,
        workItemTitle: 'x',
        eventId: `e${n}`,
      });
      for (let n = 0; n < 10; n++) await server.call('task_started', event(n));
      await server.call('create_task', { title: 'x' });
      await server.call('complete_task', { taskId: 'none' });
      await api.stop('SIGKILL');
      for (let n = 5; n < 20; n++) {
        const { ok, text } = await server.call('task_started', event(n));
        assert(ok?.durable, text);
      }
      api = await startApi(folder, { store, port: api.port });
      const found = await until('all records', async () => {
        const all = await records(api.url, { workspaceId: 'ws_mongo' });
        return all.filter(({ channel }) => channel === 'agent').length >= 20 && all;
      });
      const items = found.filter(({ channel }) => channel === 'agent').map(({ work_item_id }) => work_item_id);
      assert.deepEqual(items.sort(), Array.from({ length: 20 }, (_, n) => `i${n}`).sort());
      assert.equal(found.filter(({ channel }) => channel === 'mcp').length, 1);
      await server.close();
    } finally {
      await api.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
