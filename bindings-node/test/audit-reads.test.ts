import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Controller, Get, UnauthorizedException, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { AuditRecord } from '@tasktrail/node';
import type { TasktrailModuleOptions } from '@tasktrail/node/nestjs';
import { io, type Socket } from 'socket.io-client';
import { call, download, taskStarted } from './http';
import { startHost, type Framework, type Host } from './kinds';
import { until } from './until';

class KeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.switchToHttp().getRequest().headers['x-api-key'] !== undefined) return true;
    throw new UnauthorizedException();
  }
}

@Controller('other')
class Other {
  @Get()
  get(): object {
    return {};
  }
}

const READS = 'audit.read';
const options: TasktrailModuleOptions = {
  url: 'memory:',
  auditReads: true,
  guards: [KeyGuard],
  authorize: ({ apiKey }, scope) => apiKey === 'all' || scope.workspaceId === 'ws_mine' || scope.projectNumber === 7,
  rateLimit: { reads: 5 },
};

/** What records of reads say, oldest first, and no more of it than these tests look at. */
async function told({ trail }: Host): Promise<AuditRecord[]> {
  await trail.flush();
  const operationType = [READS, 'audit.exported', 'audit.subscribed'];
  return (await trail.query({ operationType, order: 'asc', limit: 200 })).items;
}

const brief = ({ operation_type, response_status, outcome, target_type, target_id, metadata }: AuditRecord) => [
  operation_type,
  response_status,
  outcome,
  `${target_type} ${target_id}`,
  metadata?.items,
];

