import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Logger } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import {
  applyContext,
  contextsAreWanted,
  handling,
  TasktrailError,
  type Call,
  type CallContext,
  type CallError,
  type LateCall,
  type ToldCall,
  type Trail,
} from '@tasktrail/node';
import type { AuditedReads } from './audited';
import { httpFault } from './faults';
import { holdEnd, type Replacement } from './hold';
import {
  clientIp,
  header,
  headerContext,
  rawRequest,
  rawResponse,
  requestUrl,
  routeParams,
  routeTemplate,
  type FrameworkRequest,
  type FrameworkResponse,
} from './http';
import type { Actor, ResolvedOptions } from './options';
import { RouteRules } from './routes';

/** How much of a body is kept for its summary; the rest is only counted. */
const BODY_BUDGET = 64 * 1_024;
const MESSAGE_LIMIT = 1_024;

const CALL = Symbol('tasktrail.call');
type Tapped = IncomingMessage & { [CALL]?: PendingCall };

type FastifyRequest = FrameworkRequest & { raw: IncomingMessage };
type FastifyReply = { raw: ServerResponse; code(status: number): { send(body: unknown): void } };

/** A middleware of Express. */
export type Middleware = (
  request: FrameworkRequest & IncomingMessage,
  response: ServerResponse,
  next: () => void,
) => void;

/** What the host's hook says of who made a call. */
type KnownActor = Pick<Call, 'actor' | 'actorType'>;

/** Whether a method changes state. */
function changesState(method: string | undefined): boolean {
  return method === 'POST' || method === 'PATCH' || method === 'PUT' || method === 'DELETE';
}

/** One captured request from its first byte to the end of its response. */
export class PendingCall implements LateCall {
  readonly began = Date.now();
  /** Milliseconds from its first byte to the end of its response. */
  duration = 0;
  /** Of the answer; nothing when there was none. */
  status: number | undefined = undefined;
  aborted = false;
  /** Who made it, where the host says so: asked when the response ends, in whatever context the host keeps for it. */
  actor: KnownActor | undefined = undefined;
  /** How many records a read of the audit has given out so far. */
  items: (() => number) | undefined = undefined;
  /** What went wrong, as far as the framework said it. */
  error: CallError | undefined = undefined;
  /** What the handler says about it, where a handler can. */
  context: CallContext | undefined = undefined;
  kept = 0;
  received = 0;
  // One chunk is all that most bodies are.
  private first: Buffer | undefined = undefined;
  private more: Buffer[] | undefined = undefined;
  private state: 'open' | 'held' | 'ended while held' | 'closed' = 'open';
  private readonly start = performance.now();

  constructor(
    readonly capture: Capture,
    readonly request: FrameworkRequest,
    readonly response: ServerResponse,
    /** Of the client: read at its begin, since a socket that has hung up no longer knows its peer. */
    readonly address: string | undefined,
    /** By which address it reads the audit; a call that changes something does not. */
    readonly reads: string | undefined,
  ) {}

  /** Takes one chunk of the body: keeps it up to the budget without a copy, counts the rest. */
  take(chunk: Buffer): void {
    const room = BODY_BUDGET - this.kept;
    this.received += chunk.length;
    if (room <= 0) return;
    const part = chunk.length <= room ? chunk : chunk.subarray(0, room);
    this.kept += part.length;
    if (this.first === undefined) this.first = part;
    else (this.more ??= []).push(part);
  }

  /** The body's bytes that were kept. */
  body(): Buffer | undefined {
    return this.first && this.more ? Buffer.concat([this.first, ...this.more], this.kept) : this.first;
  }

  /** An event is being decided: its record, if it is accepted, takes the place of this call's. */
  hold(): void {
    if (this.state === 'open') this.state = 'held';
  }

  /** The event was recorded (this call is not) or refused (this call is). */
  release(recorded: boolean): void {
    const ended = this.state === 'ended while held';
    if (recorded) this.close();
    else if (ended) this.record();
    else if (this.state === 'held') this.state = 'open';
  }

  /** The response has ended, or the client has hung up. */
  settle(): void {
    if (this.state === 'closed' || this.state === 'ended while held') return;
    this.measure();
    // A client that leaves once the response is complete has not aborted it.
    this.aborted = !this.response.writableEnded;
    if (this.state === 'held') this.state = 'ended while held';
    else this.record();
  }

  /** The response is to end, and waits for its record; answers what is to be sent instead. */
  async settleSafely(): Promise<Replacement | undefined> {
    if (this.state !== 'open') return undefined;
    this.close();
    this.measure();
    this.status = this.response.statusCode;
    return this.capture.recordSafely(this);
  }

  tell(): ToldCall | undefined {
    return this.capture.tell(this);
  }

  failed(fault: unknown): void {
    this.capture.report('a call could not be recorded', fault);
  }

