import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Logger } from '@nestjs/common';
import {
  EVENT_TYPES,
  type After,
  type AuditRecord,
  type LiveBatch,
  type Scope,
  type Subscription,
  type Trail,
} from '@tasktrail/node';
import { Access } from './access';
import type { ReadCall } from './audited';
import type { Capture } from './capture';
import { httpFault, statusOf } from './faults';
import type { FrameworkRequest } from './http';
import type { GatewayOptions } from './options';

/** Most of one message, in bytes, either way. */
const MAX_PAYLOAD = 1_000_000;
const MAX_PROJECTS = 100;
const MAX_ROOMS = 1_000;
const MAX_ID = 1_024;
/** Bytes that may wait for one client; whoever reads no faster than that leaves its rooms until it has caught up. */
const MAX_WAITING = 4_000_000;
/** Events of a project that a new listener is shown when it does not say from where. */
const RECENT = 50;

/** A Socket.IO server, as far as this package uses it; socket.io's own `Server` fits. */
export interface SocketServer {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- socket.io is an optional peer, so its types may be absent
  of(namespace: string): any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  engine?: any;
}

/** The connection beneath a socket: what waits to be sent on it. */
interface Connection {
  writeBuffer: ReadonlyArray<{ data?: unknown }>;
  once(event: 'drain', listener: () => void): unknown;
}

interface Socket {
  connected: boolean;
  conn: Connection;
  handshake: { auth?: Record<string, unknown> };
  request: IncomingMessage;
  rooms: Set<string>;
  join(room: string): unknown;
  leave(room: string): unknown;
  emit(event: string, payload: unknown): unknown;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

type Ack = (answer: unknown) => void;
type Payload = Record<string, unknown>;

/** What is told of a subscription: what was asked for, and how many entries were shown at once. */
interface Told {
  asked: Omit<ReadCall, 'operation' | 'level'>;
  items: number;
}

/** What is told where nothing valid was asked for. */
const NOTHING: Told['asked'] = { target: { type: 'audit_history' } };

/** The answer to what is refused. */
type Refused = { ok: false; error: { code: string; message: string; parameter?: string } };

/** A refused message: which parameter and why. */
class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly parameter?: string,
  ) {
    super(message);
  }
}

/** Whether the host's guards let a socket's handshake through. */
export type HandshakeGuard = (request: FrameworkRequest) => Promise<boolean>;

/**
 * Live updates: rooms of workspaces and projects, and one of everything, on Socket.IO.
 *
 * A socket joins its room and is given what it asked from the replay ring within one turn of the event loop, before any
 * batch that was written meanwhile can be delivered: nothing falls in between, and what comes twice has the same `audit_id`.
 */
export class Gateway {
  readonly #trail: Trail;
  readonly #access: Access;
  readonly #guard: HandshakeGuard | undefined;
  readonly #capture: Capture;
  readonly #logger = new Logger('Tasktrail');
  /** One subscription of the core for each room that somebody is in. */
  readonly #rooms = new Map<string, Subscription>();
  /** Rooms that a slow client has left until it has caught up, each with the number of the first entry that it does not get. */
  readonly #lagging = new WeakMap<Socket, Map<string, number>>();
  #server: SocketServer | undefined;
  #ours = false;

  constructor(trail: Trail, access: Access, guard: HandshakeGuard | undefined, capture: Capture) {
    this.#trail = trail;
    this.#capture = capture;
    this.#access = access;
    this.#guard = guard;
  }

