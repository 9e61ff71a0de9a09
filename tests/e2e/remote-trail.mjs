// A trail whose store is the example API, which is killed in the middle: what was recorded arrives once and is read back.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Trail } from '@tasktrail/node';
import { allPages, checkExactlyOnce } from './exactly-once.mjs';
import { check, finish, guarded } from './report.mjs';

const { folder } = parseArgs({ options: { folder: { type: 'string' } } }).values;
mkdirSync(folder, { recursive: true });
const MAIN = fileURLToPath(new URL('../../examples/nest-api/dist/main.js', import.meta.url));
const KEY = 'remote-trail-key';
const WORKSPACE = 'ws_remote';
const SECRET = 'correct-horse-battery';
const CALLS = 400;
const LIMIT_MS = 60_000;

/** Starts the API and resolves once it listens. */
async function start(port) {
  const env = {
    ...process.env,
    TASKTRAIL_URL: 'sqlite:./audit.db',
    API_KEYS: KEY,
    PORT: String(port),
    HOST: '127.0.0.1',
    NODE_ENV: 'development',
    NO_COLOR: '1',
  };
  const child = spawn(process.execPath, [MAIN], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr.on('data', (chunk) => appendFileSync(join(folder, 'api.log'), chunk));
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the API ended with ${code}; see api.log`);
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), exited]);
  exited.catch(() => {});
  return { child, url: JSON.parse(line).url };
}

async function stop({ child }, signal) {
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

async function until(what, holds) {
  const end = Date.now() + LIMIT_MS;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`never happened: ${what}`);
    await sleep(20);
  }
}

const pending = ({ queued, inFlight, spooled }) => queued + inFlight + spooled;
const made = [];

/** Records a call, and every tenth time emits an event. */
async function work(trail, from, to) {
  for (let n = from; n < to; n++) {
    const context = { method: 'POST', workspaceId: WORKSPACE, requestId: `r-${n}` };
    if (n % 10 === 0) {
      const event = { type: 'issue.created', data: { projectNumber: 7, note: SECRET, password: SECRET } };
      const call = { ...context, path: '/api/events/project', status: 202 };
      const answer = await trail.emit(event, call);
      if (!answer.durable) check('an event is durable, whether or not the API is there', false, `event ${n}`);
      made.push({ ...call, auditId: answer.auditId });
    } else {
      const call = { ...context, path: `/tools/${n}`, status: 201 };
      const body = Buffer.from(JSON.stringify({ n, password: SECRET }));
      made.push({ ...call, auditId: trail.record(call, body) });
    }
    if (n % 50 === 0) await sleep(20);
  }
}

await guarded('a trail can be kept with an API', async () => {
  let api = await start(0);
  const port = new URL(api.url).port;
  try {
    const refused = await Trail.open(api.url, { apiKey: `${KEY}-wrong` }).catch((fault) => fault);
    check('a wrong key is refused at once', refused.code === 'TT_STORE_FAILED', `${refused.code ?? refused}`);
    check('and not repeated', !String(refused.message).includes(KEY), refused.message);

    const trail = await Trail.open(api.url, { apiKey: KEY, service: 'mcp', spool: join(folder, 'spool') });
    await work(trail, 0, CALLS / 4);
    await until('the first records arrive', () => trail.stats().stored > 0);
    const killing = stop(api, 'SIGKILL');
    await work(trail, CALLS / 4, CALLS / 2);
    await killing;
    await work(trail, CALLS / 2, (3 * CALLS) / 4);
    await until('the outage is met', () => trail.stats().spooled > 0);
    api = await start(port);
    await work(trail, (3 * CALLS) / 4, CALLS);
    await until('all records arrive', () => pending(trail.stats()) === 0);

    const query = (cursor) => trail.query({ workspaceId: WORKSPACE, limit: 100, ...(cursor && { cursor }) });
    const records = await allPages(query);
    checkExactlyOnce('read back through the trail', made, records);
    const one = await trail.get(made[1].auditId);
    check('a record is found by its id', one?.request_id === made[1].requestId, JSON.stringify(one));
    check('a record that is not there is null', (await trail.get('00000000-0000-7000-8000-000000000000')) === null);
    const followed = await allPages(async (cursor) => {
      const page = await trail.query({ workspaceId: WORKSPACE, limit: 100, after: cursor ?? '0' });
      return { ...page, nextCursor: page.items.length > 0 ? page.nextCursor : null };
    });
    checkExactlyOnce('followed by arrival', made, followed);
    const stats = await trail.close(5_000);
    const lost = stats.deadLettered + Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
    check('the ledger has lost nothing', lost === 0 && pending(stats) === 0, JSON.stringify(stats));
  } finally {
    if (api.child.exitCode === null && api.child.signalCode === null) await stop(api, 'SIGTERM');
  }

  const store = await Trail.open(`sqlite:${join(folder, 'audit.db')}`);
  try {
    const kept = await allPages((cursor) => store.query({ limit: 200, ...(cursor && { cursor }) }));
    const remote = kept.filter((record) => record.service === 'mcp');
    const ofCalls = remote.filter((record) => record.workspace_id === WORKSPACE);
    checkExactlyOnce("in the API's store after its stop", made, ofCalls);
    const writers = new Set(remote.map((record) => record.writer_id));
    const seqs = remote.map((record) => record.seq).sort((a, b) => a - b);
    check(
      'each number of the trail is there once, from its start to its stop',
      writers.size === 1 && seqs.every((seq, at) => seq === at + 1) && seqs.length === CALLS + 2,
      `${writers.size} writers, ${seqs.length} records`,
    );
    check('no secret arrived', !JSON.stringify(kept).includes(`"password":"${SECRET}"`));
    const deliveries = kept.filter((record) => record.api_endpoint?.endsWith('/audit-history/records'));
    check(
      'a delivery is no call of its own, unless it was refused',
      deliveries.every((record) => record.response_status === 401) && deliveries.length > 0,
      JSON.stringify(deliveries.map((record) => record.response_status)),
    );
  } finally {
    await store.close(5_000);
  }
});
finish();
