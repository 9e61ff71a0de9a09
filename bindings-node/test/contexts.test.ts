// `trail.context()` where nobody has said that it will be asked for. Each test file is a process of its own, and so is what it wants.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Controller, Post } from '@nestjs/common';
import { contextsAreWanted, type AuditRecord, type Trail } from '@tasktrail/node';
import { TRAIL } from '@tasktrail/node/nestjs';
import { call } from './http';
import { startHost, type Host } from './kinds';

let trail: Trail;

/** It has the trail from nobody who could have been asked. */
@Controller('orders')
class OrdersController {
  @Post()
  async create(): Promise<object> {
    await new Promise((resolve) => setImmediate(resolve));
    trail.context().metadata = { total: 12 };
    return {};
  }
}

async function ordered(host: Host): Promise<AuditRecord> {
  await call(`${host.url}/orders`, { body: {}, headers: { 'x-workspace-id': 'ws' } });
  await trail.flush();
  return (await trail.query({ workspaceId: 'ws', limit: 1 })).items[0] as AuditRecord;
}

describe('the context of a call', () => {
  const isCheap = contextsAreWanted();

  it('that nobody was known to ask for is kept from the second call on, which is said', { skip: isCheap }, async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const host = await startHost('express', { url: 'memory:' }, { controllers: [OrdersController] });
    trail = host.app.get(TRAIL);
    try {
      assert.equal(contextsAreWanted(), false);
      assert.equal((await ordered(host)).metadata?.['total'], undefined);
      const { message, code } = (await warned) as Error & { code?: string };
      assert.deepEqual([code, /trail\.context\(\)/.test(message)], ['TT_CONTEXT_LATE', true]);
      assert.equal((await ordered(host)).metadata?.['total'], 12);
    } finally {
      await host.close();
    }
  });

  it('is kept for who says so in the options', async () => {
    const host = await startHost('fastify', { url: 'memory:', context: true }, { controllers: [OrdersController] });
    trail = host.app.get(TRAIL);
    try {
      assert.equal((await ordered(host)).metadata?.['total'], 12);
    } finally {
      await host.close();
    }
  });
});
