// The example as a user runs it: a process of its own, over real HTTP.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'main.js');
const folder = mkdtempSync(join(tmpdir(), 'tasktrail-nest-api-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function start(env) {
  const api = spawn(process.execPath, [main], { cwd: folder, env: { ...process.env, PORT: '0', ...env } });
  api.said = '';
  api.stderr.on('data', (chunk) => (api.said += chunk));
  return api;
}

async function ready(api) {
  const exited = once(api, 'exit').then(() => assert.fail(`exited: ${api.said}`));
  const [line] = await Promise.race([once(createInterface(api.stdout), 'line'), exited]);
  return JSON.parse(line);
}

describe('the example API', () => {
  let api, url;
  before(async () => {
    api = start({ TASKTRAIL_URL: 'sqlite:./audit.db', API_KEYS: 'one,two' });
    const listening = await ready(api);
    assert.deepEqual([listening.event, listening.store], ['listening', 'sqlite:./audit.db']);
    url = listening.url;
  });
  after(async () => {
    api.kill('SIGTERM');
    await once(api, 'exit');
  });

  const call = async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: {
        'x-api-key': 'two',
        'x-workspace-id': 'ws_api',
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body && (typeof body === 'string' ? body : JSON.stringify(body)),
    });
    const text = await response.text();
    return { status: response.status, body: text && JSON.parse(text) };
  };

  it('leaves one record for each write and none for a read', async () => {
    const task = await call('POST', '/api/tasks', { title: 'Write it', projectNumber: 42 });
    assert.equal(task.status, 201);
    const { id } = task.body;
    assert.equal((await call('POST', `/api/tasks/${id}/start`)).body.status, 'in_progress');
    assert.equal((await call('POST', `/api/tasks/${id}/fail`, { error: 'no' })).body.status, 'failed');
    assert.equal((await call('POST', `/api/tasks/${id}/start`)).status, 200);
    assert.equal((await call('POST', `/api/tasks/${id}/complete`, { result: 'done' })).body.status, 'completed');
    assert.equal((await call('POST', `/api/tasks/${id}/complete`)).status, 409);
    assert.equal((await call('PATCH', `/api/tasks/${id}`, { title: 'Written' })).body.title, 'Written');
    assert.equal((await call('GET', `/api/tasks/${id}`)).body.title, 'Written');
    assert.equal((await call('DELETE', `/api/tasks/${id}`)).status, 204);
    assert.equal((await call('GET', `/api/tasks/${id}`)).status, 404);
    const session = await call('POST', '/api/sessions', { projectNumber: 42 });
    assert.equal((await call('PATCH', `/api/sessions/${session.body.id}`, { status: 'paused' })).body.status, 'paused');
    assert.equal((await call('POST', `/api/sessions/${session.body.id}/heartbeat`)).status, 200);
    assert.equal((await call('GET', '/health')).body.status, 'ok');
    // Bad input: JSON answers, and a record each.
    assert.equal((await call('POST', '/api/tasks', { title: 'x' }, { 'x-api-key': 'three' })).status, 401);
    assert.equal((await call('POST', '/api/tasks', { title: 7 })).status, 400);
    assert.equal((await call('POST', '/api/tasks', '{"title"')).status, 400);
    assert.equal((await call('POST', '/api/nothing')).status, 404);
    const event = { type: 'issue.updated', data: { projectNumber: 42 } };
    assert.equal((await call('POST', '/api/events/project', event)).status, 202);
    assert.equal((await call('POST', '/api/events/project', event, { 'x-api-key': 'three' })).status, 401);

    let page;
    for (let n = 0; n < 100 && (page?.total ?? 0) < 17; n++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      page = (await call('GET', '/api/audit-history/workspace/ws_api?order=asc')).body;
    }
    assert.deepEqual(
      page.items.map((record) => `${record.operation_type} ${record.response_status}`),
      [
        'task.created 201',
        'task.started 200',
        'task.failed 200',
        'task.started 200',
        'task.completed 200',
        'task.completed 409',
        'task.updated 200',
        'task.deleted 204',
        'session.created 201',
        'session.updated 200',
        'session.heartbeat 200',
        'task.created 401',
        'task.created 400',
        'task.created 400',
        'nothing.created 404',
        'issue.updated 202',
        'event.posted 401',
      ],
    );
    const ids = page.items.slice(1, 8).map((record) => record.task_id);
    assert.deepEqual([...new Set(ids)], [task.body.id]);
  });

  it('says so when its port is taken', async () => {
    const second = start({ PORT: new URL(url).port });
    const [code] = await once(second, 'exit');
    assert.equal(code, 1);
    assert.match(second.said.trim(), /^127\.0\.0\.1:\d+ is in use.*$/, 'one line');
  });

  it('refuses nonsense at its start', async () => {
    for (const env of [{ PORT: 'http' }, { TASKTRAIL_URL: 'redis://x' }]) {
      const [code] = await once(start(env), 'exit');
      assert.equal(code, 1);
    }
  });
});

describe('the example API with its store away', () => {
  it('starts, serves, and keeps quiet about it to its clients', async () => {
    const api = start({ TASKTRAIL_URL: 'mongodb://127.0.0.1:1/audit' });
    const { url } = await ready(api);
    const headers = { 'x-api-key': 'demo-key', 'content-type': 'application/json' };
    const response = await fetch(`${url}/api/tasks`, { method: 'POST', headers, body: '{"title":"x"}' });
    assert.equal(response.status, 201);
    assert.equal((await fetch(`${url}/api/audit-history`)).status, 503);
    for (let n = 0; n < 100 && !api.said.includes('the audit store cannot be reached'); n++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    api.kill('SIGTERM');
    await once(api, 'exit');
    assert.equal(api.said.match(/the audit store cannot be reached/g)?.length, 1, api.said);
  });
});
