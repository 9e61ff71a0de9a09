// A NestJS application with the module's one line: one call is made, recorded, and read back over REST.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AuditRecord } from '@tasktrail/node';
import { Audit, TasktrailModule } from '@tasktrail/node/nestjs';

@Controller('orders')
class OrdersController {
  @Post()
  @Audit({ operation: 'order.placed' })
  place(@Body() order: { item: string }): { id: number; item: string } {
    return { id: 7, item: order.item };
  }
}

@Module({ imports: [TasktrailModule.forRoot({ url: 'sqlite:audit-nest.db' })], controllers: [OrdersController] })
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const headers = { 'content-type': 'application/json', 'x-workspace-id': 'ws_nest' };
  const body = JSON.stringify({ item: 'lamp', password: 'hunter2' });
  assert.equal((await fetch(`${url}/orders`, { method: 'POST', headers, body })).status, 201);

  let items: AuditRecord[] = [];
  for (const end = Date.now() + 5_000; items.length === 0 && Date.now() < end; await sleep(20)) {
    const answer = await fetch(`${url}/api/audit-history?workspaceId=ws_nest`);
    assert.equal(answer.status, 200);
    ({ items } = (await answer.json()) as { items: AuditRecord[] });
  }
  assert.equal(items.length, 1);
  assert.equal(items[0]?.operation_type, 'order.placed');
  assert.equal(items[0]?.response_status, 201);
  assert.deepEqual(items[0]?.request_summary, { item: 'lamp', password: '[redacted]' });
  await app.close();
  console.log('NestJS works');
}

void main();
