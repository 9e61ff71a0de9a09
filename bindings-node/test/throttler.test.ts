import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Controller, Module, Post } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { call, taskStarted } from './http';
import { startHost } from './kinds';

@Controller('orders')
class OrdersController {
  @Post()
  create(): object {
    return {};
  }
}

/** As a host does it: three calls a minute of each route, whoever makes them. */
@Module({
  imports: [ThrottlerModule.forRoot([{ ttl: 60_000, limit: 3 }])],
  providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
})
class Throttled {}

for (const framework of ['express', 'fastify'] as const) {
  describe(`a throttler of the host's own on ${framework}`, () => {
    it('refuses calls, which leave one record each, and goes for the routes of the module too', async () => {
      const host = await startHost(
        framework,
        { url: 'memory:', gateway: false, rateLimit: { reads: 2 }, auditReads: true },
        { controllers: [OrdersController], imports: [Throttled] },
      );
      try {
        const headers = { 'x-workspace-id': 'ws_t' };
        const send = async (path: string, body?: object) => {
          const { status, headers: told, body: answer } = await call(host.url + path, { body, headers });
          if (status === 429) assert.ok(Number(told.get('retry-after')) >= 1, `Retry-After of ${path}`);
          return [status, status === 429 ? (answer.code ?? answer.message) : undefined];
        };
        const four = async (path: string, body?: object) => {
          const answers = [];
          for (let n = 0; n < 4; n++) answers.push(await send(path, body));
          return answers;
        };
        const theirs = [429, 'ThrottlerException: Too Many Requests'];
        const times = (count: number, status: number) => new Array(count).fill([status, undefined]);
        assert.deepEqual(await four('/orders', {}), [...times(3, 201), theirs]);
        assert.deepEqual(await four('/api/events/project', taskStarted('1')), [...times(3, 202), theirs]);
        // Two buckets beside each other: ours has two reads, that of the host three.
        assert.deepEqual(await four('/api/audit-history'), [...times(2, 200), [429, 'TT_RATE_LIMITED'], theirs]);
        await host.trail.flush();
        const { items } = await host.trail.query({ workspaceId: 'ws_t', order: 'asc' });
        const brief = items.map((record) => [record.operation_type, record.response_status, record.outcome]);
        const denied = (operation: string) => [operation, 429, 'denied'];
        assert.deepEqual(brief, [
          ...new Array(3).fill(['order.created', 201, 'success']),
          denied('order.created'),
          ...new Array(3).fill(['task.started', 202, 'success']),
          denied('event.posted'),
          ...new Array(2).fill(['audit.read', 200, 'success']),
          denied('audit.read'),
          denied('audit.read'),
        ]);
        assert.equal(items[3]?.error?.message, theirs[1]);
      } finally {
        await host.close();
      }
    });
  });
}