  /** Attaches to the host's HTTP server, or to the Socket.IO server that the host gives. */
  attach(httpServer: HttpServer, options: GatewayOptions): void {
    const given = typeof options.server === 'function' ? options.server() : options.server;
    this.#server = given ?? this.#createServer(httpServer, options);
    if (!this.#server) return;
    this.#ours = given === undefined;
    const namespace = this.#server.of('/');
    if (this.#ours) {
      namespace.use((socket: Socket, next: (fault?: Error) => void) => {
        this.#admit(socket).then(
          () => next(),
          (fault: Error) => {
            const { error } = answerOf(fault);
            this.#tell(socket, { asked: NOTHING, items: 0 }, error);
            next(Object.assign(new Error(fault.message), { data: error }));
          },
        );
      });
    }
    namespace.on('connection', (socket: Socket) => this.#serve(socket));
    // The adapter knows of every way out of a room, disconnection included.
    namespace.adapter.on('delete-room', (room: string) => this.#close(room));
  }

  /** Sends every client away. Runs before the HTTP server closes, which waits for its connections. */
  detach(): void {
    for (const room of [...this.#rooms.keys()]) this.#close(room);
    if (!this.#ours || !this.#server) return;
    // As if the connection broke: a client that is told to disconnect does not come back when the API does.
    this.#server.engine?.close();
  }

  #createServer(httpServer: HttpServer, options: GatewayOptions): SocketServer | undefined {
    let Server;
    try {
      ({ Server } = require('socket.io'));
    } catch {
      this.#logger.warn('live updates are off: install socket.io, or say `gateway: false`');
      return undefined;
    }
    return new Server(httpServer, {
      path: '/orchestration',
      serveClient: false,
      maxHttpBufferSize: MAX_PAYLOAD,
      cors: options.cors,
    });
  }

  async #admit(socket: Socket): Promise<void> {
    const request = handshakeRequest(socket);
    if (this.#guard && !(await this.#guard(request))) throw this.#access.refusal();
    // With `authorize`, each subscription is asked about by itself.
    if (!this.#access.configured) await this.#access.require(request, {});
  }

  #serve(socket: Socket): void {
    const on = (name: string, handle: (payload: Payload) => Promise<unknown>): void => {
      socket.on(name, (payload: unknown, ack: unknown) => {
        const answer: Ack = typeof ack === 'function' ? (ack as Ack) : () => undefined;
        handle(isObject(payload) ? payload : {}).then(
          (result) => answer({ ok: true, ...(result as object) }),
          (fault: unknown) => {
            const refused = answerOf(fault);
            if (refused.error.code === 'TT_INTERNAL') {
              this.#logger.error(
                `${name} failed: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`,
              );
            }
            answer(refused);
            if (typeof ack !== 'function') socket.emit('tasktrail.error', { event: name, ...refused.error });
          },
        );
      });
    };
    const onSubscription = (name: string, handle: (payload: Payload, told: Told) => Promise<unknown>): void =>
      on(name, async (payload) => {
        const told: Told = { asked: NOTHING, items: 0 };
        try {
          const answer = await handle(payload, told);
          this.#tell(socket, told);
          return answer;
        } catch (fault) {
          this.#tell(socket, told, answerOf(fault).error);
          throw fault;
        }
      });
    onSubscription('subscribe', async (payload, told) => {
      const asked = askedOf(payload);
      if ('workspaceId' in asked)
        told.asked = { workspaceId: asked.workspaceId, target: { type: 'workspace', id: asked.workspaceId } };
      const after = afterOf(payload.after, 'after');
      const joined = await this.#join(socket, scopeOf(asked), after ?? null);
      told.items = joined.entries.length;
      return this.#welcome(socket, asked, after, joined);
    });
    on('unsubscribe', async (payload) => {
      const asked = askedOf(payload);
      this.#leave(socket, roomOf(scopeOf(asked)));
      return asked;
    });
    onSubscription('subscribeProjects', async (payload, told) => {
      const projectNumbers = projectsOf(payload);
      told.asked = { ...NOTHING, metadata: { projectNumbers } };
      if (projectNumbers.length === 1) {
        const [projectNumber] = projectNumbers;
        Object.assign(told.asked, { projectNumber, target: { type: 'project', id: String(projectNumber) } });
      }
      const rooms = [];
      for (const projectNumber of projectNumbers) {
        rooms.push(await this.#joinProject(socket, projectNumber, positionOf(payload.after, projectNumber), told));
      }
      socket.emit('subscribedProjects', { projectNumbers, rooms });
      return { projectNumbers, rooms };
    });
    on('unsubscribeProjects', async (payload) => {
      const projectNumbers = projectsOf(payload);
      for (const projectNumber of projectNumbers) this.#leave(socket, roomOf({ projectNumber }));
      return { projectNumbers };
    });
  }

  #welcome(socket: Socket, asked: Asked, after: Position, batch: LiveBatch): object {
    const position = { room: batch.room, epoch: batch.epoch, seq: batch.seq + batch.entries.length };
    const answer = { ...asked, ...position, missed: batch.missed || isCursor(after) };
    socket.emit('subscribed', answer);
    this.#send(socket, batch);
    return answer;
  }

  /** Tells the trail who wanted to listen to what, and whether they may. */
  #tell(socket: Socket, { asked, items }: Told, error?: Refused['error']): void {
    this.#capture.subscribed(handshakeRequest(socket), {
      ...asked,
      metadata: { ...asked.metadata, items },
      status: error ? statusOf(error.code) : 200,
      ...(error && { error: { code: error.code, message: error.message } }),
    });
  }

