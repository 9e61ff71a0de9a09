// The process: what it writes where, how it ends, and what it says of wrong usage.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { KEY, records, startApi, until } from '../../../tests/e2e/api-process.mjs';
import { startServer } from './support/mcp.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tasktrail-mcp-process-'));
let api;
before(async () => (api = await startApi(folder)));
after(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

const message = (id, method, params) => `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
const hello = message(1, 'initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'raw', version: '1' },
});
const emit = (id, workItemId) =>
  message(id, 'tools/call', {
    name: 'task_started',
    arguments: { projectNumber: 5, phaseNumber: 1, workItemId, workItemTitle: 'x' },
  });

describe('the process', () => {
  it('does what it has read before stdin ended, and ends by itself', async () => {
    const server = startServer({ folder, url: api.url, env: { WORKSPACE_ID: 'ws_end' } });
    server.child.stdin.end(hello + emit(2, 'a') + emit(3, 'b'));
    assert.deepEqual(await server.ended, { code: 0, signal: null });
    const answers = server
      .stdout()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(answers.map(({ id }) => id).sort(), [1, 2, 3]);
    assert(answers.filter(({ id }) => id > 1).every(({ result }) => result.structuredContent.durable));
    // What had no time to be sent is on disk, for the next one.
    const next = startServer({ folder, url: api.url });
    next.child.stdin.write(hello);
    const found = await until('both', async () => {
      const all = await records(api.url, { workspaceId: 'ws_end' });
      return all.length === 2 && all;
    });
    assert.equal(found[0].operation_type, 'task.started');
    next.child.stdin.end();
    await next.ended;
    for (const line of server.stderr().trim().split('\n')) assert(JSON.parse(line).message);
    assert(!server.stderr().includes(KEY) && !server.stdout().includes(KEY));
  });

  for (const signal of ['SIGTERM', 'SIGINT']) {
    it(`ends cleanly on ${signal}`, async () => {
      const server = startServer({ folder, url: api.url });
      server.child.stdin.write(hello);
      await until('its answer', () => server.stdout().includes('"id":1'));
      server.child.kill(signal);
      assert.deepEqual(await server.ended, { code: 0, signal: null });
      assert.match(server.stderr(), new RegExp(`"why":"${signal}"`));
    });
  }

  it('takes its key from a file, and never from an argument', async () => {
    writeFileSync(join(folder, 'key'), `${KEY}\n`);
    const env = { STATE_TRACKING_API_KEY: 'another', WORKSPACE_ID: 'ws_key_file' };
    const server = startServer({ folder, url: api.url, env, args: ['--api-key-file', join(folder, 'key')] });
    server.child.stdin.write(hello + emit(2, 'a'));
    await until('its answer', () => server.stdout().includes('"id":2'));
    await until('its event', async () => (await records(api.url, { workspaceId: 'ws_key_file' })).length === 1);
    server.child.stdin.end();
    await server.ended;
  });

  it('says what is wrong with its usage', async () => {
    for (const [args, said] of [
      [['--api', 'ftp://x'], /--api .* is an address/],
      [['--http', 'x'], /--http is a whole number/],
      [['--nonsense'], /nonsense/],
      [['--api-key-file', join(folder, 'none')], /--api-key-file cannot be read/],
      [['--log-level', 'loud'], /--log-level is/],
    ]) {
      const server = startServer({ folder, url: api.url, args });
      assert.deepEqual(await server.ended, { code: 2, signal: null });
      assert.match(server.stderr(), said);
      assert.equal(server.stdout(), '');
    }
    const help = startServer({ folder, url: api.url, args: ['--help'] });
    assert.equal((await help.ended).code, 0);
    assert.match(help.stdout(), /--api-key-file/);
  });
});
