// One NestJS app on Express, in a process of its own: `app.mjs MODE STORE_URL FOLDER OPTIONS_JSON`. It answers `measure` and `stored`, each once
// nothing that earlier requests caused is left to do.
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { peers } from './peers.mjs';

const require = createRequire(import.meta.url);
const { Controller, HttpCode, Module, Post, Req } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');

const [mode, url, folder, optionsJson] = process.argv.slice(2);
const { bodyParser = true } = JSON.parse(optionsJson);

const ANSWER = { id: 'task-1', status: 'done' };

class TasksController {
  create() {
    return ANSWER;
  }

  /** Lets a body go by that nobody parses. */
  upload(request) {
    return new Promise((resolve) => request.resume().on('end', () => resolve(ANSWER)));
  }
}
const { prototype } = TasksController;
const decorate = (name, ...decorators) => {
  for (const decorator of decorators) decorator(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
};
decorate('create', Post(), HttpCode(201));
decorate('upload', Post('upload'), HttpCode(201));
Req()(prototype, 'upload', 0);
Controller('tasks')(TasksController);

const settled = async () => {};
const none = async () => 0;

async function tasktrail(options) {
  const { TasktrailModule, TRAIL } = require('@tasktrail/node/nestjs');
  let trail;
  return {
    imports: [TasktrailModule.forRoot({ url, spool: join(folder, `spool-${mode}-${process.pid}`), ...options })],
    prepare: (app) => (trail = app.get(TRAIL)),
    settle: () => trail.flush(60_000),
    waiting: () => trail.stats().queued + trail.stats().inFlight + trail.stats().spooled,
    // Beside the calls there is the trail's own `audit.started`.
    stored: async () => trail.stats().stored - 1,
  };
}

/** A peer records from the same kind of hook: the end of the response. */
async function peer(make) {
  const { record, settle, waiting, stored } = await make(url);
  return {
    imports: [],
    prepare: (app) =>
      app.use((request, response, next) => {
        const began = performance.now();
        response.on('finish', () => record(request, response, began));
        next();
      }),
    settle,
    waiting,
    stored,
  };
}

const modes = {
  off: async () => ({ imports: [], settle: settled, stored: none }),
  tasktrail: () => tasktrail({}),
  strict: () => tasktrail({ mode: 'strict' }),
  live: () => tasktrail({ rateLimit: { reads: false, events: false } }),
  ...Object.fromEntries(Object.entries(peers).map(([name, make]) => [name, () => peer(make)])),
};

const { imports, prepare, settle, waiting = () => 0, stored } = await modes[mode]();
class App {}
Module({ imports, controllers: [TasksController] })(App);
const app = await NestFactory.create(App, { logger: ['error'], bodyParser });
prepare?.(app);
await app.listen(0, '127.0.0.1');

const thread = `/proc/self/task/${process.pid}/schedstat`;
process.on('message', async (message) => {
  const left = waiting();
  await settle();
  if (message === 'stored') return process.send({ stored: await stored() });
  // The kernel brings a thread's figure up to date when it goes to sleep.
  await new Promise((resolve) => setTimeout(resolve, 2));
  // CPU time of the main thread, in µs, and what was still to be written when it was asked.
  process.send({ cpu: Number(readFileSync(thread, 'utf8').split(' ')[0]) / 1_000, left });
});
process.on('disconnect', () => process.exit());
process.send({ port: app.getHttpServer().address().port });
