// The example API in a process of its own, on a database of its own, and what an orchestrator posts to it.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../examples/nest-api/dist/main.js', import.meta.url));
/** Events are limited to 600 a minute and key, reads to 120: so many keys are no limit here. */
const KEYS = Array.from({ length: 256 }, (_, index) => `bench-${index}`);
/** Events in a run, items in a phase, and how many items are at work at one time. */
const RUN = 1_000;
const PHASE = 50;
const AT_WORK = 3;

/** Milliseconds since 1970, with their fractions. */
export const now = () => performance.timeOrigin + performance.now();

/**
 * The event of this number: items start and, a few items later, end. What it shows on the page, `item status`, is its `key`.
 */
export function eventAt(number, workspaceId) {
  const isEnd = number % 2 === 1;
  const item = Math.floor(number / 2) - (isEnd ? AT_WORK : 0);
  const run = Math.floor((2 * Math.max(0, item)) / RUN);
  const phase = 1 + (Math.floor(Math.max(0, item) / PHASE) % (RUN / 2 / PHASE));
  const context = {
    projectNumber: 42,
    phaseNumber: phase,
    runId: `run_${run}`,
    workspaceId,
    agentId: `agent-${item % 4}`,
  };
  if (item < 0) {
    return { key: null, type: 'phase.started', data: { ...context, phaseName: 'Foundations', totalItems: PHASE } };
  }
  const id = `${phase}.${item}`;
  const data = { ...context, workItemId: id, workItemTitle: `Item ${id} of the plan, as somebody put it` };
  if (!isEnd) return { key: `${id} started`, type: 'task.started', data };
  if (item % 20 === 19)
    return { key: `${id} failed`, type: 'task.failed', data: { ...data, error: 'two tests of 34 fail' } };
  return {
    key: `${id} completed`,
    type: 'task.completed',
    data: { ...data, filesChanged: [`src/${id}.ts`, `test/${id}.ts`], result: 'merged' },
  };
}

/** Runs work with an API, which ends with it. */
export async function withApi(bench, work) {
  const folder = join(bench.folder, `api-${randomUUID()}`);
  mkdirSync(folder, { recursive: true });
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TASKTRAIL_URL: bench.database(),
      PORT: '0',
      HOST: '127.0.0.1',
      API_KEYS: KEYS.join(','),
      XDG_STATE_HOME: folder,
      NO_COLOR: '1',
      NODE_ENV: 'development',
    },
  });
  const ended = once(child, 'exit');
  const kill = () => child.kill();
  process.once('exit', kill);
  child.stderr.pipe(createWriteStream(join(folder, 'api.log')));
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-2_000)));
  try {
    const [line] = await Promise.race([
      once(createInterface(child.stdout), 'line'),
      ended.then(() => Promise.reject(new Error(`the API did not start: ${said}`))),
    ]);
    return await work(new Api(JSON.parse(line).url));
  } finally {
    kill();
    await ended;
    process.off('exit', kill);
  }
}

class Api {
  #agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  #posts = 0;
  #keys = 0;
  #workspaces = 0;

  constructor(url) {
    this.url = url;
  }

  /** One that nobody has used. */
  workspace() {
    return `ws_${this.#workspaces++}`;
  }

  /** A key for who reads. */
  key() {
    return KEYS[this.#keys++ % KEYS.length];
  }

  /** Posts one event; resolves to when it was answered. */
  post({ type, data, eventId = randomUUID() }) {
    const body = JSON.stringify({ type, data, eventId });
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-api-key': KEYS[this.#posts++ % KEYS.length],
    };
    return new Promise((resolve, reject) => {
      const request = http.request(
        `${this.url}/api/events/project`,
        { agent: this.#agent, method: 'POST', headers },
        (response) => {
          const at = now();
          response.resume();
          response.on('end', () => {
            if (response.statusCode === 202) resolve(at);
            else reject(new Error(`an event was answered ${response.statusCode}`));
          });
        },
      );
      request.on('error', (fault) => {
        // The API closes what was idle for long, maybe just now.
        if (request.reusedSocket && fault.code === 'ECONNRESET') resolve(this.post({ type, data, eventId }));
        else reject(fault);
      });
      request.end(body);
    });
  }

  /** Posts the events of these numbers as a clock says; resolves to when each was answered, by its key. */
  async play(workspaceId, first, count, perSecond, progress = () => {}) {
    const answered = new Map();
    const posts = [];
    const began = performance.now();
    for (let sent = 0; sent < count;) {
      const due = Math.min(count, Math.floor(((performance.now() - began) / 1_000) * perSecond) + 1);
      progress(sent);
      for (; sent < due; sent++) {
        const event = eventAt(first + sent, workspaceId);
        const post = this.post(event).then((at) => event.key && answered.set(event.key, at));
        // Whoever waits for all of them hears of it.
        post.catch(() => {});
        posts.push(post);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(posts);
    return answered;
  }

  /** Posts the events of these numbers as fast as they are taken. */
  async pour(workspaceId, first, count) {
    let next = 0;
    const lane = async () => {
      while (next < count) await this.post(eventAt(first + next++, workspaceId));
    };
    await Promise.all(Array.from({ length: 32 }, lane));
  }

  /** Waits until the store holds as many records of a workspace. */
  async stored(workspaceId, count) {
    for (;;) {
      const response = await fetch(`${this.url}/api/audit-history/workspace/${workspaceId}?limit=1`, {
        headers: { 'x-api-key': this.key() },
      });
      const { total } = await response.json();
      if (total >= count) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
