import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { retryAfter } from './api-client.mjs';
import { checkPlan } from './orchestration.mjs';

const plan = JSON.parse(readFileSync(new URL('plan.json', import.meta.url), 'utf8'));
const items = plan.phases.flatMap((phase) => phase.items);

/**
 * An API of the example's shape that remembers what it was asked and turns the third request away once. It answers the first
 * `task.started` only when another agent has sent its own, so that agents who take turns would never get on.
 */
async function listen() {
  const requests = [];
  let firstAgent;
  let release;
  const another = new Promise((resolve) => (release = resolve));
  const together = ({ type, data } = {}) => {
    if (type !== 'task.started') return undefined;
    firstAgent ??= data.agentId;
    if (data.agentId === firstAgent) return another;
    release();
    return undefined;
  };
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      const status = requests.length === 2 ? 429 : request.url.endsWith('/project') ? 202 : 200;
      requests.push({
        status,
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      await together(requests.at(-1).body);
      response.writeHead(status, { 'content-type': 'application/json', ...(status === 429 && { 'retry-after': '0' }) });
      response.end(
        JSON.stringify(
          status === 202 ? { accepted: true, auditId: `a${requests.length}` } : { id: `id-${requests.length}` },
        ),
      );
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { requests, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

function play(...args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('play.mjs', import.meta.url)), ...args]);
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('close', (code) => resolve({ code, output }));
  });
}

test('the plan has three phases, twelve items, three agents and one failure', () => {
  checkPlan(plan);
  assert.equal(plan.phases.length, 3);
  assert.equal(items.length, 12);
  assert.equal(plan.agents.length, 3);
  assert.equal(items.filter((item) => item.failsOnce).length, 1);
});

test('a whole orchestration, in order, with its context on every request', { timeout: 60_000 }, async (t) => {
  const api = await listen();
  const folder = mkdtempSync(join(tmpdir(), 'orchestrator-'));
  t.after(() => (api.close(), rmSync(folder, { recursive: true })));
  const manifest = join(folder, 'manifest.ndjson');
  const args = [
    '--api',
    api.url,
    '--key',
    'k',
    '--workspace',
    'ws_test',
    '--worktree',
    '/tmp/wörk',
    '--speed',
    '500',
    '--manifest',
    manifest,
  ];
  const { code, output } = await play(...args);
  assert.equal(code, 0, output);

  const calls = readFileSync(manifest, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(calls.length, api.requests.length);
  assert.equal(new Set(calls.map((call) => call.requestId)).size, calls.length);
  assert.deepEqual(
    new Set(api.requests.map((r) => r.headers['x-request-id'])),
    new Set(calls.map((call) => call.requestId)),
  );
  assert.equal(
    calls.filter((call) => call.status === 429).length,
    1,
    'the attempt that was turned away is in the manifest too',
  );

  for (const { headers } of api.requests) {
    assert.equal(headers['x-workspace-id'], 'ws_test');
    assert.equal(headers['x-api-key'], 'k');
    assert.match(headers['x-run-id'], /^run_/);
    assert.equal(headers['x-worktree-path'], undefined, 'a path that no header can carry travels in the events only');
    assert.match(headers.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  }

  const events = api.requests.filter((r) => r.status === 202).map((r) => r.body);
  assert.equal(new Set(events.map((event) => event.eventId)).size, events.length);
  const of = (id) => events.filter((event) => event.data.workItemId === id).map((event) => event.type);
  for (const item of items) {
    const attempt = ['task.started', 'task.progress', 'task.progress'];
    const expected = item.failsOnce
      ? [...attempt, 'task.failed', ...attempt, 'task.completed']
      : [...attempt, 'task.completed'];
    assert.deepEqual(of(item.id), expected, item.id);
  }
  const phases = events
    .filter((event) => event.type.startsWith('phase.'))
    .map((event) => `${event.type} ${event.data.phaseNumber}`);
  assert.deepEqual(
    phases,
    [1, 2, 3].flatMap((n) => [`phase.started ${n}`, `phase.completed ${n}`]),
  );
  assert.equal(events.at(-1).type, 'project.completed');
  assert.equal(events.at(-1).data.completedItems, 12);
  const progress = events.filter((event) => event.type === 'orchestration.progress').map((event) => event.data);
  const starts = events.filter((event) => event.type === 'task.started').map((event) => event.data.agentId);
  assert.equal(new Set(starts).size, 3, 'every agent works');
  assert.ok(progress.every((data) => data.inProgressItems >= 0 && data.failedItems >= 0));
  assert.equal(progress.at(-1).completedItems, 12);
});

test('bad options and an unreachable API are one clear line each', async () => {
  const noWorkspace = await play('--speed', '1');
  assert.equal(noWorkspace.code, 2);
  assert.match(noWorkspace.output, /--workspace/);
  const badSpeed = await play('--workspace', 'w', '--speed', '0');
  assert.equal(badSpeed.code, 2);
  assert.match(badSpeed.output, /--speed/);
  const unreachable = await play('--workspace', 'w', '--api', 'http://127.0.0.1:9');
  assert.equal(unreachable.code, 1);
  assert.doesNotMatch(unreachable.output, /\n\s+at /);
});

test('a wait is what the API asked for', () => {
  assert.equal(retryAfter('2', 1), 2000);
  assert.equal(retryAfter('0', 1), 0);
  assert.equal(retryAfter(null, 3), 1000);
  assert.equal(retryAfter('99999', 1), 60_000);
  assert.equal(retryAfter('Thu, 01 Jan 1970 00:00:05 GMT', 1, 0), 5000);
});