  private measure(): void {
    this.actor = this.capture.actorOf(this.request);
    this.duration = performance.now() - this.start;
    if (this.response.headersSent) this.status = this.response.statusCode;
  }

  private close(): void {
    this.state = 'closed';
    this.capture.open.delete(this);
  }

  private record(): void {
    this.close();
    this.capture.recordTogether(this);
  }
}

function settled(this: ServerResponse): void {
  (this.req as Tapped)[CALL]?.settle();
}

// Every byte of a body goes through `push`, whoever reads it later and whether its parser likes it or not.
function tap(this: Tapped, chunk: unknown, encoding?: BufferEncoding): boolean {
  if (chunk instanceof Buffer) this[CALL]?.take(chunk);
  // Behind a server there are only buffers; the adapters of serverless hosts push what they were given.
  else if (typeof chunk === 'string') this[CALL]?.take(Buffer.from(chunk, encoding));
  return (Object.getPrototypeOf(this) as IncomingMessage).push.call(this, chunk, encoding);
}

/** Goes on with a call, its context at hand where somebody asks for it: Node keeps track of each promise for that. */
function handle(call: PendingCall | undefined, go: () => void): void {
  if (call && contextsAreWanted()) handling((call.context ??= {}), go);
  else go();
}

/** A call with what its handler has said of it. */
function withContext(call: Call, { context }: PendingCall): Call {
  if (context === undefined || Object.keys(context).length === 0) return call;
  const told = { ...call };
  applyContext(told, context);
  return told;
}

/** The call that a response belongs to, if it is captured. */
function callOf(response: FrameworkResponse): PendingCall | undefined {
  return (rawResponse(response).req as Tapped | undefined)?.[CALL];
}

/** The call that a request belongs to, if it is captured. */
export function pendingCall(request: FrameworkRequest): PendingCall | undefined {
  return (rawRequest(request) as Tapped)[CALL];
}

/** Records every state-changing request of an HTTP adapter, and reads of the audit where a host wants that, whatever happens to them. */
export class Capture {
  /** What decorators say; set when the application is complete. */
  rules = new RouteRules();
  /** Reads that are recorded too; set when their paths are known. */
  auditedReads: AuditedReads | undefined;
  /** Calls that are not recorded yet. */
  readonly open = new Set<PendingCall>();
  readonly #trail: Trail;
  readonly #capturesCalls: boolean;
  readonly #auditsReads: boolean;
  readonly #actor: ResolvedOptions['actor'];
  readonly #isStrict: boolean;
  readonly #failClosed: boolean;
  readonly #flushMs: number;
  readonly #logger = new Logger('Tasktrail');
  #faults = 0;

  constructor(trail: Trail, options: ResolvedOptions) {
    this.#trail = trail;
    this.#capturesCalls = options.capture;
    this.#auditsReads = options.auditReads;
    this.#actor = options.actor;
    this.#isStrict = options.trail.mode === 'strict';
    this.#failClosed = options.failClosed;
    this.#flushMs = options.flushMs;
  }

