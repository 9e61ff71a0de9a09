// Two API processes share a store; clients listen to both, and either process dies and comes again. Every client ends with every record.
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Trail } from '@tasktrail/node';
import { io, type Socket } from 'socket.io-client';
import { call } from './http';
import { until } from './until';

const folder = mkdtempSync(join(tmpdir(), 'tasktrail-processes-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const WORKSPACE = 'ws_shared';
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** An API in a process of its own, which keeps its port when it dies and comes again. */
class Api {
  port = 0;
  #process: ChildProcess | undefined;

  constructor(
    private readonly store: string,
    private readonly spool: string,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const host = spawn(
      process.execPath,
      [join(__dirname, 'process-host.js'), this.store, this.spool, String(this.port)],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    this.#process = host;
    const said = await Promise.race([
      once(host.stdout as NodeJS.ReadableStream, 'data'),
      once(host, 'exit').then(() => assert.fail('the host did not start')),
    ]);
    this.port = Number(String(said[0]));
  }

  async end(signal?: 'SIGKILL'): Promise<void> {
    const host = this.#process;
    if (!host || host.exitCode !== null || host.signalCode !== null) return;
    const ended = once(host, 'exit');
    if (signal) host.kill(signal);
    else host.stdin?.end();
    await ended;
  }
}

/** A client that follows a workspace as clients should: live, and from the store by arrival whenever something may be missing. */
class Follower {
  readonly ids = new Set<string>();
  readonly #socket: Socket;
  readonly #url: string;
  #cursor = '0';
  #seen: { epoch: string; seq: number } | undefined;
  #catchingUp: Promise<void> = Promise.resolve();
  backfills = 0;

  constructor(url: string) {
    this.#url = url;
    this.#socket = io(url, {
      path: '/orchestration',
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 50,
    });
    this.#socket.on('connect', () => {
      // A tail first, then the snapshot: nothing can fall between the two.
      this.#socket.emit('subscribe', { workspaceId: WORKSPACE });
      this.#catchUp();
    });
    this.#socket.on('task.history', ({ epoch, seq, entries }) => {
      const next = this.#seen?.epoch === epoch ? this.#seen?.seq : undefined;
      if (next !== undefined && seq > next) this.#catchUp();
      this.#seen = { epoch, seq: seq + entries.length };
      for (const entry of entries) this.ids.add(entry.audit_id);
    });
    this.#socket.on('lagged', () => this.#catchUp());
  }

  #catchUp(): void {
    this.backfills++;
    this.#catchingUp = this.#catchingUp.then(async () => {
      for (;;) {
        const query = `workspaceId=${WORKSPACE}&limit=200&after=${encodeURIComponent(this.#cursor)}`;
        const page = await call(`${this.#url}/api/audit-history?${query}`).catch(() => undefined);
        // Gone again: the next connection catches up.
        if (page?.status !== 200) return;
        for (const item of page.body.items) this.ids.add(item.audit_id);
        this.#cursor = page.body.nextCursor;
        if (page.body.items.length < 200) return;
      }
    });
  }

  leave(): void {
    this.#socket.disconnect();
  }
}

/** Leaves a spool behind, as a process does whose store was away until its end. */
async function oldSpool(into: string, records: number): Promise<string[]> {
  const spool = mkdtempSync(join(folder, 'old-'));
  const trail = await Trail.open('mongodb://127.0.0.1:1/audit', { degradedStart: true, spool });
  const ids: string[] = [];
  for (let n = 0; n < records; n++) {
    const record = { method: 'POST', path: `/old/${n}`, workspaceId: WORKSPACE, status: 201 };
    ids.push((await trail.recordDurable({ ...record, timestamp: Date.now() - 3_600_000 })).auditId);
  }
  await trail.close(0);
  cpSync(spool, into, { recursive: true, filter: (path) => !path.endsWith('.lock') });
  return ids;
}

/** Sends events to either process until told to stop; an event counts once it was answered for, whoever did. */
async function produce(apis: Api[], acknowledged: string[], isOver: () => boolean): Promise<void> {
  for (let n = 0; !isOver(); n++) {
    const event = { type: 'issue.created', eventId: `e-${n}`, data: { projectNumber: 7, workspaceId: WORKSPACE } };
    for (let turn = n; ; turn++) {
      const api = apis[turn % apis.length] as Api;
      const answer = await call(`${api.url}/api/events/project`, { body: event }).catch(() => undefined);
      if (answer?.status === 202 && answer.body.durable) {
        acknowledged.push(answer.body.auditId);
        break;
      }
      await later(20);
    }
    await later(5);
  }
}

const stores: Array<[name: string, url: string]> = [['sqlite', `sqlite:${join(folder, 'shared.db')}`]];
const server = process.env.TASKTRAIL_TEST_MONGODB?.replace(/(^mongodb:\/\/[^/?]+).*/, '$1');
if (server) stores.push(['mongodb', `${server}/tt_node_processes_${process.pid}`]);

for (const [name, store] of stores) {
  describe(`two processes on one store, ${name}`, () => {
    it('give every client every record once, whoever dies', async () => {
      const spool = join(folder, `spool-${name}`);
      mkdirSync(spool);
      const [a, b] = [new Api(store, spool), new Api(store, spool)];
      const followers: Follower[] = [];
      let isOver = false;
      try {
        await Promise.all([a.start(), b.start()]);
        for (const { url } of [a, a, b, b]) followers.push(new Follower(url));
        const acknowledged: string[] = [];
        const produced = produce([a, b], acknowledged, () => isOver);
        const more = (events: number): Promise<void> => {
          const enough = acknowledged.length + events;
          return until(`${events} events more`, () => acknowledged.length >= enough, 20_000);
        };
        await more(80);
        await a.end('SIGKILL');
        await more(20);
        // Who comes next takes over what the killed one left, and the spool of an hour ago.
        const old = await oldSpool(spool, 50);
        await a.start();
        await more(80);
        await b.end();
        await more(10);
        await b.start();
        await more(80);
        isOver = true;
        await produced;
        const expected = new Set([...acknowledged, ...old]);
        assert.ok(expected.size > 150, `${expected.size}`);
        const missing = (follower: Follower): number => [...expected].filter((id) => !follower.ids.has(id)).length;
        await until('every client has every record', () => followers.every((one) => missing(one) === 0), 20_000);
        assert.deepEqual(followers.map(missing), [0, 0, 0, 0]);
        const { body } = await call(`${a.url}/api/audit-history/workspace/${WORKSPACE}?limit=1`);
        const stored = await call(
          `${b.url}/api/audit-history/workspace/${WORKSPACE}?limit=1&operationType=issue.created`,
        );
        assert.equal(stored.body.total + old.length, body.total, 'nothing else is in the workspace');
        for (const follower of followers) {
          assert.equal(follower.ids.size, body.total, 'a client has what the store has, and nothing twice');
        }
        // Clients heard most of it live, and asked only when they had to.
        assert.ok(followers.every(({ backfills }) => backfills < 20));
      } finally {
        isOver = true;
        for (const follower of followers) follower.leave();
        await Promise.all([a.end('SIGKILL'), b.end('SIGKILL')]);
      }
    });
  });
}
