// One NestJS app on Express for the bench, in a process of its own: `off` without audit, `tasktrail` with it, `mongoose` with what a host writes
// without us. It answers { measure } with the CPU time of its main thread, in µs, once nothing that earlier requests caused is left to do.
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import v8 from 'node:v8';
import vm from 'node:vm';

const require = createRequire(import.meta.url);
const { Controller, HttpCode, Module, Post } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');

const [mode, uri] = process.argv.slice(2);

v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc');

class TasksController {
  create() {
    return { id: 'task-1', status: 'done' };
  }
}
const create = Object.getOwnPropertyDescriptor(TasksController.prototype, 'create');
for (const decorate of [Post(), HttpCode(201)]) decorate(TasksController.prototype, 'create', create);
Controller('tasks')(TasksController);

/** What the modes differ in. */
const modes = {
  off: async () => ({ imports: [], settle: async () => {}, stored: async () => 0 }),

  tasktrail: async () => {
    const { TasktrailModule, TRAIL } = require('@tasktrail/node/nestjs');
    let trail;
    return {
      imports: [TasktrailModule.forRoot({ url: uri })],
      prepare: (app) => (trail = app.get(TRAIL)),
      settle: () => trail.flush(60_000),
      // Beside the calls there is the trail's own `audit.started`.
      stored: async () => trail.stats().stored - 1,
    };
  },

  // No redaction, no summary and fewer fields, which is in its favour.
  mongoose: async () => {
    const mongoose = require('mongoose');
    const connection = await mongoose.createConnection(uri).asPromise();
    const schema = new mongoose.Schema(
      {
        timestamp: { type: Date, index: true },
        api_endpoint: String,
        http_method: String,
        workspace_id: { type: String, index: true },
        worktree_path: String,
        project_number: { type: Number, index: true },
        request_id: String,
        operation_type: String,
        request_summary: mongoose.Schema.Types.Mixed,
        response_status: Number,
        duration_ms: Number,
        actor: String,
        expires_at: { type: Date, expires: 0 },
      },
      { collection: 'audit_history', versionKey: false },
    );
    const Audit = connection.model('Audit', schema);
    await Audit.init();
    let pending = 0;
    const record = (request, response, began) => {
      const { headers } = request;
      pending++;
      Audit.create({
        timestamp: new Date(),
        api_endpoint: request.originalUrl,
        http_method: request.method,
        workspace_id: headers['x-workspace-id'],
        worktree_path: headers['x-worktree-path'],
        project_number: request.body?.projectNumber,
        request_id: headers['x-request-id'],
        operation_type: 'task.created',
        request_summary: request.body,
        response_status: response.statusCode,
        duration_ms: performance.now() - began,
        actor: 'api-key',
        expires_at: new Date(Date.now() + 90 * 86_400_000),
      }).then(
        () => pending--,
        (fault) => {
          console.error(fault);
          process.exit(1);
        },
      );
    };
    return {
      imports: [],
      prepare: (app) =>
        app.use((request, response, next) => {
          const began = performance.now();
          response.on('finish', () => record(request, response, began));
          next();
        }),
      settle: async () => {
        while (pending > 0) await new Promise((resolve) => setTimeout(resolve, 2));
      },
      stored: () => Audit.countDocuments(),
    };
  },
};

const { imports, prepare, settle, stored } = await modes[mode]();
class App {}
Module({ imports, controllers: [TasksController] })(App);
const app = await NestFactory.create(App, { logger: ['error'] });
prepare?.(app);
await app.listen(0, '127.0.0.1');

const thread = `/proc/self/task/${process.pid}/schedstat`;
process.on('message', async (message) => {
  if (message === 'stored') return process.send({ stored: await stored() });
  await settle();
  if (message === 'collect') gc();
  // The kernel brings a thread's figure up to date when it goes to sleep.
  await new Promise((resolve) => setTimeout(resolve, 2));
  process.send({ cpu: Number(readFileSync(thread, 'utf8').split(' ')[0]) / 1_000 });
});
process.on('disconnect', () => process.exit());
process.send({ port: app.getHttpServer().address().port });
