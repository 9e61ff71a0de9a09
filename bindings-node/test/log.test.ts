// What the library says goes to the host's own log.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Controller, Module, Post, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { onLog, Trail, type LogLine } from '@tasktrail/node';
import { TasktrailModule } from '@tasktrail/node/nestjs';
import { call } from './http';
import { until } from './until';

/** Nobody listens there. */
const AWAY = 'mongodb://127.0.0.1:9/nowhere?serverSelectionTimeoutMS=200';

@Controller('orders')
class OrdersController {
  @Post()
  create(): object {
    return {};
  }
}

describe('the log', () => {
  it('tells who listens of an outage and of what is lost in it, until told to stop', async () => {
    const lines: LogLine[] = [];
    const stop = onLog((line) => lines.push(line));
    const trail = await Trail.open(AWAY, { degradedStart: true, openTimeoutMs: 300, fallbackCapacity: 100 });
    for (let n = 0; n < 300; n++) trail.record({ method: 'POST', path: `/things/${n}` });
    const said = (part: string) => lines.some(({ level, message }) => level === 'warn' && message.includes(part));
    await until('the outage is said', () => said('the audit store'));
    await until('the loss is said', () => said('are being dropped'));
    const client = lines.find(({ message }) => message.includes('does not say its workspace'));
    assert.equal(client?.level, 'warn');
    stop();
    const heard = lines.length;
    await trail.close(100);
    assert.equal(lines.length, heard);
  });

  it('is Nest’s, once for all applications of the process', async () => {
    const lines: unknown[][] = [];
    const logger: LoggerService = {
      log: (...line: unknown[]) => lines.push(line),
      warn: (...line: unknown[]) => lines.push(line),
      error: (...line: unknown[]) => lines.push(line),
    };
    const start = async () => {
      @Module({
        imports: [TasktrailModule.forRoot({ url: 'memory:', gateway: false })],
        controllers: [OrdersController],
      })
      class App {}
      const app = await NestFactory.create(App, new ExpressAdapter(), { logger, forceCloseConnections: true });
      await app.listen(0, '127.0.0.1');
      return app;
    };
    const apps = [await start(), await start()];
    const said = () => lines.filter(([text]) => String(text).includes('does not say its workspace'));
    try {
      await call(`${await apps[0]!.getUrl()}/orders`, { body: {} });
      await until('the client is told of', () => said().length > 0);
    } finally {
      for (const app of apps) await app.close();
    }
    assert.deepEqual(
      said().map((line) => line.at(-1)),
      ['Tasktrail'],
    );
  });
});