  /**
   * Hooks in front of everything else on the adapter: body parser, guards and router come behind.
   *
   * @param next what else this module does there, on Express: a layer of its own would cost each request a few microseconds.
   */
  install(adapter: AbstractHttpAdapter, next: Middleware): void {
    if (adapter.getType() === 'fastify') {
      const fastify = adapter.getInstance();
      fastify.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
        const call = this.#open(request, request.raw, reply.raw);
        const refusal = call && this.#admit(call);
        if (refusal) reply.code(refusal.status).send(refusal.body);
        else handle(call, done);
      });
      // Whoever reads the body goes on in the socket's context.
      fastify.addHook('preValidation', (request: FastifyRequest, _reply: FastifyReply, done: () => void) => {
        handle(pendingCall(request), done);
      });
    } else {
      adapter.use((request: FrameworkRequest & IncomingMessage, response: ServerResponse, done: () => void) => {
        const call = this.#open(request, request, response);
        const refusal = call && this.#admit(call);
        if (refusal) {
          response.writeHead(refusal.status, { 'Content-Type': 'application/json; charset=utf-8' });
          response.end(JSON.stringify(refusal.body));
        } else if (call && contextsAreWanted()) handle(call, () => next(request, response, done));
        else next(request, response, done);
      });
    }
    this.#listenForErrors(adapter);
  }

  /** Begins to watch a request; nothing for one that is not recorded. */
  #open(request: FrameworkRequest, raw: Tapped, response: ServerResponse): PendingCall | undefined {
    const reads = this.auditedReads?.has(raw) ? raw.url : undefined;
    if (reads === undefined && !(this.#capturesCalls && changesState(raw.method))) return undefined;
    return raw[CALL] === undefined ? this.#watch(request, raw, response, reads) : undefined;
  }

  #watch(request: FrameworkRequest, raw: Tapped, response: ServerResponse, reads: string | undefined): PendingCall {
    const { socket } = raw;
    const call = new PendingCall(this, request, response, socket?.remoteAddress, reads);
    raw[CALL] = call;
    this.open.add(call);
    if (reads === undefined) raw.push = tap;
    // Behind a server each response closes, also the one that has finished; those that a host makes up may only finish.
    response.on('close', settled);
    if (!(socket instanceof Socket)) response.on('finish', settled);
    return call;
  }

  /** The call of a read of the audit, where these are recorded: begun here for one whose address a host has rewritten. */
  read(request: FrameworkRequest, response: FrameworkResponse): PendingCall | undefined {
    if (!this.#auditsReads) return undefined;
    const raw = rawRequest(request);
    return pendingCall(request) ?? this.#watch(request, raw, rawResponse(response), raw.url ?? '/');
  }

  /** Records a subscription to the audit, made or refused, where reads are recorded. */
  subscribed(handshake: FrameworkRequest, told: Partial<Call>): void {
    if (!this.#auditsReads) return;
    try {
      const call = this.describe(handshake, rawRequest(handshake).socket?.remoteAddress);
      // The query is of the transport.
      call.path = call.path.split('?', 1)[0] as string;
      this.#trail.record({ ...call, operation: 'audit.subscribed', level: 'metadata', ...told });
    } catch (fault) {
      this.report('a subscription could not be recorded', fault);
    }
  }

  /**
   * Records what is still being handled, before the trail closes: the server has closed, so nobody can be answered any more. Of a
   * connection that it destroyed its responses hear only behind that.
   */
  settleAll(): void {
    for (const call of this.open) call.settle();
  }

  /** Lets a call through, its response held where that is asked for; or answers what it is refused with. */
  #admit(call: PendingCall): Replacement | undefined {
    // A read is neither refused nor held for its record.
    if (call.reads !== undefined) return undefined;
    const refusal = this.#failClosed ? this.#refusal(call) : undefined;
    if (!refusal && (this.#isStrict || this.#flushMs > 0))
      holdEnd(call.response, (whole) => this.#beforeEnd(call, whole));
    return refusal;
  }

  /** Why a call is not let through: it could not be recorded. */
  #refusal(call: PendingCall): Replacement | undefined {
    try {
      this.#trail.assertReady();
      return undefined;
    } catch (fault) {
      this.report('a call was refused', fault);
      call.error = { code: 'TT_AUDIT_UNAVAILABLE', message: (fault as Error).message };
      return replacement(
        'TT_AUDIT_UNAVAILABLE',
        'the call was not made: it could not be recorded now; try again later',
      );
    }
  }

  async #beforeEnd(call: PendingCall, whole: boolean): Promise<Replacement | undefined> {
    let instead: Replacement | undefined;
    // Of a stream the client has a part already: its record is durable, and not waited for.
    if (this.#isStrict && whole) instead = await call.settleSafely();
    else call.settle();
    if (this.#flushMs > 0) {
      await this.#trail.flush(this.#flushMs).catch((fault: unknown) => this.report('nothing could be flushed', fault));
    }
    return instead;
  }

  /** Notes what the framework answers a failed call with: the only place that knows without an interceptor per request. */
  #listenForErrors(adapter: AbstractHttpAdapter): void {
    const { reply, end } = adapter;
    adapter.reply = function (this: AbstractHttpAdapter, response: FrameworkResponse, body: unknown, status?: number) {
      if (status !== undefined && status >= 400) {
        const call = callOf(response);
        if (call) call.error = describe(body, status);
      }
      return reply.call(this, response, body, status);
    };
    // Nest calls `end` only for an exception that comes after the response's head was sent.
    adapter.end = function (this: AbstractHttpAdapter, response: FrameworkResponse, message?: string) {
      const call = callOf(response);
      if (call)
        call.error ??= { code: 'THROWN_AFTER_HEADERS', message: 'the handler threw after the response had begun' };
      return end.call(this, response, message);
    };
  }

  /** What is known of a call before its response: also the context of an event that it brought. */
  describe(request: FrameworkRequest, address: string | undefined): Call {
    return { ...this.#asked(request, address), ...this.actorOf(request) };
  }

  /** What the request itself says. */
  #asked(request: FrameworkRequest, address: string | undefined): Call {
    return {
      method: rawRequest(request).method ?? '',
      path: requestUrl(request),
      route: routeTemplate(request),
      clientIp: clientIp(request, address),
      ...headerContext(request.headers),
    };
  }

  /** Hands one call to the trail, with others. Nothing that goes wrong here may show in the response. */
  recordTogether(pending: PendingCall): void {
    try {
      this.#trail.recordTogether(pending);
    } catch (fault) {
      pending.failed(fault);
    }
  }

  /** What a call is recorded as. */
  tell(pending: PendingCall): ToldCall | undefined {
    const told = this.#told(pending);
    const call = withContext(told.call, pending);
    if (call === told.call) return told;
    // What a handler says may be anything, and is looked at before it is taken.
    try {
      this.#trail.record(call, told.body);
      return undefined;
    } catch (fault) {
      this.report('what a handler says of its call could not be recorded', fault);
      return told;
    }
  }

  /** Hands one call to the trail and waits until it is safe; answers what the client gets when it is not. */
  async recordSafely(pending: PendingCall): Promise<Replacement | undefined> {
    try {
      const { call, body } = this.#told(pending);
      await this.#trail.recordDurable(withContext(call, pending), body).catch((fault: unknown) => {
        if (fault instanceof TasktrailError && fault.code !== 'TT_CALL_INVALID') throw fault;
        this.report('what a handler says of its call could not be recorded', fault);
        return this.#trail.recordDurable(call, body);
      });
      return undefined;
    } catch (fault) {
      this.report('a call took place and is not safely recorded', fault);
      return replacement(
        'TT_AUDIT_UNRECORDED',
        'the operation took place, but its audit record could not be made safe',
      );
    }
  }

  /** All that is known of a call at its end. */
  #told(pending: PendingCall): ToldCall {
    const { request, status, aborted } = pending;
    const call = this.#asked(request, pending.address);
    if (pending.actor) Object.assign(call, pending.actor);
    call.timestamp = pending.began;
    call.params = routeParams(request);
    call.status = status;
    call.durationMs = Math.round(pending.duration * 1_000) / 1_000;
    if (aborted) call.aborted = true;
    if (status !== undefined && status >= 400 && !aborted) pending.error ??= { code: reason(status), message: '' };
    call.error = pending.error;
    if (pending.reads !== undefined) {
      const read = this.auditedReads?.describe(pending.reads);
      const metadata = { ...read?.metadata, items: pending.items?.() };
      return { call: { ...call, ...read, metadata }, body: undefined };
    }
    const rule = this.rules.find(call.method, call.route, call.path);
    if (rule) {
      call.operation = rule.operation;
      call.level = rule.level;
      if (rule.target) call.target = { type: rule.target.type, id: call.params?.[rule.target.param ?? 'id'] };
    }
    const declared = Number(header(request.headers, 'content-length'));
    const size = Math.max(pending.received, Number.isSafeInteger(declared) ? declared : 0);
    call.contentType = request.headers['content-type'];
    if (size > pending.kept) call.bodyBytes = size;
    // Compressed bytes say nothing to the sanitizer; their size is kept.
    const encoding = request.headers['content-encoding'];
    const plain = encoding === undefined || encoding === 'identity';
    if (!plain) call.bodyBytes = size;
    return { call, body: plain ? pending.body() : undefined };
  }

  /** Whom the host's hook names. */
  actorOf(request: FrameworkRequest): KnownActor | undefined {
    if (!this.#actor) return undefined;
    try {
      const actor: string | Actor | undefined | null = this.#actor(request);
      if (actor == null) return undefined;
      return typeof actor === 'string'
        ? { actor, actorType: 'user' }
        : { actor: actor.id, actorType: actor.type ?? 'user' };
    } catch (fault) {
      this.report('the `actor` hook threw', fault);
      return undefined;
    }
  }

  /** Says a fault of the audit itself, at powers of ten: visible, but never a flood. */
  report(what: string, fault: unknown): void {
    this.#faults++;
    if (!/^10*$/.test(String(this.#faults))) return;
    const many = this.#faults > 1 ? ` (${this.#faults} faults so far)` : '';
    try {
      this.#logger.error(`${what}${many}: ${fault instanceof Error ? fault.message : String(fault)}`);
    } catch {
      // A host's logger that throws must not end the host.
    }
  }
}

/** An answer with a stable code. */
function replacement(code: string, message: string): Replacement {
  const fault = httpFault(code, message);
  return { status: fault.getStatus(), body: fault.getResponse() };
}

function reason(status: number): string {
  return STATUS_CODES[status] ?? String(status);
}

/** Code and message of an error response's body, as Nest and most hosts shape it. */
function describe(body: unknown, status: number): CallError {
  if (typeof body === 'string') return { code: reason(status), message: body.slice(0, MESSAGE_LIMIT) };
  const { code, error, message } = (body ?? {}) as Record<string, unknown>;
  const text = Array.isArray(message) ? message.join('; ') : typeof message === 'string' ? message : '';
  const name = [code, error].find((name) => typeof name === 'string' && name !== '') as string | undefined;
  return { code: name ?? reason(status), message: text.slice(0, MESSAGE_LIMIT) };
}
