import 'reflect-metadata';
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import {
  Controller,
  Injectable,
  Module,
  Post,
  Req,
  UseGuards,
  VersioningType,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Trail } from '@tasktrail/node';
import {
  Audit,
  InjectTrail,
  SkipAudit,
  TasktrailModule,
  TRAIL,
  type TasktrailModuleOptions,
} from '@tasktrail/node/nestjs';
import { Registry } from 'prom-client';
import { call, taskStarted } from './http';
import { startHost } from './kinds';
import { until } from './until';

@Controller('orders')
@Audit({ level: 'metadata' })
class OrdersController {
  @Post()
  create(): object {
    return {};
  }

  @Post(':id/refund')
  @Audit({ operation: 'order.refunded' })
  refund(): object {
    return {};
  }

  @Post('secret')
  @SkipAudit()
  secret(): object {
    return {};
  }

  @Post('user')
  user(@Req() request: { user?: unknown }): object {
    request.user = { id: 'u-1' };
    return {};
  }
}

async function records(trail: Trail, workspaceId: string) {
  await trail.flush();
  return (await trail.query({ workspaceId })).items;
}

const controllers = [OrdersController];

for (const framework of ['express', 'fastify'] as const) {
  describe('metrics', () => {
    it('are those of the stats, in a registry of prom-client, for as long as the host runs', async () => {
      const registry = new Registry();
      const host = await startHost('express', { url: 'memory:', gateway: false, metrics: registry }, { controllers });
      try {
        for (let n = 0; n < 3; n++) await call(`${host.url}/orders`, { body: {}, headers: { 'x-workspace-id': 'ws' } });
        await call(`${host.url}/orders`, { body: {} });
        await host.trail.flush();
        await until('the store was looked at', () => host.trail.stats().size !== null);
        const text = await registry.metrics();
        const stats = host.trail.stats();
        const value = (name: string): number => {
          const line = text.split('\n').find((line) => line.startsWith(`${name} `));
          assert.ok(line, `${name} in\n${text}`);
          return Number(line.split(' ').at(-1));
        };
        assert.equal(value('tasktrail_records_total{fate="stored"}'), stats.stored);
        assert.equal(value('tasktrail_records_dropped_total{reason="queue_full"}'), 0);
        assert.equal(value('tasktrail_unknown_workspace_total'), 1);
        assert.equal(value('tasktrail_workspace_coverage_ratio'), stats.workspaceCoverage);
        assert.equal(value('tasktrail_store_up'), 1);
        assert.equal(value('tasktrail_store_records'), stats.size?.records);
        assert.equal(value('tasktrail_store_bytes'), stats.size?.bytes);
        // A store in memory has no indexes, and growth is not known before it was looked at for an hour.
        for (const unknown of ['tasktrail_store_index_bytes', 'tasktrail_store_growth_bytes_per_day']) {
          assert.match(text, new RegExp(`^# TYPE ${unknown} gauge$`, 'm'));
          assert.doesNotMatch(text, new RegExp(`^${unknown} `, 'm'));
        }
        assert.equal(value('tasktrail_lag_seconds_count'), stats.stored);
        assert.equal(value('tasktrail_lag_seconds_bucket{le="+Inf"}'), stats.stored);
        assert.match(text, /# TYPE tasktrail_insert_seconds histogram/);
      } finally {
        await host.close();
      }
      assert.equal(await registry.metrics(), '\n');
    });
  });

  describe(`the module on ${framework}`, () => {
    it('takes its options from a factory', async () => {
      @Injectable()
      class Settings {
        url = 'memory:';
      }
      @Module({ providers: [Settings], exports: [Settings] })
      class SettingsModule {}
      @Injectable()
      class Reporter {
        constructor(@InjectTrail() readonly trail: Trail) {}
      }
      @Module({
        imports: [
          TasktrailModule.forRootAsync({
            imports: [SettingsModule],
            inject: [Settings],
            path: 'audit',
            useFactory: async ({ url }: Settings) => ({ url, gateway: false, service: 'from-a-factory' }),
          }),
        ],
        controllers,
        providers: [Reporter],
      })
      class AppModule {}
      const adapter = framework === 'express' ? new ExpressAdapter() : new FastifyAdapter();
      const app: INestApplication = await NestFactory.create(AppModule, adapter, {
        logger: false,
        abortOnError: false,
      });
      await app.listen(0, '127.0.0.1');
      const { port } = app.getHttpServer().address() as AddressInfo;
      try {
        const trail = app.get(Reporter).trail;
        assert.equal(trail, app.get(TRAIL));
        await call(`http://127.0.0.1:${port}/orders`, { body: {}, headers: { 'x-workspace-id': 'ws_f' } });
        const [record] = await records(trail, 'ws_f');
        assert.equal(record?.service, 'from-a-factory');
        assert.equal((await call(`http://127.0.0.1:${port}/audit/audit-history/workspace/ws_f`)).body.total, 1);
      } finally {
        await app.close();
      }
    });

    it('asks the host who made a call, and goes on when the hook throws', async () => {
      const actor = (request: { user?: { id: string }; headers: Record<string, string> }) => {
        if (request.headers['x-how'] === 'throw') throw new Error('boom');
        if (request.headers['x-how'] === 'agent') return { id: 'a-1', type: 'agent' as const };
        return request.user?.id;
      };
      const host = await startHost(framework, { url: 'memory:', gateway: false, actor }, { controllers });
      try {
        const made = async (path: string, how: string) => {
          const workspace = `ws_${path}_${how}`;
          const headers = { 'x-workspace-id': workspace, 'x-how': how, 'x-api-key': 'k' };
          assert.equal((await call(`${host.url}/orders${path}`, { body: {}, headers })).status, 201);
          const [record] = await records(host.trail, workspace);
          return [record?.actor, record?.actor_type];
        };
        assert.deepEqual(await made('/user', 'user'), ['u-1', 'user']);
        assert.deepEqual(await made('', 'agent'), ['a-1', 'agent']);
        assert.equal((await made('', 'nobody'))[1], 'api_key');
        assert.equal((await made('', 'throw'))[1], 'api_key');
      } finally {
        await host.close();
      }
    });

    it('asks the host in the context that the host keeps for the call', async () => {
      const users = new AsyncLocalStorage<string>();
      const before = (app: INestApplication): void => {
        app.use((request: http.IncomingMessage, _response: unknown, next: () => void) =>
          users.run(String(request.headers['x-user']), next),
        );
      };
      const options = { url: 'memory:', gateway: false, actor: () => users.getStore() } as const;
      const host = await startHost(framework, options, { controllers, before });
      try {
        const names = Array.from({ length: 40 }, (_, at) => `user-${at}`);
        await Promise.all(
          names.map((name) => {
            const headers = { 'x-user': name, 'x-session-id': name, 'x-workspace-id': 'ws_users' };
            return call(`${host.url}/orders`, { body: {}, headers });
          }),
        );
        const found = await records(host.trail, 'ws_users');
        assert.deepEqual(
          found.map(({ session_id, actor }) => [session_id, actor]).sort(),
          names.map((name) => [name, name]).sort(),
        );
      } finally {
        await host.close();
      }
    });

    it('never breaks a response, whatever the trail does', async () => {
      const host = await startHost(framework, { url: 'memory:', gateway: false }, { controllers });
      try {
        const { recordTogether } = host.trail;
        const boom = () => {
          throw new Error('boom');
        };
        host.trail.recordTogether = boom;
        assert.equal((await call(`${host.url}/orders`, { body: {} })).status, 201);
        host.trail.recordTogether = (late) =>
          recordTogether.call(host.trail, { tell: boom, failed: (fault) => late.failed(fault) });
        assert.equal((await call(`${host.url}/orders`, { body: {} })).status, 201);
        assert.equal(host.trail.stats().seen, 1, 'its own start alone');
      } finally {
        await host.close();
      }
    });

    it('knows the rules of routes under prefix and version, also for a body that no handler saw', async () => {
      const before = (app: INestApplication): void => {
        app.setGlobalPrefix('api');
        app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      };
      const host = await startHost(framework, { url: 'memory:', gateway: false }, { controllers, before });
      try {
        const post = (path: string, workspace: string, text = '{"a":1}') =>
          call(`${host.url}/api/v1/orders${path}`, { text, headers: { 'x-workspace-id': workspace } });
        assert.equal((await post('/7/refund', 'ws_v1')).status, 201);
        const [refund] = await records(host.trail, 'ws_v1');
        assert.deepEqual([refund?.operation_type, refund?.request_summary], ['order.refunded', null]);
        assert.equal((await post('', 'ws_v2')).status, 201);
        assert.equal((await records(host.trail, 'ws_v2'))[0]?.request_summary, null);
        assert.equal((await post('/secret', 'ws_v3', '{"a"')).status, 400);
        assert.equal((await records(host.trail, 'ws_v3')).length, 0);
        assert.equal((await post('/7/refund', 'ws_v4', '{"a"')).status, 400);
        assert.equal((await records(host.trail, 'ws_v4'))[0]?.operation_type, 'order.refunded');
        // The module's own routes have no version, as its clients know none.
        assert.equal((await call(`${host.url}/api/audit-history`)).status, 200);
      } finally {
        await host.close();
      }
    });

    it('keeps of a route as much as `operations` says, unless its handler says it', async () => {
      @Injectable()
      class Refusing implements CanActivate {
        canActivate(context: ExecutionContext): boolean {
          return context.switchToHttp().getRequest().headers['x-denied'] === undefined;
        }
      }
      @Controller('vault')
      @UseGuards(Refusing)
      class VaultController {
        @Post('keys/:id')
        key(): object {
          return {};
        }

        @Post('keys/:id/rotate')
        rotate(): object {
          return {};
        }

        @Post('notes')
        note(): object {
          return {};
        }

        @Post('loud')
        @Audit({ level: 'summary' })
        loud(): object {
          return {};
        }

        @Post('named')
        @Audit({ operation: 'vault.opened' })
        named(): object {
          return {};
        }
      }
      const operations: TasktrailModuleOptions['operations'] = [
        { methods: 'POST', path: '/vault/keys/:id/rotate', operation: 'key.rotated', level: 'metadata' },
        { path: '/vault/notes', level: 'summary' },
        { path: '/vault/named', level: 'metadata' },
        { path: '/vault/*', level: 'none' },
      ];
      const host = await startHost(
        framework,
        { url: 'memory:', gateway: false, operations },
        { controllers: [VaultController] },
      );
      try {
        const kept = async (path: string, more: { text?: string; denied?: boolean } = {}) => {
          const workspace = `ws_${Math.random()}`;
          const headers = { 'x-workspace-id': workspace, ...(more.denied && { 'x-denied': 'yes' }) };
          await call(`${host.url}/vault${path}`, { text: more.text ?? '{"a":1}', headers });
          return (await records(host.trail, workspace)).map((record) => [
            record.operation_type,
            record.response_status,
            record.request_summary,
          ]);
        };
        assert.deepEqual(await kept('/keys/7'), []);
        assert.deepEqual(await kept('/keys/7', { text: '{"a"' }), []);
        assert.deepEqual(await kept('/keys/7', { denied: true }), [['key.created', 403, null]]);
        assert.deepEqual(await kept('/keys/7/rotate'), [['key.rotated', 201, null]]);
        assert.deepEqual(await kept('/notes'), [['note.created', 201, { a: 1 }]]);
        assert.deepEqual(await kept('/loud'), [['vault.loud', 201, { a: 1 }]]);
        assert.deepEqual(await kept('/named'), [['vault.opened', 201, null]]);
      } finally {
        await host.close();
      }
    });

    it('keeps the beginning of a large body, and counts all of it', async () => {
      const limit = 20 * 1_024 * 1_024;
      const before = (app: INestApplication): void => {
        if (framework === 'express') (app as NestExpressApplication).useBodyParser('json', { limit });
        else (app as NestFastifyApplication).useBodyParser('application/json', { bodyLimit: limit });
      };
      const host = await startHost(framework, { url: 'memory:', gateway: false }, { before });
      try {
        const { recordTogether } = host.trail;
        const handed: Array<[kept: number | undefined, counted: number | undefined]> = [];
        host.trail.recordTogether = (late) => {
          const told = late.tell();
          handed.push([told?.body?.length, told?.call.bodyBytes]);
          recordTogether.call(host.trail, { tell: () => told, failed: (fault) => late.failed(fault) });
        };
        const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(10 * 1_024 * 1_024) }));
        const send = (headers: http.OutgoingHttpHeaders): Promise<number | undefined> =>
          new Promise((resolve, reject) => {
            const request = http.request(
              `${host.url}/things/9`,
              {
                method: 'PUT',
                agent: false,
                headers: { 'content-type': 'application/json', 'x-workspace-id': 'ws_big', ...headers },
              },
              (response) => response.resume().on('end', () => resolve(response.statusCode)),
            );
            request.on('error', reject).end(body);
          });
        // In pieces nobody says beforehand how many bytes there will be.
        assert.equal(await send({ 'transfer-encoding': 'chunked' }), 200);
        assert.equal(await send({ 'content-length': body.length }), 200);
        assert.deepEqual(handed, new Array(2).fill([64 * 1_024, body.length]));
        for (const { redactions } of await records(host.trail, 'ws_big')) {
          assert.deepEqual([redactions?.original_bytes, redactions?.truncated], [body.length, true]);
        }
      } finally {
        await host.close();
      }
    });

    it('leaves out what is switched off', async () => {
      const off = { capture: false, reads: false, gateway: false } as const;
      const host = await startHost(framework, { url: 'memory:', ...off }, { controllers });
      try {
        await call(`${host.url}/orders`, { body: {}, headers: { 'x-workspace-id': 'ws_off' } });
        assert.equal((await call(`${host.url}/api/audit-history`)).status, 404);
        const notes = Array.from({ length: 20 }, () => 'x'.repeat(16_000));
        const event = { body: taskStarted('1', { notes }), headers: { 'x-workspace-id': 'ws_off' } };
        assert.equal((await call(`${host.url}/api/events/project`, event)).status, 202);
        assert.deepEqual(
          (await records(host.trail, 'ws_off')).map((record) => record.operation_type),
          ['task.started'],
        );
      } finally {
        await host.close();
      }
      const noEvents = await startHost(framework, { url: 'memory:', events: false, gateway: false }, { controllers });
      try {
        assert.equal((await call(`${noEvents.url}/api/events/project`, { body: taskStarted('1') })).status, 404);
      } finally {
        await noEvents.close();
      }
    });

    it('closes the trail with the application, and serves two applications in one process', async () => {
      const hosts = await Promise.all([1, 2].map(() => startHost(framework, { url: 'memory:' }, { controllers })));
      await Promise.all(
        hosts.map((host, at) => call(`${host.url}/orders`, { body: {}, headers: { 'x-workspace-id': `ws_${at}` } })),
      );
      for (const [at, host] of hosts.entries()) {
        assert.equal((await records(host.trail, `ws_${at}`)).length, 1);
        assert.equal((await records(host.trail, `ws_${1 - at}`)).length, 0);
      }
      await Promise.all(hosts.map((host) => host.close()));
      for (const { trail } of hosts) {
        assert.equal(trail.stats().seen, trail.stats().stored);
        await assert.rejects(trail.query(), { code: 'TT_CLOSED' });
      }
    });

    it('runs where there is no HTTP at all', async () => {
      @Module({ imports: [TasktrailModule.forRoot({ url: 'memory:' })] })
      class AppModule {}
      const context = await NestFactory.createApplicationContext(AppModule as Type, {
        logger: false,
        abortOnError: false,
      });
      const trail: Trail = context.get(TRAIL);
      trail.record({ method: 'POST', path: '/x', workspaceId: 'ws_job' });
      assert.equal((await records(trail, 'ws_job')).length, 1);
      await context.close();
    });
  });
}
