// What one audited 1 KB POST costs the JavaScript thread, in a live NestJS app on Express: Tasktrail, and beside it a Mongoose `create()`
// that is not awaited, behind the same kind of hook. `MONGODB_URI=… npm run bench [-- --quick] [--rounds N] [--requests N] [--json FILE]`.
//
// Three apps (without audit, with Tasktrail, with Mongoose), each in a process of its own, are loaded in turn from a fourth, in an order
// that rotates. The figure is CPU time of an app's main thread alone, from the kernel; a batch ends when nothing that it caused is left to
// do on that thread. Added time is that of a batch minus that of the same round's batch without audit.
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    requests: { type: 'string', default: '400' },
    json: { type: 'string' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 20 : 80));
const requests = Number(values.requests);
const CONNECTIONS = 10;
const WARM_UP = 5_000;
const uri = process.env.MONGODB_URI;
if (!uri || process.platform !== 'linux') {
  console.error(
    uri
      ? 'the CPU time of one thread is read from /proc, which only Linux has'
      : 'MONGODB_URI names the MongoDB to write to; databases named tt_bench_… are made in it and dropped',
  );
  process.exit(2);
}
const database = (name) => {
  const url = new URL(uri);
  url.pathname = `/tt_bench_${name}_${process.pid}`;
  return url.href;
};

const here = dirname(fileURLToPath(import.meta.url));
const heard = (child) =>
  new Promise((resolve, reject) => {
    const exited = () => reject(new Error('a process of the bench has ended'));
    child.once('exit', exited);
    child.once('message', (message) => {
      child.off('exit', exited);
      resolve(message);
    });
  });
const ask = (child, message) => {
  child.send(message);
  return heard(child);
};

const load = fork(join(here, 'load.mjs'));
const { bytes } = await heard(load);
const names = ['off', 'tasktrail', 'mongoose'];
const apps = {};
for (const name of names) {
  const child = fork(join(here, 'server.mjs'), [name, database(name)]);
  apps[name] = { child, port: (await heard(child)).port };
}

/** Main-thread CPU time of one request, in µs. */
async function batch(name, count = requests) {
  const { child, port } = apps[name];
  const { cpu: before } = await ask(child, 'collect');
  const { fault } = await ask(load, { port, requests: count, connections: CONNECTIONS });
  if (fault) throw new Error(fault);
  const { cpu: after } = await ask(child, 'measure');
  return (after - before) / count;
}

console.error(`warming up: 3 x ${WARM_UP} requests of ${bytes} bytes`);
for (const name of names) await batch(name, WARM_UP);
const samples = Object.fromEntries(names.map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (let n = 0; n < names.length; n++) {
    const name = names[(n + round) % names.length];
    samples[name].push(await batch(name));
  }
  process.stderr.write(`\rround ${round + 1} of ${rounds}`);
}
process.stderr.write('\n');

const sent = rounds * requests + WARM_UP;
const stored = {};
for (const name of names) ({ stored: stored[name] } = await ask(apps[name].child, 'stored'));

const sort = (list) => [...list].sort((a, b) => a - b);
const median = (list) => {
  const sorted = sort(list);
  const half = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
};
/** Interval that holds the median with 95 % confidence, from order statistics. */
const interval = (list) => {
  const sorted = sort(list);
  const low = Math.max(0, Math.floor(sorted.length / 2 - 0.98 * Math.sqrt(sorted.length)));
  return [sorted[low], sorted[sorted.length - 1 - low]];
};
const show = (list, digits = 1) => {
  const [low, high] = interval(list);
  return `${median(list).toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
};
const added = (name) => samples[name].map((value, round) => value - samples.off[round]);
const [ours, peer] = [added('tasktrail'), added('mongoose')];
const ratio = median(ours) / median(peer);

console.log(
  `Main-thread CPU time a request, µs: median of ${rounds} rounds of ${requests} requests (95 % interval); ${bytes}-byte POST`,
);
console.log('| | total | added |');
console.log('| --- | --- | --- |');
console.log(`| without audit | ${show(samples.off)} | |`);
console.log(`| Tasktrail | ${show(samples.tasktrail)} | ${show(ours)} |`);
console.log(`| Mongoose create(), not awaited | ${show(samples.mongoose)} | ${show(peer)} |`);
console.log(
  `\nRatio of the added medians: ${ratio.toFixed(3)}. Stored: ${stored.tasktrail} and ${stored.mongoose} of ${sent} each.`,
);

if (values.json) {
  const figure = {
    name: 'added main-thread CPU time of one audited 1 KB POST',
    ours: median(ours),
    peer: median(peer),
    peer_name: 'Mongoose create(), not awaited',
    ratio,
    goal: '<= 0.05',
    unit: 'µs',
    holds: ratio <= 0.05,
    note:
      `NestJS on Express, ${rounds} interleaved rounds of ${requests} requests, ${CONNECTIONS} connections; ` +
      `95 % intervals: ours ${show(ours)}, peer ${show(peer)}, without audit ${show(samples.off)}`,
  };
  writeFileSync(values.json, `${JSON.stringify([figure], null, 2)}\n`);
}

load.kill();
for (const { child } of Object.values(apps)) {
  child.disconnect();
  await new Promise((resolve) => child.once('exit', resolve));
}
const mongoose = createRequire(import.meta.url)('mongoose');
for (const name of ['tasktrail', 'mongoose']) {
  const connection = await mongoose.createConnection(database(name)).asPromise();
  await connection.dropDatabase();
  await connection.close();
}
process.exit(stored.tasktrail === sent && stored.mongoose === sent ? 0 : 1);
