// The processes of the bench: each app, and the load, in one of its own.
import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** A process that answers each message with one. */
class Child {
  #process;

  constructor(file, args) {
    this.#process = fork(join(here, file), args);
  }

  heard() {
    return new Promise((resolve, reject) => {
      const exited = () => reject(new Error('a process of the bench has ended'));
      this.#process.once('exit', exited);
      this.#process.once('message', (message) => {
        this.#process.off('exit', exited);
        if (message.fault) reject(new Error(message.fault));
        else resolve(message);
      });
    });
  }

  ask(message) {
    this.#process.send(message);
    return this.heard();
  }

  async end() {
    if (this.#process.exitCode !== null) return;
    const exited = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.disconnect();
    await exited;
  }
}

/** Runs work with processes that end with it, whatever happens. */
export async function withChildren(work) {
  const children = [];
  const start = async (file, args = []) => {
    const child = new Child(file, args);
    children.push(child);
    return Object.assign(child, await child.heard());
  };
  try {
    return await work(start);
  } finally {
    await Promise.all(children.map((child) => child.end()));
  }
}

/** Starts an app of `app.mjs` for each mode: `{ mode: app }`. */
export async function startApps(start, bench, modes, options = {}) {
  const apps = {};
  for (const mode of modes) {
    apps[mode] = await start('app.mjs', [mode, bench.database(mode), bench.folder, JSON.stringify(options)]);
  }
  return apps;
}

/** The modes in an order that rotates from round to round, so that none has a place of its own. */
export function* turns(modes, rounds) {
  for (let round = 0; round < rounds; round++) {
    for (let n = 0; n < modes.length; n++) yield [modes[(n + round) % modes.length], round];
  }
}
