// A real API in a process of its own: `node host.mjs PORT OPTIONS`, the options being those of TasktrailModule as JSON. It says its port
// when it listens, and ends when its standard input does.
import 'reflect-metadata';
import nest from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SkipAudit, TasktrailModule, TRAIL } from '@tasktrail/node/nestjs';

const [port, text] = process.argv.slice(2);
const { key, ...options } = JSON.parse(text);

/** Records many calls at once, faster than they could be made. */
class ManyController {
  constructor(trail) {
    this.trail = trail;
  }

  async many({ count, workspaceId, from }) {
    for (let n = 0; n < count; n++)
      this.trail.record({ method: 'POST', path: `/things/${from + n}`, status: 201, workspaceId });
    await this.trail.flush(20_000);
    return {};
  }
}
nest.Controller('many')(ManyController);
nest.Inject(TRAIL)(ManyController, undefined, 0);
nest.Body()(ManyController.prototype, 'many', 0);
const many = Object.getOwnPropertyDescriptor(ManyController.prototype, 'many');
nest.Post()(ManyController.prototype, 'many', many);
SkipAudit()(ManyController.prototype, 'many', many);

class AppModule {}
nest.Module({
  imports: [
    TasktrailModule.forRoot({
      ...options,
      ...(key && { authorize: ({ apiKey }) => apiKey === key }),
      ...(options.gateway !== false && { gateway: { cors: { origin: '*' } } }),
    }),
  ],
  controllers: [ManyController],
})(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error', 'fatal'], forceCloseConnections: true });
app.enableCors({ origin: '*' });
await app.listen(Number(port), '127.0.0.1');
process.stdout.write(`${app.getHttpServer().address().port}\n`);
process.stdin.once('end', () => void app.close().then(() => process.exit(0)));
process.stdin.resume();
