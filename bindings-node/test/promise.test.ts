// What the module promises of each call: that it is recorded safely, and with what its handler knows.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { Trail } from '@tasktrail/node';
import { Audit, InjectTrail } from '@tasktrail/node/nestjs';
import { call } from './http';
import { startHost } from './kinds';
import { until } from './until';

const folder = mkdtempSync(join(tmpdir(), 'tasktrail-promise-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let handled = 0;

@Controller('orders')
class OrdersController {
  constructor(@InjectTrail() private readonly trail: Trail) {}

  @Post()
  async create(@Body() body: { id?: string }): Promise<object> {
    handled++;
    await new Promise((resolve) => setImmediate(resolve));
    const context = this.trail.context();
    context.target = { type: 'order', id: body.id ?? 'none' };
    context.workspaceId = 'ws_of_the_handler';
    context.metadata = { total: 12 };
    return { id: body.id };
  }

  @Post('odd')
  odd(): object {
    // Nothing that can be written as JSON.
    this.trail.context().metadata = { big: 1n };
    return {};
  }

  @Post(':number/pay')
  @Audit({ operation: 'order.paid', target: { type: 'order', param: 'number' } })
  pay(@Param('number') number: string): object {
    return { number };
  }

  @Post('stream')
  stream(@Res() response: { raw?: object; hijack?(): void }): void {
    response.hijack?.();
    const raw = (response.raw ?? response) as import('node:http').ServerResponse;
    raw.writeHead(200, { 'Content-Type': 'text/plain' });
    raw.write('one ');
    raw.end('two');
  }

  @Post('refused')
  refused(@Res() response: { raw?: object; hijack?(): void }): void {
    response.hijack?.();
    const raw = (response.raw ?? response) as import('node:http').ServerResponse;
    // No status of HTTP.
    raw.writeHead(99);
    raw.end('never');
  }

  @Get()
  list(): object[] {
    return [];
  }
}

const controllers = [OrdersController];
// Nobody listens there.
const away = 'mongodb://127.0.0.1:1/audit';

for (const framework of ['express', 'fastify'] as const) {
  describe(`promises on ${framework}`, () => {
    it('puts on the record what the handler says of its call', async () => {
      const host = await startHost(framework, { url: 'memory:', gateway: false }, { controllers });
      try {
        await call(`${host.url}/orders`, { body: { id: 'o-1' }, headers: { 'x-workspace-id': 'ws_of_the_header' } });
        await call(`${host.url}/orders/17/pay`, { body: {}, headers: { 'x-workspace-id': 'ws_b' } });
        const odd = await call(`${host.url}/orders/odd`, { body: {}, headers: { 'x-workspace-id': 'ws_c' } });
        assert.equal(odd.status, 201);
        await host.trail.flush();
        const [created] = (await host.trail.query({ workspaceId: 'ws_of_the_handler' })).items;
        assert.deepEqual([created?.target_type, created?.target_id], ['order', 'o-1']);
        assert.equal(JSON.stringify(created?.metadata), '{"total":12}');
        const [paid] = (await host.trail.query({ workspaceId: 'ws_b' })).items;
        assert.deepEqual([paid?.operation_type, paid?.target_type, paid?.target_id], ['order.paid', 'order', '17']);
        assert.equal((await host.trail.query({ workspaceId: 'ws_c' })).total, 1);
        // Outside of a call it is nobody's.
        host.trail.context().workspaceId = 'ws_nobody';
        assert.equal(host.trail.context().workspaceId, undefined);
      } finally {
        await host.close();
      }
    });

    it('answers a strict call once its record is safe', async () => {
      const spool = join(folder, `${framework}-strict`);
      const host = await startHost(framework, { url: away, spool, mode: 'strict', gateway: false }, { controllers });
      try {
        for (let n = 1; n <= 20; n++) {
          const { status, body } = await call(`${host.url}/orders`, { body: { id: `o-${n}` } });
          assert.deepEqual([status, body], [201, { id: `o-${n}` }]);
          assert.ok(host.trail.stats().spooled >= n, `${host.trail.stats().spooled} on disk after ${n} answers`);
        }
        const streamed = await fetch(`${host.url}/orders/stream`, { method: 'POST' });
        assert.equal(await streamed.text(), 'one two');
        // What Node refuses when it is sent ends that connection and nothing else.
        await assert.rejects(fetch(`${host.url}/orders/refused`, { method: 'POST' }));
        await host.trail.close(0);
        const unrecorded = await call(`${host.url}/orders`, { body: {} });
        assert.deepEqual([unrecorded.status, unrecorded.body.code], [500, 'TT_AUDIT_UNRECORDED']);
        assert.match(unrecorded.body.message, /took place/);
        assert.equal((await call(`${host.url}/orders`)).status, 200);
      } finally {
        await host.close();
      }
    });

    it('makes no call that could not be recorded, where it fails closed', async () => {
      const options = { url: away, spool: false, failClosed: true, gateway: false } as const;
      const host = await startHost(framework, options, { controllers });
      try {
        const before = handled;
        const { status, body } = await call(`${host.url}/orders`, { body: {} });
        assert.deepEqual([status, body.statusCode, body.code], [503, 503, 'TT_AUDIT_UNAVAILABLE']);
        assert.equal(handled, before);
        assert.equal((await call(`${host.url}/orders`)).status, 200);
        assert.ok(host.trail.stats().seen >= 2, 'the refused call is counted');
      } finally {
        await host.close();
      }
    });

    it('has a spool when nobody names one, and none for a store in memory', async () => {
      const host = await startHost(framework, { url: `sqlite:${join(folder, `${framework}.db`)}` }, { controllers });
      const state = join(process.env.XDG_STATE_HOME ?? '', 'tasktrail', 'spool');
      // A busy disk may keep the first write for longer than the module waits for it.
      await until('the store is open', () => host.trail.stats().store === 'open');
      await host.close();
      if (process.platform === 'linux') assert.ok(existsSync(state), state);
    });

    it('has what was recorded in the store when the response ends, where it flushes before', async () => {
      const options = { url: 'memory:', flushBeforeResponse: true, gateway: false, batchDelayMs: 1_000 } as const;
      const host = await startHost(framework, options, { controllers });
      try {
        for (let n = 0; n < 3; n++) await call(`${host.url}/orders/${n}/pay`, { body: {} });
        assert.equal((await host.trail.query({ operationType: 'order.paid' })).total, 3);
      } finally {
        await host.close();
      }
    });
  });
}
