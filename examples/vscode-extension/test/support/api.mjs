// The example API as a process of its own, on a store of its own, and what an orchestrator posts to it.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, start, stop, until } from './processes.mjs';

const MAIN = fileURLToPath(new URL('../../../nest-api/dist/main.js', import.meta.url));
/** Events and reads are limited by key: with several keys, a test need not wait. */
const KEYS = Array.from({ length: 12 }, (_, index) => `key-${index}`);

export class Api {
  #store;
  #folder;
  #environment;
  #port;
  #process;
  #requests = 0;

  constructor(store, folder, environment = {}) {
    this.#store = store;
    this.#folder = folder;
    this.#environment = environment;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }
  get log() {
    return join(this.#folder, 'api.log');
  }

  /** Starts it, after a stop on the same port. */
  async start() {
    await mkdir(this.#folder, { recursive: true });
    this.#port ??= await freePort();
    this.#process = start(process.execPath, [MAIN], {
      log: this.log,
      cwd: this.#folder,
      env: {
        ...process.env,
        TASKTRAIL_URL: this.#store,
        PORT: String(this.#port),
        HOST: '127.0.0.1',
        API_KEYS: KEYS.join(','),
        XDG_STATE_HOME: this.#folder,
        NO_COLOR: '1',
        NODE_ENV: 'development',
        ...this.#environment,
      },
    });
    const child = this.#process;
    await until('the API answers', async () => {
      if (child.exitCode !== null) throw new Error(`the API ended: ${readFileSync(this.log, 'utf8').slice(-2_000)}`);
      return (await fetch(`${this.url}/health`)).ok;
    });
    return this;
  }

  /** As a crash. */
  kill() {
    return stop(this.#process, 'SIGKILL');
  }

  stop() {
    return stop(this.#process);
  }

  async post(type, data, at = Date.now()) {
    const response = await fetch(`${this.url}/api/events/project`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.#key() },
      body: JSON.stringify({ type, data, timestamp: new Date(at).toISOString(), eventId: randomUUID() }),
    });
    if (response.status !== 202) throw new Error(`${type} was answered ${response.status}: ${await response.text()}`);
    return response.json();
  }

  /** Every record of a workspace. */
  async records(workspaceId) {
    const records = [];
    let cursor;
    do {
      const query = new URLSearchParams({ limit: '200', ...(cursor && { cursor }) });
      const response = await fetch(`${this.url}/api/audit-history/workspace/${workspaceId}?${query}`, {
        headers: this.#key(),
      });
      const page = await response.json();
      records.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    return records;
  }

  #key() {
    return { 'x-api-key': KEYS[this.#requests++ % KEYS.length] };
  }

  run(workspaceId, more = {}) {
    return new Run(this, { projectNumber: 42, runId: `run_${randomUUID()}`, workspaceId, ...more });
  }
}

/** One orchestration: what it posts has its context. */
export class Run {
  #api;
  context;

  constructor(api, context) {
    this.#api = api;
    this.context = context;
  }

  event(type, data, at) {
    return this.#api.post(type, { ...this.context, ...data }, at);
  }

  task(kind, item, title, more = {}, at = undefined) {
    return this.event(
      `task.${kind}`,
      {
        phaseNumber: Number(item.split('.')[0]),
        workItemId: item,
        workItemTitle: title,
        agentId: 'agent-amber',
        ...more,
      },
      at,
    );
  }

  phase(kind, number, phaseName, totalItems, more = {}, at = undefined) {
    return this.event(`phase.${kind}`, { phaseNumber: number, phaseName, totalItems, ...more }, at);
  }

  progress(more, at) {
    const none = {
      totalPhases: 1,
      completedPhases: 0,
      totalItems: 1,
      completedItems: 0,
      inProgressItems: 0,
      failedItems: 0,
    };
    return this.event('orchestration.progress', { ...none, ...more }, at);
  }
}
