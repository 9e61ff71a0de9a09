// Streamable HTTP: the official client, and callers that are none.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { records, startApi, until } from '../../../tests/e2e/api-process.mjs';
import { call, startHttp, startServer } from './support/mcp.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tasktrail-mcp-http-'));
let api;
before(async () => (api = await startApi(folder)));
after(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function connect(address, headers = {}) {
  const client = new Client({ name: 'http-tests', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL(address), { requestInit: { headers } });
  await client.connect(transport);
  return { client, transport };
}

/** One raw request, since `fetch` lets nobody choose a host. */
function raw(address, { method = 'POST', path = '/mcp', headers = {}, body = '' }) {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk)).on('end', () => resolve({ status: response.statusCode, text }));
    });
    asked.on('error', reject).end(body);
  });
}

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
});
const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const item = { projectNumber: 8, phaseNumber: 1, workItemId: 'h', workItemTitle: 'Over HTTP' };

describe('streamable HTTP', () => {
  it('serves several clients, each with the context of its headers', async () => {
    const server = await startHttp({ folder, url: api.url, env: { RUN_ID: 'run_http' } });
    const clients = await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        connect(server.address, { 'x-agent-id': name, 'x-workspace-id': `ws_http_${name}` }),
      ),
    );
    for (const { client } of clients) {
      const { ok, text } = await call(client, 'task_started', item);
      assert(ok, text);
      assert((await call(client, 'task_started', { projectNumber: 8 })).error);
    }
    for (const name of ['a', 'b', 'c']) {
      const found = await until('its records', async () => {
        const all = await records(api.url, { workspaceId: `ws_http_${name}` });
        return all.length >= 2 && all;
      });
      assert.deepEqual(found.map(({ agent_id, run_id, channel }) => [agent_id, run_id, channel]).sort(), [
        [name, 'run_http', 'agent'],
        [name, 'run_http', 'mcp'],
      ]);
    }
    const [first] = clients;
    await first.transport.terminateSession();
    await assert.rejects(call(first.client, 'list_task_history'));
    await Promise.all(clients.map(({ client }) => client.close()));
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    assert.equal(server.stdout(), '');
  });

  it('answers no page of another name, no other path and nobody without a session', async () => {
    const server = await startHttp({ folder, url: api.url, args: ['--allow-host', 'friend.example'] });
    const { host } = new URL(server.address);
    const status = async (options) => (await raw(server.address, options)).status;
    assert.equal(await status({ headers: { ...json, host: 'attacker.example' }, body: initialize }), 403);
    assert.equal(await status({ headers: { ...json, origin: 'https://attacker.example' }, body: initialize }), 403);
    assert.equal(await status({ headers: { ...json, origin: 'null' }, body: initialize }), 403);
    assert.equal(await status({ headers: { ...json, origin: `http://${host}` }, body: initialize }), 200);
    assert.equal(await status({ headers: { ...json, host: 'friend.example:80' }, body: initialize }), 200);
    assert.equal(await status({ headers: json, body: initialize, path: '/other' }), 404);
    assert.equal(await status({ headers: json, body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' }), 400);
    assert.equal(await status({ headers: json, body: 'nonsense' }), 400);
    assert.equal(await status({ headers: { ...json, 'mcp-session-id': 'none' }, body: initialize }), 404);
    assert.equal(await status({ method: 'GET', headers: json }), 400);
    assert.equal(await status({ headers: json, body: ' '.repeat(5 * 1_024 * 1_024) }).catch(() => 413), 413);
    await server.stop();
  });

  it('holds so many sessions and no more; idle ones make way', async () => {
    const server = await startHttp({ folder, url: api.url, args: ['--max-sessions', '2'] });
    const idle = await raw(server.address, { headers: json, body: initialize });
    assert.equal(idle.status, 200);
    const clients = [await connect(server.address), await connect(server.address)];
    // Both listen, so that neither is idle.
    await until('two that listen', async () => {
      const refused = await raw(server.address, { headers: json, body: initialize });
      return refused.status === 503;
    });
    for (const { client } of clients) assert((await client.listTools()).tools.length > 10);
    await Promise.all(clients.map(({ client }) => client.close()));
    await server.stop();
  });

  it('asks for a token where one is set, and needs one beyond this machine', async () => {
    const server = await startHttp({ folder, url: api.url, env: { TASKTRAIL_MCP_TOKEN: 'secret-token' } });
    await assert.rejects(connect(server.address));
    await assert.rejects(connect(server.address, { authorization: 'Bearer wrong' }));
    const { client } = await connect(server.address, { authorization: 'Bearer secret-token' });
    assert((await client.listTools()).tools.length > 10);
    await client.close();
    await server.stop();
    assert(!server.stderr().includes('secret-token'));
    const open = startServer({ folder, url: api.url, args: ['--http', '0', '--host', '0.0.0.0'] });
    assert.deepEqual(await open.ended, { code: 2, signal: null });
    assert.match(open.stderr(), /TASKTRAIL_MCP_TOKEN/);
  });
});