for (const framework of ['express', 'fastify'] as const) {
  describe(`reads of the audit on ${framework}, recorded`, () => {
    let host: Host;
    const start = (more: Partial<TasktrailModuleOptions> = {}, rest: Parameters<typeof startHost>[2] = {}) =>
      startHost(framework as Framework, { ...options, gateway: false, ...more }, { controllers: [Other], ...rest });
    const get = async (path: string, key?: string) => {
      const answer = await call(`${host.url}/api/audit-history${path}`, {
        headers: key === undefined ? {} : { 'x-api-key': key },
      });
      await host.trail.flush();
      return answer;
    };

    it('leave one record each: who read what, and how much of it', async () => {
      host = await start();
      try {
        const id = host.trail.record({ method: 'POST', path: '/x', workspaceId: 'ws_mine', projectNumber: 7 });
        await host.trail.flush();
        assert.equal((await get('?limit=1&operationType=post.*&operationType=x.*&token=hunter2', 'all')).status, 400);
        assert.equal((await get('/workspace/ws_mine?order=asc', 'k')).status, 200);
        assert.equal((await get('/project/7', 'k')).body.items.length, 1);
        assert.equal((await get(`/${id}`, 'k')).status, 200);
        assert.equal((await get('?workspaceId=ws_mine', 'k')).status, 200);
        assert.equal((await call(`${host.url}/other`)).status, 200);
        const records = await told(host);
        assert.deepEqual(records.map(brief), [
          [READS, 400, 'failure', 'audit_history null', undefined],
          [READS, 200, 'success', 'workspace ws_mine', 1],
          [READS, 200, 'success', 'project 7', 1],
          [READS, 200, 'success', `record ${id}`, 1],
          [READS, 200, 'success', 'audit_history null', 2],
        ]);
        const [list, workspace, project, , filtered] = records as [AuditRecord, ...AuditRecord[]];
        assert.deepEqual((list.metadata?.query as Record<string, unknown>).operationType, ['post.*', 'x.*']);
        assert.deepEqual(workspace?.metadata?.query, { order: 'asc' });
        assert.deepEqual([workspace?.workspace_id, filtered?.workspace_id], ['ws_mine', 'ws_mine']);
        assert.equal(project?.project_number, 7);
        assert.deepEqual([list.http_method, list.actor_type, list.client_ip], ['GET', 'api_key', '127.0.0.1']);
        assert.notEqual(list.actor, workspace?.actor);
        assert.equal(list.request_summary, null);
        assert.doesNotMatch(JSON.stringify(records), /hunter2/);
      } finally {
        await host.close();
      }
    });

    it('leave one record each where they are refused, by whomever', async () => {
      host = await start();
      try {
        assert.equal((await get('/workspace/ws_mine')).status, 401);
        assert.equal((await get('/workspace/ws_theirs', 'k')).status, 403);
        assert.equal((await get('/export', 'k')).status, 403);
        assert.equal((await get('/019ab3c2-7f00-7abc-8def-0123456789ab', 'k')).status, 404);
        assert.equal((await get('?workspaceId=a%00b', 'all')).status, 400);
        for (let n = 0; n < 4; n++) await get('/workspace/ws_mine', 'k');
        assert.equal((await get('/workspace/ws_mine', 'k')).status, 429);
        const records = await told(host);
        assert.deepEqual(records.map(brief), [
          [READS, 401, 'denied', 'workspace ws_mine', undefined],
          [READS, 403, 'denied', 'workspace ws_theirs', undefined],
          ['audit.exported', 403, 'denied', 'audit_history null', undefined],
          [READS, 404, 'failure', 'record 019ab3c2-7f00-7abc-8def-0123456789ab', undefined],
          [READS, 400, 'failure', 'audit_history null', undefined],
          // Each shows the records of those before it, of which one was refused.
          ...[1, 2, 3, 4].map((items) => [READS, 200, 'success', 'workspace ws_mine', items]),
          [READS, 429, 'denied', 'workspace ws_mine', undefined],
        ]);
        assert.equal(records[1]?.error?.code, 'TT_READ_FORBIDDEN');
      } finally {
        await host.close();
      }
    });

    it('say of an export how many records it gave out, also to who left it', async () => {
      host = await start({ guards: [], authorize: () => true });
      try {
        const total = 9_000;
        for (let n = 0; n < total; n++) {
          host.trail.record({ method: 'POST', path: `/x/${n}`, workspaceId: 'ws_e' });
          if (n % 5_000 === 0) await host.trail.flush();
        }
        await host.trail.flush();
        const all = await download(`${host.url}/api/audit-history/export?workspaceId=ws_e&format=csv`);
        const count = Number(all.trailers['x-audit-records']);
        await new Promise<void>((resolve) => {
          const request = http.get(`${host.url}/api/audit-history/export?workspaceId=ws_e`, (response) => {
            response.once('readable', () => request.destroy());
            response.once('close', resolve).on('error', () => undefined);
          });
        });
        await until('both are recorded', () => host.trail.stats().seen === total + 3);
        const records = await told(host);
        assert.deepEqual(brief(records[0]!), ['audit.exported', 200, 'success', 'audit_history null', count]);
        const [, left] = records as [AuditRecord, AuditRecord];
        assert.equal(left.outcome, 'aborted');
        assert.ok(
          Number(left.metadata?.items) > 0 && Number(left.metadata?.items) < count,
          JSON.stringify(left.metadata),
        );
      } finally {
        await host.close();
      }
    });

    it('are found whichever way their address is written', async () => {
      host = await start(
        {},
        {
          before: (app) => {
            app.setGlobalPrefix('v1');
            // Fastify rewrites before everything else, and gives a server no other way.
            if (framework === 'express') {
              app.use((request: { url: string }, _response: unknown, next: () => void) => {
                request.url = request.url.replace(/^\/old/, '/v1/api/audit-history/workspace/ws_mine');
                next();
              });
            }
          },
        },
      );
      try {
        const paths =
          framework === 'express'
            ? ['/v1/API/audit-history/Workspace/ws_mine/', '/old?limit=3']
            : ['/v1/api/%61udit-history/workspace/ws%5Fmine'];
        for (const path of paths) {
          assert.equal((await call(host.url + path, { headers: { 'x-api-key': 'k' } })).status, 200);
        }
        assert.equal((await call(host.url + (paths[0] as string))).status, 401);
        const records = await told(host);
        assert.deepEqual(
          records.map(({ target_type, target_id, response_status }) => [target_type, target_id, response_status]),
          [...paths.map(() => 200), 401].map((status) => ['workspace', 'ws_mine', status]),
        );
        if (framework === 'express') assert.deepEqual(records[1]?.metadata?.query, { limit: '3' });
      } finally {
        await host.close();
      }
    });

    it('are not held for their records, nor refused with them', async () => {
      host = await start({ flushBeforeResponse: 5_000, failClosed: true });
      try {
        const { trail } = host;
        const { flush, assertReady } = trail;
        trail.flush = () => assert.fail('a read waited for its record');
        trail.assertReady = () => assert.fail('a read was asked whether it can be recorded');
        const read = () => call(`${host.url}/api/audit-history/workspace/ws_mine`, { headers: { 'x-api-key': 'k' } });
        assert.equal((await read()).status, 200);
        Object.assign(trail, { flush, assertReady });
        assert.equal((await told(host)).length, 1);
        trail.record = () => {
          throw new Error('boom');
        };
        assert.equal((await read()).status, 200);
      } finally {
        await host.close();
      }
    });

    it('are recorded without the calls, where those are not, and whatever `operations` says', async () => {
      host = await start({ capture: false, operations: [{ path: '/audit-history/*', level: 'none' }] });
      try {
        const event = { body: taskStarted('1'), headers: { 'x-api-key': 'k' } };
        assert.equal((await call(`${host.url}/api/events/project`, event)).status, 202);
        assert.equal((await call(`${host.url}/other`, { method: 'POST' })).status, 404);
        assert.equal((await get('/project/7', 'k')).status, 200);
        await host.trail.flush();
        const { items } = await host.trail.query({ order: 'asc' });
        assert.deepEqual(
          items.map(({ operation_type }) => operation_type),
          ['audit.started', 'task.started', READS],
        );
      } finally {
        await host.close();
      }
    });
  });

  describe(`subscriptions to the audit on ${framework}, recorded`, () => {
    let host: Host;
    const sockets: Socket[] = [];
    const open = (key?: string): Socket => {
      const socket = io(host.url, {
        path: '/orchestration',
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
        ...(key !== undefined && { auth: { apiKey: key } }),
      });
      sockets.push(socket);
      return socket;
    };
    before(async () => {
      host = await startHost(framework, options, { controllers: [Other] });
    });
    after(async () => {
      for (const socket of sockets) socket.disconnect();
      await host.close();
    });

    it('leave one record each, refused ones too', async () => {
      const one = open('k');
      assert.equal((await one.emitWithAck('subscribe', { workspaceId: 'ws_mine' })).ok, true);
      assert.equal((await one.emitWithAck('subscribe', { workspaceId: 'ws_theirs' })).ok, false);
      assert.equal((await one.emitWithAck('subscribe', { workspaceId: 7 })).ok, false);
      assert.equal((await one.emitWithAck('subscribeProjects', { projectNumbers: [7] })).ok, true);
      // What is written by then is shown to who asks next.
      await host.trail.flush();
      assert.equal((await one.emitWithAck('subscribeProjects', { projectNumbers: [7, 8] })).ok, false);
      await one.emitWithAck('unsubscribe', { workspaceId: 'ws_mine' });
      await new Promise((resolve) => open().once('connect_error', resolve));
      const records = await told(host);
      assert.deepEqual(records.map(brief), [
        ['audit.subscribed', 200, 'success', 'workspace ws_mine', 0],
        ['audit.subscribed', 403, 'denied', 'workspace ws_theirs', 0],
        ['audit.subscribed', 400, 'failure', 'audit_history null', 0],
        ['audit.subscribed', 200, 'success', 'project 7', 0],
        ['audit.subscribed', 403, 'denied', 'audit_history null', 1],
        ['audit.subscribed', 403, 'denied', 'audit_history null', 0],
      ]);
      assert.deepEqual(records[4]?.metadata?.projectNumbers, [7, 8]);
      assert.deepEqual(
        records.map(({ actor_type }) => actor_type),
        ['api_key', 'api_key', 'api_key', 'api_key', 'api_key', 'anonymous'],
      );
      assert.deepEqual([records[0]?.api_endpoint, records[0]?.workspace_id], ['/orchestration/', 'ws_mine']);
      assert.equal(records[1]?.error?.code, 'TT_READ_FORBIDDEN');
    });
  });
}
