// The API as the page knows it: the bundle, one REST route and the Socket.IO rooms, over records that a test publishes.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';

const UI = new URL('../../dist/ui/', import.meta.url);
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};
const CSP =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";
const RING = 256;

export class TestApi {
  records = [];
  /** Requests of the history so far. */
  reads = 0;
  /** Answers reads with this status while set. */
  refuse;
  /** Called when somebody has joined a room, before the answer. */
  joining;
  #rooms = new Map();
  #http;
  #io;
  #port = 0;

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start() {
    this.#rooms.clear();
    this.#http = createServer((request, response) => void this.#answer(request, response));
    this.#io = new Server(this.#http, { path: '/orchestration', serveClient: false });
    this.#io.on('connection', (socket) => {
      socket.on('subscribe', ({ workspaceId, after }, answer) => {
        const room = this.#room(workspaceId);
        socket.join(room.name);
        this.joining?.();
        const same = after !== 'ring' && after?.epoch === room.epoch;
        const oldest = room.next - room.ring.length;
        const from = same ? Math.max(after.seq + 1, oldest) : oldest;
        const missed = !same || after.seq + 1 < oldest;
        const entries = room.ring.slice(from - oldest);
        socket.emit('subscribed', { workspaceId, room: room.name, epoch: room.epoch, seq: room.next, missed });
        if (entries.length > 0) socket.emit('task.history', { room: room.name, epoch: room.epoch, seq: from, entries });
        answer?.({ ok: true, workspaceId, room: room.name, epoch: room.epoch, seq: room.next, missed });
      });
    });
    await new Promise((resolve) => this.#http.listen(this.#port, '127.0.0.1', resolve));
    this.#port = this.#http.address().port;
    return this;
  }

  /** As a crash: every connection is cut, the rooms are forgotten, the records stay. */
  async stop() {
    this.#http.closeAllConnections();
    await this.#io.close();
  }

  /** Stores records, and tells the rooms of their workspaces unless the network loses it. */
  publish(records, { lost = false, unstored = false } = {}) {
    if (!unstored) this.records.push(...records);
    const rooms = new Map();
    for (const record of records) {
      for (const id of new Set([record.workspace_id, record.origin_workspace_id])) {
        if (id) rooms.set(id, [...(rooms.get(id) ?? []), record]);
      }
    }
    for (const [id, entries] of rooms) {
      const room = this.#room(id);
      const seq = room.next;
      room.next += entries.length;
      room.ring.push(...entries);
      room.ring.splice(0, Math.max(0, room.ring.length - RING));
      if (!lost) this.#io.to(room.name).emit('task.history', { room: room.name, epoch: room.epoch, seq, entries });
    }
  }

  /** Stores records that the room's listeners do not get, and says so. */
  leaveBehind(workspaceId, records) {
    this.records.push(...records);
    const { name } = this.#room(workspaceId);
    this.#io.to(name).emit('lagged', { room: name, missed: records.length });
  }

  /** Breaks the connections of live updates, and takes new ones at once. */
  disconnect() {
    this.#io.disconnectSockets(true);
  }

  /** The room loses its past. */
  forget(workspaceId) {
    Object.assign(this.#room(workspaceId), { epoch: randomUUID(), next: 1, ring: [] });
  }

  #room(workspaceId) {
    const name = `workspace:${workspaceId}`;
    if (!this.#rooms.has(name)) this.#rooms.set(name, { name, epoch: randomUUID(), next: 1, ring: [] });
    return this.#rooms.get(name);
  }

  async #answer(request, response) {
    const url = new URL(request.url, this.url);
    const workspace = /^\/api\/audit-history\/workspace\/([^/]+)$/.exec(url.pathname)?.[1];
    if (workspace !== undefined) {
      this.reads++;
      if (this.refuse) {
        response.writeHead(this.refuse.status, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify({ statusCode: this.refuse.status, code: this.refuse.code, message: this.refuse.message }),
        );
        return;
      }
      const id = decodeURIComponent(workspace);
      const end = url.searchParams.get('endTime');
      const before = end === null ? Infinity : Date.parse(end);
      const all = this.records
        .filter((record) => record.workspace_id === id || record.origin_workspace_id === id)
        .filter((record) => Date.parse(record.timestamp) < before)
        .sort((a, b) => (b.timestamp + b.audit_id).localeCompare(a.timestamp + a.audit_id));
      const limit = Math.min(200, Number(url.searchParams.get('limit') ?? 50));
      const from = Number(url.searchParams.get('cursor') ?? 0);
      const items = all.slice(from, from + limit);
      const nextCursor = from + limit < all.length ? String(from + limit) : null;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ items, total: all.length, limit, offset: 0, nextCursor }));
      return;
    }
    try {
      const name = url.pathname === '/' ? 'index.html' : url.pathname.slice(1);
      const body = await readFile(fileURLToPath(new URL(name, UI)));
      response.writeHead(200, {
        'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
        'content-security-policy': CSP,
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  }
}
