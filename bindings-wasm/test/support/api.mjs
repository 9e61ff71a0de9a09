import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const HOST = fileURLToPath(new URL('host.mjs', import.meta.url));

/** A real API behind a wire that can be cut: it can be killed and started again, and keeps its address. */
export class RealApi {
  #folder;
  #options;
  #process;
  #port = 0;
  #wire;
  #connections = new Set();
  #isCut = false;
  #made = 0;
  /** What the API has taken, by id: the workspaces that it belongs to. */
  #taken = new Map();

  constructor(options = {}) {
    this.#options = options;
  }

  async start() {
    this.#folder = await mkdtemp(join(tmpdir(), 'tasktrail-client-'));
    this.#wire = createServer((near) => this.#carry(near));
    await new Promise((resolve) => this.#wire.listen(0, '127.0.0.1', resolve));
    await this.run();
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.#wire.address().port}`;
  }

  /** The API's own address, which no cut reaches. */
  get directUrl() {
    return `http://127.0.0.1:${this.#port}`;
  }

  async run() {
    const options = {
      url: `sqlite:${join(this.#folder, 'audit.db')}`,
      spool: join(this.#folder, 'spool'),
      rateLimit: { reads: false, events: false },
      ...this.#options,
    };
    const api = spawn(process.execPath, [HOST, String(this.#port), JSON.stringify(options)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_ENV: 'test' },
    });
    let said = '';
    api.stderr.on('data', (chunk) => (said += chunk));
    const ended = once(api, 'exit').then(() => {
      throw new Error(`the API ended: ${said}`);
    });
    ended.catch(() => undefined);
    const [line] = await Promise.race([once(createInterface(api.stdout), 'line'), ended]);
    this.#process = api;
    this.#port = Number(line);
  }

  /** As a power cut does. */
  async kill() {
    const api = this.#process;
    this.#process = undefined;
    api.kill('SIGKILL');
    await once(api, 'exit');
  }

  async stop() {
    this.cut();
    this.#wire.close();
    if (this.#process) {
      this.#process.stdin.end();
      await once(this.#process, 'exit');
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Breaks every connection, and refuses new ones until `mend`. */
  cut() {
    this.#isCut = true;
    this.flap();
  }

  mend() {
    this.#isCut = false;
  }

  /** Breaks every connection once. */
  flap() {
    for (const connection of this.#connections) connection.destroy();
    this.#connections.clear();
  }

  #carry(near) {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(this.#port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      this.#connections.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#connections.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }

  /** Posts an event until it is taken, which is once however often that takes. */
  async emit(event) {
    const body = JSON.stringify({ eventId: `e${this.#made++}`, ...event });
    for (;;) {
      try {
        const answer = await fetch(`${this.directUrl}/api/events/project`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        if (answer.status === 202) {
          const taken = await answer.json();
          this.#taken.set(taken.auditId, [event.data.workspaceId ?? 'unknown', event.data.originWorkspaceId]);
          return taken;
        }
        if (answer.status < 500) throw Object.assign(new Error(await answer.text()), { isFinal: true });
      } catch (fault) {
        if (fault.isFinal) throw fault;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Events of as many items. */
  async items(count, data = {}) {
    return Promise.all(
      Array.from({ length: count }, () => {
        const item = `1.${this.#made}`;
        return this.emit({
          type: 'task.started',
          data: {
            projectNumber: 1,
            phaseNumber: 1,
            workItemId: item,
            workItemTitle: `Item ${item}`,
            workspaceId: 'ws_a',
            ...data,
          },
        });
      }),
    );
  }

  /** Records as many calls, without a request for each. */
  async many(count, workspaceId) {
    const from = this.#made;
    this.#made += count;
    const answer = await fetch(`${this.directUrl}/many`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ count, workspaceId, from }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** The ids of all that the store holds of these workspaces, once it holds what the API has taken. */
  async stored(workspaces) {
    for (const end = Date.now() + 60_000; ;) {
      const ids = await this.#read(workspaces);
      const due = [...this.#taken].filter(([, its]) => its.some((workspace) => workspaces.includes(workspace)));
      const lacking = due.filter(([id]) => !ids.has(id));
      if (lacking.length === 0) return ids;
      if (Date.now() > end) throw new Error(`the API took these and never stored them: ${lacking.join(' ')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #read(workspaces) {
    const ids = new Set();
    for (const workspace of workspaces) {
      for (let cursor = ''; cursor !== null;) {
        const address = `${this.directUrl}/api/audit-history/workspace/${workspace}?limit=200${cursor && `&cursor=${cursor}`}`;
        const page = await (await fetch(address)).json();
        for (const record of page.items) ids.add(record.audit_id);
        cursor = page.nextCursor;
      }
    }
    return ids;
  }
}