  async #joinProject(socket: Socket, projectNumber: number, after: Position, told: Told): Promise<object> {
    const batch = await this.#join(socket, { projectNumber }, after === undefined ? 'ring' : after);
    told.items += batch.entries.length;
    if (after === undefined) {
      const events = batch.entries.filter(isEvent).slice(-RECENT);
      for (const record of events) socket.emit('project.event', toEvent(record));
    }
    this.#send(socket, batch);
    const seq = batch.seq + batch.entries.length;
    return {
      projectNumber,
      room: batch.room,
      epoch: batch.epoch,
      seq,
      missed: batch.missed || isCursor(after),
    };
  }

  /** Joins the room and reads the ring, in one turn once it is allowed. */
  async #join(socket: Socket, scope: Scope, after: After | Position): Promise<LiveBatch> {
    await this.#access.require(handshakeRequest(socket), scope);
    if (!socket.connected) throw new Refusal('TT_CLOSED', 'the socket has gone');
    const room = roomOf(scope);
    if (!socket.rooms.has(room) && socket.rooms.size >= MAX_ROOMS) {
      throw new Refusal('TT_QUERY_INVALID', `a socket is in at most ${MAX_ROOMS} rooms`, Object.keys(scope)[0]);
    }
    this.#enter(socket, room, scope);
    // What a cursor of the store stands for is not in the ring's numbering: the client asks REST from there.
    const position: After = isCursor(after) ? null : (after as After);
    return this.#trail.replay(scope, position);
  }

  #enter(socket: Socket, room: string, scope: Scope): void {
    if (!this.#rooms.has(room)) {
      this.#rooms.set(
        room,
        this.#trail.subscribe(scope, (batch) => this.#publish(room, scope, batch)),
      );
    }
    this.#lagging.get(socket)?.delete(room);
    void socket.join(room);
  }

  #leave(socket: Socket, room: string): void {
    this.#lagging.get(socket)?.delete(room);
    socket.leave(room);
  }

  /** Takes a client out of a room until what waits for it has been sent: nobody else waits for it, and no memory grows. */
  #lag(socket: Socket, room: string, scope: Scope, from: number): void {
    const left = this.#lagging.get(socket) ?? new Map<string, number>();
    this.#lagging.set(socket, left.set(room, from));
    socket.leave(room);
    socket.conn.once('drain', () => {
      // Behind whatever else the connection does when it has drained.
      setImmediate(() => {
        const since = left.get(room);
        if (since === undefined || !socket.connected || !this.#server) return;
        this.#enter(socket, room, scope);
        // The client asks for what it missed from where it was.
        const { seq } = this.#trail.replay(scope, null);
        socket.emit('lagged', { room, missed: Math.max(0, seq - since) });
      });
    });
  }

  #send(socket: Socket, batch: LiveBatch): void {
    for (const part of parts(batch)) socket.emit('task.history', part);
  }

  #publish(room: string, scope: Scope, batch: LiveBatch): void {
    const namespace = this.#server?.of('/');
    if (!namespace) return;
    const slow = [...(namespace.adapter.rooms?.get(room) ?? [])]
      .map((id): Socket | undefined => namespace.sockets.get(id))
      .filter((socket) => socket !== undefined && isOutrun(socket.conn));
    const members = namespace.local?.to(room);
    for (const socket of slow) this.#lag(socket as Socket, room, scope, batch.seq);
    if (!members) return;
    if (batch.missed) members.emit('lagged', { room, missed: batch.lagged ?? null });
    for (const part of parts(batch)) members.emit('task.history', part);
    if (!room.startsWith('project:')) return;
    for (const record of batch.entries) if (isEvent(record)) members.emit('project.event', toEvent(record));
  }

  #close(room: string): void {
    this.#rooms.get(room)?.unsubscribe();
    this.#rooms.delete(room);
  }
}

/** What a client subscribes to beside projects: a workspace, or everything. */
type Asked = { workspaceId: string } | { all: true };

type Position = { epoch: string; seq: number } | string | undefined;

const EVENTS: ReadonlySet<string> = new Set(EVENT_TYPES);

/** Whether more waits for a connection than may. */
function isOutrun({ writeBuffer }: Connection): boolean {
  let bytes = 0;
  for (const { data } of writeBuffer) {
    bytes += typeof data === 'string' ? data.length : 0;
    if (bytes > MAX_WAITING) return true;
  }
  return false;
}

function isEvent(record: AuditRecord): boolean {
  return record.channel === 'agent' && record.project_number != null && EVENTS.has(record.operation_type);
}

/** The event as clients of `project.event` know it, from its record: sanitized, and the same in every process. */
function toEvent(record: AuditRecord): object {
  const data: Record<string, unknown> = { ...record.metadata };
  const put = (name: string, value: unknown): void => {
    if (value != null) data[name] = value;
  };
  put('projectNumber', record.project_number);
  put('phaseNumber', record.phase_number);
  put('workItemId', record.work_item_id);
  put('taskId', record.task_id);
  put('sessionId', record.session_id);
  put('runId', record.run_id);
  put('agentId', record.agent_id);
  put('workspaceId', record.workspace_id === 'unknown' ? null : record.workspace_id);
  put('originWorkspaceId', record.origin_workspace_id);
  put('worktreePath', record.worktree_path);
  put('error', record.error?.message);
  return { type: record.operation_type, data, timestamp: record.timestamp, auditId: record.audit_id };
}

