import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  Controller,
  Injectable,
  Post,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { call, download, taskStarted } from './http';
import { startHost, type Host } from './kinds';

@Injectable()
class KeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.switchToHttp().getRequest().headers['x-api-key'] === 'good') return true;
    throw new UnauthorizedException();
  }
}

@Controller('noop')
class Noop {
  @Post()
  noop(): object {
    return {};
  }
}

const controllers = [Noop];

for (const framework of ['express', 'fastify'] as const) {
  describe(`reads on ${framework}`, () => {
    let host: Host;
    const ids: string[] = [];
    before(async () => {
      host = await startHost(
        framework,
        { url: 'memory:', gateway: false, rateLimit: { reads: false } },
        { controllers },
      );
      for (let n = 0; n < 5; n++) {
        const path = `/api/tasks/${n}/start`;
        ids.push(
          host.trail.record({
            method: 'POST',
            path,
            status: n < 4 ? 201 : 500,
            workspaceId: 'ws_r',
            projectNumber: n % 2,
          }),
        );
      }
      host.trail.record({ method: 'POST', path: '/x', workspaceId: 'ws_other', originWorkspaceId: 'ws_r' });
      await host.trail.flush();
    });
    after(() => host.close());

    it('lists with filters and pages', async () => {
      const all = await call(`${host.url}/api/audit-history?workspaceId=ws_r`);
      assert.equal(all.status, 200);
      assert.deepEqual([all.body.total, all.body.items.length, all.body.limit], [6, 6, 50]);
      const page = await call(`${host.url}/api/audit-history/workspace/ws_r?limit=4`);
      assert.equal(page.body.items.length, 4);
      const rest = await call(`${host.url}/api/audit-history/workspace/ws_r?limit=4&cursor=${page.body.nextCursor}`);
      assert.equal(rest.body.items.length, 2);
      const project = await call(`${host.url}/api/audit-history/project/1`);
      assert.equal(project.body.total, 2);
      const types = await call(
        `${host.url}/api/audit-history?operationType=task.*&operationType=nothing&outcome=failure`,
      );
      assert.equal(types.body.total, 1);
      assert.equal((await call(`${host.url}/api/audit-history?limit=1000`)).body.limit, 200);
    });

    it('gives one record, and 404 for an id that is not there', async () => {
      const one = await call(`${host.url}/api/audit-history/${ids[0]}`);
      assert.equal(one.body.audit_id, ids[0]);
      const none = await call(`${host.url}/api/audit-history/019ab3c2-7f00-7abc-8def-0123456789ab`);
      assert.deepEqual([none.status, none.body.code], [404, 'TT_RECORD_NOT_FOUND']);
      const nonsense = await call(`${host.url}/api/audit-history/nonsense`);
      assert.deepEqual([nonsense.status, nonsense.body.parameter], [400, 'auditId']);
    });

    it('exports everything as lines of JSON, and says how many', async () => {
      const exported = await download(`${host.url}/api/audit-history/export?workspaceId=ws_r&order=asc`);
      assert.equal(exported.status, 200);
      assert.match(exported.headers['content-type'] ?? '', /^application\/x-ndjson/);
      assert.match(exported.headers['content-disposition'] ?? '', /^attachment; filename="audit-history-.*Z\.ndjson"$/);
      const lines = exported.text.trimEnd().split('\n');
      const found = lines.map((line) => JSON.parse(line) as { audit_id: string; workspace_id: string });
      assert.equal(found.length, 6);
      assert.deepEqual(
        found.map((record) => record.audit_id).filter((id) => ids.includes(id)),
        ids,
      );
      assert.equal(exported.trailers['x-audit-records'], '6');
    });

    it('exports CSV in which no cell is a formula', async () => {
      const formula = '=HYPERLINK("http://example.org","click")';
      host.trail.record({ method: 'POST', path: '/y', workspaceId: 'ws_csv', actor: formula, status: 200 });
      await host.trail.flush();
      const exported = await download(`${host.url}/api/audit-history/export?format=csv&workspaceId=ws_csv`);
      assert.match(exported.headers['content-type'] ?? '', /^text\/csv/);
      const [header, row, end] = exported.text.split('\r\n');
      assert.ok(header?.startsWith('audit_id,schema_version,timestamp,'), header);
      assert.ok(row?.includes(`,"'${formula.replaceAll('"', '""')}",`), row);
      assert.equal(end, '');
      assert.equal(exported.trailers['x-audit-records'], '1');
    });

    it('exports nothing as an empty file', async () => {
      const exported = await download(`${host.url}/api/audit-history/export?workspaceId=nobody`);
      assert.deepEqual([exported.status, exported.text, exported.trailers['x-audit-records']], [200, '', '0']);
    });

    for (const [query, parameter] of [
      ['format=xml', 'format'],
      ['limit=5', 'limit'],
      ['offset=5', 'offset'],
      ['outcome=maybe', 'outcome'],
      ['workspaceId[$ne]=x', 'workspaceId'],
    ] as const) {
      it(`refuses an export with ?${query} naming ${parameter}`, async () => {
        const { status, body } = await call(`${host.url}/api/audit-history/export?${query}`);
        assert.deepEqual([status, body.code, body.parameter], [400, 'TT_QUERY_INVALID', parameter]);
      });
    }

    const bad: Array<[query: string, parameter: string]> = [
      ['limit=0', 'limit'],
      ['limit=-1', 'limit'],
      ['limit=ten', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['offset=99999999999', 'offset'],
      ['workspaceId[$ne]=x', 'workspaceId'],
      ['workspaceId[]=x', 'workspaceId'],
      ['workspaceId=a&workspaceId=b', 'workspaceId'],
      ['projectNumber=1.5', 'projectNumber'],
      ['projectNumber=9007199254740993', 'projectNumber'],
      ['startTime=yesterday', 'startTime'],
      ['outcome=maybe', 'outcome'],
      ['order=sideways', 'order'],
      ['cursor=nonsense', 'cursor'],
      ['after=nonsense', 'after'],
      ['workspaceId=a%00b', 'workspaceId'],
      ['__proto__=x', '__proto__'],
      ['nonsense=1', 'nonsense'],
    ];
    for (const [query, parameter] of bad) {
      it(`refuses ?${query} naming ${parameter}`, async () => {
        const { status, body } = await call(`${host.url}/api/audit-history?${query}`);
        assert.deepEqual(
          [status, body.statusCode, body.code, body.parameter],
          [400, 400, 'TT_QUERY_INVALID', parameter],
          JSON.stringify(body),
        );
        assert.ok(typeof body.message === 'string' && body.message !== '' && !('stack' in body));
      });
    }

    it('refuses a path parameter that the query contradicts, or that is none', async () => {
      assert.equal(
        (await call(`${host.url}/api/audit-history/workspace/ws_r?workspaceId=ws_other`)).body.parameter,
        'workspaceId',
      );
      assert.equal((await call(`${host.url}/api/audit-history/project/seven`)).body.parameter, 'projectNumber');
    });

    it('leaves reads unrecorded', async () => {
      const { total } = await host.trail.query({});
      await call(`${host.url}/api/audit-history`);
      await host.trail.flush();
      assert.equal((await host.trail.query({})).total, total);
    });
  });

  describe(`deliveries of records on ${framework}`, () => {
    let host: Host;
    before(async () => {
      host = await startHost(framework, { url: 'memory:', gateway: false }, { controllers });
    });
    after(() => host.close());
    const records = '/api/audit-history/records';
    const record = (n: number, more = {}) => ({
      audit_id: `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`,
      timestamp: '2026-11-22T22:00:00.000Z',
      recorded_at: '2026-11-22T22:00:00.000Z',
      writer_id: 'w_sender',
      seq: n,
      operation_type: 'task.started',
      outcome: 'success',
      workspace_id: 'ws_d',
      actor: 'ann',
      actor_type: 'user',
      channel: 'mcp',
      ...more,
    });
    const deliver = (body: unknown) => call(host.url + records, { body });
    const kept = async () => {
      await host.trail.flush();
      return (await host.trail.query({ workspaceId: 'ws_d', order: 'asc', limit: 200 })).items;
    };

    it('takes them as they are, once, and as nothing besides', async () => {
      for (let time = 0; time < 2; time++) {
        const { status, body } = await deliver({ records: [record(1), record(2)] });
        assert.equal(status, 202);
        assert.equal(body.stored + body.duplicates, 2);
        assert.deepEqual([body.durable, body.refused], [true, []]);
      }
      const found = await kept();
      assert.deepEqual(
        found.map(({ audit_id, seq, writer_id, actor }) => [audit_id, seq, writer_id, actor]),
        [1, 2].map((n) => [record(n).audit_id, n, 'w_sender', 'ann']),
      );
      assert.notEqual(found[0]?.recorded_at, record(1).recorded_at);
      const all = (await host.trail.query({ limit: 200 })).items;
      assert.deepEqual(
        all.filter((one) => one.api_endpoint === records),
        [],
      );
    });

    it('cleans what its sender did not, and names what it refuses', async () => {
      const { status, body } = await deliver({
        records: [record(3, { metadata: { password: 'hunter2' } }), record(0), { audit_id: 7 }],
      });
      assert.equal(status, 202);
      assert.equal(body.stored, 1);
      assert.deepEqual(
        body.refused.map((one: { index: number; code: string }) => [one.index, one.code]),
        [
          [1, 'TT_RECORD_INVALID'],
          [2, 'TT_RECORD_INVALID'],
        ],
      );
      assert.doesNotMatch(JSON.stringify(await kept()), /hunter2/);
    });

    it('refuses what is none, or too large, and records that', async () => {
      const wrong = await deliver({ records: 7 });
      assert.deepEqual([wrong.status, wrong.body.code], [400, 'TT_RECORD_INVALID']);
      const many = await deliver({ records: new Array(1_001).fill(1) });
      assert.deepEqual([many.status, many.body.code], [413, 'TT_DELIVERY_TOO_LARGE']);
      const large = await deliver({ records: [record(4, { metadata: { text: 'x'.repeat(1_100_000) } })] });
      assert.equal(large.status, 413);
      if (framework === 'express') assert.equal(large.body.code, 'TT_DELIVERY_TOO_LARGE');
      await host.trail.flush();
      const calls = (await host.trail.query({ limit: 200 })).items.filter((one) => one.api_endpoint === records);
      assert.deepEqual(calls.map((one) => one.response_status).sort(), [400, 413, 413]);
    });

    it('can be left out, and asks who delivers', async () => {
      const closed = await startHost(framework, { url: 'memory:', gateway: false, records: false }, { controllers });
      const guarded = await startHost(
        framework,
        { url: 'memory:', gateway: false, authorize: ({ apiKey }) => apiKey === 'good' },
        { controllers },
      );
      try {
        assert.equal((await call(closed.url + records, { body: { records: [] } })).status, 404);
        const post = (key: string) =>
          call(guarded.url + records, { body: { records: [] }, headers: { 'x-api-key': key } });
        assert.equal((await post('bad')).status, 403);
        assert.equal((await post('good')).status, 202);
      } finally {
        await closed.close();
        await guarded.close();
      }
    });
  });

  describe(`events on ${framework}`, () => {
    let host: Host;
    before(async () => {
      host = await startHost(
        framework,
        { url: 'memory:', gateway: false, rateLimit: { events: false } },
        { controllers },
      );
    });
    after(() => host.close());
    const post = (text: string, workspace: string, headers = {}) =>
      call(`${host.url}/api/events/project`, {
        text,
        headers: { 'x-workspace-id': workspace, 'x-request-id': 'r-1', ...headers },
      });
    const recorded = async (workspaceId: string) => {
      await host.trail.flush();
      return (await host.trail.query({ workspaceId })).items;
    };

    it('accepts an event: 202 and one record, the event', async () => {
      const { status, body } = await post(JSON.stringify(taskStarted('1.1')), 'ws_e1', {
        'x-api-key': 'k',
        'x-agent-id': 'agent-1',
      });
      assert.equal(status, 202);
      assert.deepEqual([body.accepted, body.type, body.projectNumber, body.durable], [true, 'task.started', 42, true]);
      const records = await recorded('ws_e1');
      assert.equal(records.length, 1);
      const [record] = records;
      assert.equal(record?.audit_id, body.auditId);
      assert.equal(record?.operation_type, 'task.started');
      assert.deepEqual(
        [record?.http_method, record?.api_endpoint, record?.channel],
        ['POST', '/api/events/project', 'agent'],
      );
      assert.deepEqual([record?.request_id, record?.agent_id, record?.work_item_id], ['r-1', 'agent-1', '1.1']);
      assert.equal(record?.metadata?.workItemTitle, 'Item 1.1');
    });

    it('a repeat with the same eventId answers alike and leaves one record', async () => {
      const text = JSON.stringify({ ...taskStarted('1.2'), eventId: 'twice' });
      const [one, two] = [await post(text, 'ws_e2'), await post(text, 'ws_e2')];
      assert.equal(one.body.auditId, two.body.auditId);
      assert.equal((await recorded('ws_e2')).length, 1);
    });

    for (const mode of ['relaxed', 'strict'] as const) {
      it(`keeps the first and the last of much progress, and no call beside them, in mode ${mode}`, async () => {
        // Long enough that no interval ends before the test does.
        const spool = mkdtempSync(join(tmpdir(), 'tasktrail-progress-'));
        const options = { url: 'memory:', gateway: false, mode, spool, progressIntervalMs: 60_000 } as const;
        const own = await startHost(framework, options, { controllers });
        try {
          const before = own.trail.stats().seen;
          const answers: Record<string, unknown>[] = [];
          for (let percent = 1; percent <= 5; percent++) {
            const data = { projectNumber: 42, phaseNumber: 1, workItemId: '1.1', percent };
            const { status, body } = await call(`${own.url}/api/events/project`, {
              body: { type: 'task.progress', data },
              headers: { 'x-workspace-id': 'ws_p' },
            });
            assert.equal(status, 202);
            answers.push(body);
          }
          const [first, ...others] = answers;
          assert.deepEqual([first?.durable, typeof first?.seq, first?.coalesced], [true, 'number', undefined]);
          for (const other of others) {
            assert.deepEqual([other.durable, other.seq, other.coalesced], [false, null, true]);
          }
          const stats = await own.trail.flush();
          assert.deepEqual([stats.seen - before, stats.skipped.coalesced], [5, 3]);
          const { items } = await own.trail.query({ workspaceId: 'ws_p', order: 'asc' });
          assert.deepEqual(
            items.map((record) => [record.audit_id, record.operation_type, record.metadata?.percent]),
            [
              [first?.auditId, 'task.progress', 1],
              [answers[4]?.auditId, 'task.progress', 5],
            ],
          );
        } finally {
          await own.close();
          rmSync(spool, { recursive: true, force: true });
        }
      });
    }

    it('refuses a bad event with every fault: 400 and one record, the call', async () => {
      const { status, body } = await post(
        JSON.stringify({ type: 'task.started', data: { projectNumber: 'x' } }),
        'ws_e3',
      );
      assert.equal(status, 400);
      assert.deepEqual([body.accepted, body.code], [false, 'TT_EVENT_INVALID']);
      assert.ok(body.details.some((detail: { path: string }) => detail.path === 'data.workItemId'));
      const records = await recorded('ws_e3');
      assert.equal(records.length, 1);
      assert.deepEqual([records[0]?.response_status, records[0]?.outcome], [400, 'failure']);
      assert.notEqual(records[0]?.operation_type, 'task.started');
    });

    it('refuses an unknown type, and malformed JSON: 400 and one record each', async () => {
      const unknown = await post(JSON.stringify({ type: 'task.exploded', data: { projectNumber: 1 } }), 'ws_e4');
      assert.deepEqual([unknown.status, unknown.body.details[0].path], [400, 'type']);
      const malformed = await post('{"type": ', 'ws_e5');
      assert.equal(malformed.status, 400);
      if (framework === 'express') assert.equal(malformed.body.code, 'TT_EVENT_INVALID');
      assert.equal((await recorded('ws_e4')).length, 1);
      assert.equal((await recorded('ws_e5')).length, 1);
    });

    it('takes what a usual body limit would not, up to 1 MB: 413 past it, and one record', async () => {
      // A text alone may have 16 KiB; an event has room for many.
      const notes = Array.from({ length: 32 }, () => 'x'.repeat(16_000));
      const large = await post(JSON.stringify(taskStarted('1.6', { notes })), 'ws_e6');
      assert.equal(large.status, 202);
      assert.equal((await recorded('ws_e6')).length, 1);
      const over = await post(JSON.stringify(taskStarted('1.7', { notes: [...notes, ...notes, ...notes] })), 'ws_e7');
      assert.equal(over.status, 413);
      if (framework === 'express') assert.equal(over.body.code, 'TT_EVENT_TOO_LARGE');
      const records = await recorded('ws_e7');
      assert.deepEqual(
        records.map((record) => record.response_status),
        [413],
      );
    });
  });

  describe(`who may read and how often, on ${framework}`, () => {
    const url = 'memory:';
    it('refuses what came through a proxy, from elsewhere, or in production, and says what to configure', async () => {
      const host = await startHost(framework, { url, gateway: false }, { controllers });
      try {
        const read = `${host.url}/api/audit-history`;
        assert.equal((await call(read)).status, 200);
        const foreign: Array<Record<string, string>> = [
          { 'x-forwarded-for': '10.0.0.1' },
          { forwarded: 'for=10.0.0.1' },
          { origin: 'https://evil.example' },
        ];
        for (const headers of foreign) {
          const { status, body } = await call(read, { headers });
          assert.deepEqual([status, body.code], [403, 'TT_READ_FORBIDDEN']);
          assert.match(body.message, /guards.*authorize/);
        }
        process.env.NODE_ENV = 'production';
        assert.equal((await call(read)).status, 403);
        assert.equal((await call(`${read}/019ab3c2-7f00-7abc-8def-0123456789ab`)).status, 403);
      } finally {
        delete process.env.NODE_ENV;
        await host.close();
      }
    });

    it('runs the guards of the host, on reads and events', async () => {
      const host = await startHost(framework, { url, gateway: false, guards: [KeyGuard] }, { controllers });
      try {
        process.env.NODE_ENV = 'production';
        const read = `${host.url}/api/audit-history`;
        assert.equal((await call(read)).status, 401);
        assert.equal((await call(read, { headers: { 'x-api-key': 'good' } })).status, 200);
        const event = { body: taskStarted('1'), headers: { 'x-workspace-id': 'ws_g' } };
        assert.equal((await call(`${host.url}/api/events/project`, event)).status, 401);
        await host.trail.flush();
        const { items } = await host.trail.query({ workspaceId: 'ws_g' });
        assert.deepEqual(
          items.map((record) => [record.response_status, record.outcome]),
          [[401, 'denied']],
        );
      } finally {
        delete process.env.NODE_ENV;
        await host.close();
      }
    });

    it('asks the host about each scope; a throw refuses', async () => {
      const host = await startHost(
        framework,
        {
          url,
          gateway: false,
          authorize: ({ apiKey }, scope) => {
            if (apiKey === 'throws') throw new Error('boom');
            return scope.workspaceId === 'ws_mine';
          },
        },
        { controllers },
      );
      try {
        const id = host.trail.record({ method: 'POST', path: '/x', workspaceId: 'ws_theirs' });
        const own = host.trail.record({ method: 'POST', path: '/x', workspaceId: 'ws_mine' });
        await host.trail.flush();
        const status = async (path: string, headers = {}) =>
          (await call(`${host.url}/api/audit-history${path}`, { headers })).status;
        assert.equal(await status('/workspace/ws_mine'), 200);
        assert.equal(await status('/workspace/ws_theirs'), 403);
        assert.equal(await status(''), 403);
        assert.equal(await status('/workspace/ws_mine', { 'x-api-key': 'throws' }), 403);
        assert.equal(await status(`/${id}`), 404);
        assert.equal(await status(`/${own}`), 200);
      } finally {
        await host.close();
      }
    });

    it('limits reads and events by key, with Retry-After', async () => {
      const host = await startHost(
        framework,
        { url, gateway: false, rateLimit: { reads: 3, events: 2 } },
        { controllers },
      );
      try {
        const read = (key: string) => call(`${host.url}/api/audit-history`, { headers: { 'x-api-key': key } });
        for (let n = 0; n < 3; n++) assert.equal((await read('a')).status, 200);
        const limited = await read('a');
        assert.deepEqual([limited.status, limited.body.code], [429, 'TT_RATE_LIMITED']);
        assert.ok(Number(limited.headers.get('retry-after')) >= 1);
        assert.equal((await read('b')).status, 200);
        const post = () =>
          call(`${host.url}/api/events/project`, { body: taskStarted('1'), headers: { 'x-workspace-id': 'ws_l' } });
        assert.deepEqual([(await post()).status, (await post()).status, (await post()).status], [202, 202, 429]);
        await host.trail.flush();
        assert.equal((await host.trail.query({ workspaceId: 'ws_l', outcome: 'denied' })).total, 1);
      } finally {
        await host.close();
      }
    });
  });

  describe(`paths on ${framework}`, () => {
    const cases: Array<[name: string, options: { path?: string }, prefix: string | undefined, base: string]> = [
      ['the default', {}, undefined, '/api'],
      ['a global prefix of the same name', {}, 'api', '/api'],
      ['a global prefix that ends alike', {}, 'v1/api', '/v1/api'],
      ['another global prefix', {}, 'v1', '/v1/api'],
      ['a path of its own', { path: '/audit/' }, undefined, '/audit'],
      ['no path', { path: '' }, 'v1', '/v1'],
    ];
    for (const [name, options, prefix, base] of cases) {
      it(`${name}: ${base}`, async () => {
        const host = await startHost(
          framework,
          { url: 'memory:', gateway: false, ...options },
          { controllers, before: (app) => prefix && app.setGlobalPrefix(prefix) },
        );
        try {
          assert.equal((await call(`${host.url}${base}/audit-history`)).status, 200);
          const large = taskStarted('1', { notes: Array.from({ length: 20 }, () => 'x'.repeat(16_000)) });
          assert.equal((await call(`${host.url}${base}/events/project`, { body: large })).status, 202);
        } finally {
          await host.close();
        }
      });
    }
  });

  describe(`a store that is down, on ${framework}`, () => {
    it('starts degraded, keeps what comes, answers reads 503 and writes as ever', async () => {
      const host = await startHost(
        framework,
        { url: 'mongodb://127.0.0.1:1/audit', gateway: false, openTimeoutMs: 300, spool: false },
        { controllers },
      );
      try {
        assert.equal((await call(`${host.url}/noop`, { body: {} })).status, 201);
        const event = await call(`${host.url}/api/events/project`, { body: taskStarted('1') });
        assert.deepEqual([event.status, event.body.durable], [202, false]);
        const read = await call(`${host.url}/api/audit-history`);
        assert.deepEqual([read.status, read.body.code], [503, 'TT_STORE_UNAVAILABLE']);
        assert.ok(!JSON.stringify(read.body).includes('127.0.0.1:1'), JSON.stringify(read.body));
        assert.ok(host.trail.stats().queued + host.trail.stats().inFlight >= 2);
      } finally {
        await host.close();
      }
    });

    it('keeps what comes on disk where nobody says otherwise', async () => {
      const options = { url: `mongodb://127.0.0.1:1/audit_${framework}`, gateway: false, openTimeoutMs: 300 };
      const host = await startHost(framework, options, { controllers });
      try {
        const event = await call(`${host.url}/api/events/project`, { body: taskStarted('1') });
        assert.deepEqual([event.status, event.body.durable], [202, true]);
      } finally {
        await host.close();
      }
    });
  });
}

describe('options', () => {
  const fails = async (options: object, field: string) => {
    await assert.rejects(
      async () => startHost('express', options as never, { controllers }).then((host) => host.close()),
      (fault: { code?: string; message: string }) => {
        assert.match(fault.message, new RegExp(field));
        assert.ok(['TT_OPTIONS_INVALID', 'TT_URL_INVALID'].includes(fault.code ?? ''), fault.code);
        return true;
      },
    );
  };
  it('are refused by name', async () => {
    await fails({}, 'url');
    await fails({ url: 'memory:', spool: true }, 'spool');
    await fails({ url: 'memory:', flushBeforeResponse: -1 }, 'flushBeforeResponse');
    await fails({ url: 'memory:', failClosed: 'yes' }, 'failClosed');
    await fails({ url: 'memory:', mode: 'strict' }, 'spool');
    await fails({ url: 'nonsense' }, 'nonsense');
    await fails({ url: 'memory:', mode: 'strict' }, 'mode');
    await fails({ url: 'memory:', capture: 'yes' }, 'capture');
    await fails({ url: 'memory:', rateLimit: { reads: 0 } }, 'rateLimit.reads');
    await fails({ url: 'memory:', gateway: { port: 1 } }, 'gateway.port');
    await fails({ url: 'memory:', degradedStart: false }, 'degradedStart');
    await fails({ url: 'memory:', auditReads: 'yes' }, 'auditReads');
    const rule = (rule: object) => ({ url: 'memory:', operations: [{ path: '/secrets/*', level: 'none' }, rule] });
    await fails(rule({ path: '/x', methods: 'FETCH', level: 'none' }), 'operations\\[1\\]\\.methods');
    await fails(rule({ path: '/x', level: 'everything' }), 'operations\\[1\\]\\.level');
    await fails(rule({ path: 'x', level: 'none' }), 'operations\\[1\\]\\.path');
    await fails(rule({ path: '/secrets/*/x', level: 'none' }), 'operations\\[1\\]\\.path');
    await fails(rule({ path: '/secrets/*', level: 'metadata' }), 'operations\\[1\\]\\.level');
  });
});
