// The example API as a process of its own, and what it holds.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../examples/nest-api/dist/main.js', import.meta.url));
const LIMIT_MS = 60_000;
export const KEY = 'test-key-5d1c';

/** Starts the API and resolves once it listens. */
export async function startApi(folder, { store = 'sqlite:./audit.db', port = 0 } = {}) {
  const env = {
    ...process.env,
    TASKTRAIL_URL: store,
    API_KEYS: KEY,
    PORT: String(port),
    HOST: '127.0.0.1',
    NODE_ENV: 'development',
    NO_COLOR: '1',
    XDG_STATE_HOME: `${folder}/api-state`,
  };
  const child = spawn(process.execPath, [MAIN], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said = (said + chunk).slice(-10_000)));
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the API ended with ${code}: ${said}`);
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), exited]);
  exited.catch(() => {});
  const { url } = JSON.parse(line);
  return {
    url,
    port: Number(new URL(url).port),
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}

/** Every record that matches, the oldest first. */
export async function records(url, query = {}) {
  const items = [];
  let cursor;
  do {
    const search = new URLSearchParams({ order: 'asc', limit: '200', ...query, ...(cursor && { cursor }) });
    const response = await fetch(`${url}/api/audit-history?${search}`);
    if (response.status === 429) {
      await sleep(Number(response.headers.get('retry-after')) * 1_000);
      continue;
    }
    if (!response.ok) throw new Error(`the history answered ${response.status}: ${await response.text()}`);
    const page = await response.json();
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}

/** Asks again until there is an answer that is not `undefined` or `false`. */
export async function until(what, ask) {
  const end = Date.now() + LIMIT_MS;
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 1_000)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await sleep(pause);
  }
}