/** What `task.history` carries. */
type Part = Pick<LiveBatch, 'room' | 'epoch' | 'seq' | 'entries'>;

/** A batch in messages below the payload bound. A record has at most 64 KiB, so that a few need no measuring. */
function* parts({ room, epoch, seq, entries }: LiveBatch): Generator<Part> {
  let from = 0;
  let size = 0;
  for (let at = 0; at < entries.length; at++) {
    const length = entries.length <= 7 ? 0 : JSON.stringify(entries[at]).length;
    if (at > from && size + length > MAX_PAYLOAD / 2) {
      yield { room, epoch, seq: seq + from, entries: entries.slice(from, at) };
      from = at;
      size = 0;
    }
    size += length;
  }
  if (from < entries.length) yield { room, epoch, seq: seq + from, entries: entries.slice(from) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function workspaceOf(payload: Record<string, unknown>): string {
  const { workspaceId } = payload;
  if (
    typeof workspaceId !== 'string' ||
    workspaceId === '' ||
    workspaceId.length > MAX_ID ||
    workspaceId.includes('\0')
  ) {
    throw new Refusal('TT_QUERY_INVALID', `\`workspaceId\` is a text of 1 to ${MAX_ID} characters`, 'workspaceId');
  }
  return workspaceId;
}

function askedOf(payload: Payload): Asked {
  // Said in so many words, so that a client whose workspace went missing does not get everything.
  return payload.all === true && payload.workspaceId === undefined
    ? { all: true }
    : { workspaceId: workspaceOf(payload) };
}

function scopeOf(asked: Asked): Scope {
  return 'all' in asked ? {} : asked;
}

/** The room's name, as the core names it. */
function roomOf({ workspaceId, projectNumber }: Scope): string {
  if (workspaceId !== undefined) return `workspace:${workspaceId}`;
  return projectNumber === undefined ? 'all' : `project:${projectNumber}`;
}

function projectsOf(payload: Record<string, unknown>): number[] {
  const { projectNumbers } = payload;
  const valid = (number: unknown): boolean => Number.isSafeInteger(number) && (number as number) >= 0;
  if (
    !Array.isArray(projectNumbers) ||
    projectNumbers.length === 0 ||
    projectNumbers.length > MAX_PROJECTS ||
    !projectNumbers.every(valid)
  ) {
    throw new Refusal(
      'TT_QUERY_INVALID',
      `\`projectNumbers\` has 1 to ${MAX_PROJECTS} whole numbers`,
      'projectNumbers',
    );
  }
  return [...new Set(projectNumbers as number[])];
}

/** Whether a position is one of the store's, which only REST can go on from. */
function isCursor(after: After | Position): boolean {
  return typeof after === 'string' && after !== 'ring';
}

/** `{ epoch, seq }`, `"ring"`, a cursor of the store, or nothing. */
function afterOf(after: unknown, parameter: string): Position {
  if (after === undefined || after === null) return undefined;
  if (typeof after === 'string' && after !== '' && after.length <= MAX_ID) return after;
  if (isObject(after) && typeof after.epoch === 'string' && after.epoch.length <= MAX_ID) {
    const { epoch, seq } = after;
    if (Number.isSafeInteger(seq) && (seq as number) >= 0) return { epoch, seq: seq as number };
  }
  throw new Refusal('TT_QUERY_INVALID', `\`${parameter}\` is { epoch, seq }, "ring" or a cursor`, parameter);
}

/** A position for all projects alike, or one for each by its number. */
function positionOf(after: unknown, projectNumber: number): Position {
  if (isObject(after) && !('epoch' in after) && !('seq' in after)) {
    return afterOf(after[String(projectNumber)], `after.${projectNumber}`);
  }
  return afterOf(after, 'after');
}

/** The handshake as a request; a browser cannot set its headers, so its key may come in `auth`. */
function handshakeRequest(socket: Socket): FrameworkRequest {
  const request = socket.request as unknown as FrameworkRequest;
  const key = socket.handshake.auth?.apiKey;
  if (typeof key === 'string' && request.headers['x-api-key'] === undefined) request.headers['x-api-key'] = key;
  return request;
}

function answerOf(fault: unknown): Refused {
  if (fault instanceof Refusal) {
    return { ok: false, error: { code: fault.code, message: fault.message, parameter: fault.parameter } };
  }
  const response = (fault as { getResponse?(): unknown } | null)?.getResponse?.();
  const known = isObject(response) ? response : (fault as { code?: unknown; message?: unknown } | null);
  if (typeof known?.code === 'string' && known.code.startsWith('TT_')) {
    return { ok: false, error: { code: known.code, message: String(known.message) } };
  }
  return { ok: false, error: httpFault('TT_INTERNAL', 'Internal server error').getResponse() as never };
}
