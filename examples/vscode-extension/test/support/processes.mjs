// Child processes of the tests: each leads a group of its own, which ends with it and with the tests.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const GRACE_MS = 10_000;
const running = new Set();

process.on('exit', () => {
  for (const child of running) signal(child, 'SIGKILL');
});
// By itself, a signal ends the process without an `exit`.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => process.exit(1));

export function start(command, args, { log, ...options }) {
  const output = openSync(log, 'a');
  const child = spawn(command, args, {
    ...options,
    detached: true,
    stdio: ['ignore', options.stdout ?? output, output],
  });
  closeSync(output);
  running.add(child);
  child.ended = new Promise((resolve) => {
    child.on('error', (fault) => resolve(fault));
    child.on('close', () => resolve(undefined));
  }).finally(() => running.delete(child));
  return child;
}

/** Asks the process to end; kills its group when it does not listen. */
export async function stop(child, first = 'SIGTERM') {
  if (!child || !running.has(child)) return;
  signal(child, first);
  await Promise.race([child.ended, sleep(GRACE_MS, undefined, { ref: false })]);
  signal(child, 'SIGKILL');
  await child.ended;
}

function signal(child, name) {
  try {
    if (child.pid) process.kill(-child.pid, name);
  } catch {
    // The group has gone already.
  }
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks again until it holds; what it was at last is in the error. */
export async function until(what, holds, limitMs = 60_000) {
  const end = Date.now() + limitMs;
  let last;
  for (;;) {
    try {
      last = await holds();
      if (last) return last;
    } catch (fault) {
      last = fault;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${limitMs} ms (${String(last)})`);
    await sleep(50);
  }
}
