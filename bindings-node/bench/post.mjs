// What one audited 1 KB POST costs the JavaScript thread, in a live NestJS app on Express: Tasktrail, and beside it a Mongoose `create()`
// that is not awaited, behind the same kind of hook. `MONGODB_URI=… npm run bench [-- --quick] [--rounds N] [--json FILE]`.
//
// Three apps in one process (without audit, with Tasktrail, with Mongoose) are loaded in turn from another process, in an order that
// rotates. The figure is CPU time of the main thread alone, from the kernel; a batch ends when nothing that it caused is left to do on
// that thread. Added time is that of a batch minus that of the same round's batch without audit.
import 'reflect-metadata';
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';

const require = createRequire(import.meta.url);
const { Controller, HttpCode, Module, Post } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const mongoose = require('mongoose');
const { TasktrailModule, TRAIL } = require('@tasktrail/node/nestjs');

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    json: { type: 'string' },
    requests: { type: 'string' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 8 : 24));
const requests = Number(values.requests ?? 1_000);
const CONNECTIONS = 10;
const uri = process.env.MONGODB_URI;
if (!uri) {
  console.error('MONGODB_URI names the MongoDB to write to; databases named tt_bench_… are made in it and dropped');
  process.exit(2);
}
if (process.platform !== 'linux') {
  console.error('the CPU time of one thread is read from /proc, which only Linux has');
  process.exit(2);
}
const database = (name) => {
  const url = new URL(uri);
  url.pathname = `/tt_bench_${name}_${process.pid}`;
  return url.href;
};

v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc');
const thread = `/proc/self/task/${process.pid}/schedstat`;
/** CPU time of this thread so far, in µs. */
const cpu = () => Number(readFileSync(thread, 'utf8').split(' ')[0]) / 1_000;

const decorate = (decorators, target, ...more) => decorators.forEach((decorator) => decorator(target, ...more));
class TasksController {
  create() {
    return { id: 'task-1', status: 'done' };
  }
}
decorate(
  [Post(), HttpCode(201)],
  TasksController.prototype,
  'create',
  Object.getOwnPropertyDescriptor(TasksController.prototype, 'create'),
);
Controller('tasks')(TasksController);

async function start(imports, prepare) {
  class App {}
  Module({ imports, controllers: [TasksController] })(App);
  const app = await NestFactory.create(App, { logger: ['error'] });
  prepare?.(app);
  await app.listen(0, '127.0.0.1');
  return { app, port: app.getHttpServer().address().port };
}

/** The peer: what a host writes without us. No redaction and no summary, which is in its favour. */
async function startMongoose() {
  const connection = await mongoose.createConnection(database('mongoose')).asPromise();
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
      metadata: mongoose.Schema.Types.Mixed,
      expires_at: { type: Date, expires: 0 },
    },
    { collection: 'audit_history', versionKey: false },
  );
  const Audit = connection.model('Audit', schema);
  await Audit.init();
  let pending = 0;
  const host = await start([], (app) => {
    app.use((request, response, next) => {
      const began = performance.now();
      response.on('finish', () => {
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
      });
      next();
    });
  });
  const settle = async () => {
    while (pending > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  return { ...host, settle, count: () => Audit.countDocuments(), connection };
}

const off = await start([]);
const ours = await start([TasktrailModule.forRoot({ url: database('tasktrail'), gateway: false })]);
const trail = ours.app.get(TRAIL);
ours.settle = () => trail.flush(30_000);
const peer = await startMongoose();
off.settle = async () => {};

const load = fork(join(dirname(fileURLToPath(import.meta.url)), 'load.mjs'));
const heard = () => new Promise((resolve) => load.once('message', resolve));
const { bytes } = await heard();

/** Main-thread CPU time of one request, in µs. */
async function batch(host) {
  gc();
  const before = cpu();
  load.send({ port: host.port, requests, connections: CONNECTIONS });
  const { fault } = await heard();
  if (fault) throw new Error(fault);
  await host.settle();
  return (cpu() - before) / requests;
}

const hosts = { off, ours, peer };
const names = Object.keys(hosts);
console.error(`warming up: 3 x ${3 * requests} requests of ${bytes} bytes`);
for (let n = 0; n < 3; n++) for (const name of names) await batch(hosts[name]);
const samples = { off: [], ours: [], peer: [] };
for (let round = 0; round < rounds; round++) {
  for (let n = 0; n < names.length; n++) {
    const name = names[(n + round) % names.length];
    samples[name].push(await batch(hosts[name]));
  }
  process.stderr.write(`\rround ${round + 1} of ${rounds}`);
}
process.stderr.write('\n');

const sent = (rounds + 3) * requests;
const stored = { ours: trail.stats().stored, peer: await peer.count() };
const median = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
};
/** Interval that holds the median with 95 % confidence, from order statistics. */
const interval = (list) => {
  const sorted = [...list].sort((a, b) => a - b);
  const spread = 0.98 * Math.sqrt(sorted.length);
  const low = Math.max(0, Math.floor(sorted.length / 2 - spread));
  return [sorted[low], sorted[sorted.length - 1 - low]];
};
const added = (name) => samples[name].map((value, round) => value - samples.off[round]);
const ratios = added('ours').map((value, round) => value / added('peer')[round]);
const show = (list, digits = 1) => {
  const [low, high] = interval(list);
  return `${median(list).toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
};

console.log(
  `Main-thread CPU time a request, µs; median of ${rounds} rounds of ${requests} requests, 95 % interval; ${bytes}-byte POST`,
);
console.log('| | total | added |');
console.log('| --- | --- | --- |');
console.log(`| without audit | ${show(samples.off)} | |`);
console.log(`| Tasktrail | ${show(samples.ours)} | ${show(added('ours'))} |`);
console.log(`| Mongoose create(), not awaited | ${show(samples.peer)} | ${show(added('peer'))} |`);
console.log(
  `\nTasktrail adds ${show(ratios, 3)} of what Mongoose adds. Stored: ${stored.ours - 1} of ${sent} and ${stored.peer} of ${sent}.`,
);

if (values.json) {
  const [mine, theirs] = [median(added('ours')), median(added('peer'))];
  const ratio = median(ratios);
  const figure = {
    name: 'added main-thread CPU time of one audited 1 KB POST',
    ours: mine,
    peer: theirs,
    peer_name: 'Mongoose create(), not awaited',
    ratio,
    goal: '<= 0.05',
    unit: 'µs',
    holds: ratio <= 0.05,
    note: `NestJS on Express, ${rounds} interleaved rounds of ${requests} requests, ${CONNECTIONS} connections; 95 % interval ours ${show(added('ours'))}, peer ${show(added('peer'))}, ratio ${show(ratios, 3)}`,
  };
  writeFileSync(values.json, `${JSON.stringify([figure], null, 2)}\n`);
}

load.kill();
const admin = await mongoose.createConnection(database('tasktrail')).asPromise();
await ours.app.close();
await Promise.all([admin.dropDatabase(), peer.connection.dropDatabase()]);
await Promise.all([admin.close(), peer.connection.close(), off.app.close(), peer.app.close()]);
process.exit(stored.ours - 1 === sent && stored.peer === sent ? 0 : 1);
