import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import { Logger } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { Call, CallError, Trail } from '@tasktrail/node';
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
type Watched = ServerResponse & { [CALL]?: PendingCall };

/** A middleware of Express. */
export type Middleware = (
  request: FrameworkRequest & IncomingMessage,
  response: ServerResponse,
  next: () => void,
) => void;

/** Whether a method changes state. */
function changesState(method: string | undefined): boolean {
  return method === 'POST' || method === 'PATCH' || method === 'PUT' || method === 'DELETE';
}

/** One state-changing request from its first byte to the end of its response. */
export class PendingCall {
  readonly began = Date.now();
  readonly #start = performance.now();
  readonly #capture: Capture;
  readonly request: FrameworkRequest;
  // Read now: a socket that has hung up no longer knows its peer.
  readonly address: string | undefined;
  /** What went wrong, as far as the framework said it. */
  error: CallError | undefined;
  chunks: Buffer[] = [];
  kept = 0;
  received = 0;
  #state: 'open' | 'held' | 'ended while held' | 'closed' = 'open';
  #duration = 0;
  #aborted = false;

  constructor(capture: Capture, request: FrameworkRequest, raw: IncomingMessage) {
    this.#capture = capture;
    this.request = request;
    this.address = raw.socket?.remoteAddress;
  }

  /** Takes one chunk of the body: keeps it up to the budget without a copy, counts the rest. */
  take(chunk: Buffer): void {
    const room = BODY_BUDGET - this.kept;
    this.received += chunk.length;
    if (room <= 0) return;
    const part = chunk.length <= room ? chunk : chunk.subarray(0, room);
    this.chunks.push(part);
    this.kept += part.length;
  }

  /** The body's bytes that were kept. */
  body(): Buffer | undefined {
    return this.chunks.length > 1 ? Buffer.concat(this.chunks, this.kept) : this.chunks[0];
  }

  /** An event is being decided: its record, if it is accepted, takes the place of this call's. */
  hold(): void {
    if (this.#state === 'open') this.#state = 'held';
  }

  /** The event was recorded (this call is not) or refused (this call is). */
  release(recorded: boolean): void {
    const ended = this.#state === 'ended while held';
    if (recorded) this.#state = 'closed';
    else if (ended) this.#record();
    else if (this.#state === 'held') this.#state = 'open';
  }

  /** The response has ended, or the client has hung up. */
  settle(response: ServerResponse, hungUp: boolean): void {
    if (this.#state === 'closed' || this.#state === 'ended while held') return;
    this.#duration = performance.now() - this.#start;
    // A client that leaves once the response is complete has not aborted it.
    this.#aborted = hungUp && !response.writableEnded;
    if (this.#state === 'held') this.#state = 'ended while held';
    else this.#record(response);
  }

  #record(response?: ServerResponse): void {
    this.#state = 'closed';
    const status = response?.headersSent ? response.statusCode : undefined;
    this.#capture.record(this, status, this.#duration, this.#aborted);
    this.chunks = [];
  }
}

function finished(this: Watched): void {
  this[CALL]?.settle(this, false);
}

function closed(this: Watched): void {
  this[CALL]?.settle(this, true);
}

// Every byte of a body goes through `push`, whoever reads it later and whether its parser likes it or not.
function tap(this: Tapped, chunk: unknown, encoding?: BufferEncoding): boolean {
  if (chunk instanceof Buffer) this[CALL]?.take(chunk);
  return (Object.getPrototypeOf(this) as IncomingMessage).push.call(this, chunk, encoding);
}

/** The call that a request belongs to, if it is captured. */
export function pendingCall(request: FrameworkRequest): PendingCall | undefined {
  return ((request.raw ?? request) as Tapped)[CALL];
}

/** Records every state-changing request of an HTTP adapter, whatever happens to it. */
export class Capture {
  /** What decorators say; set when the application is complete. */
  rules = new RouteRules();
  readonly #trail: Trail;
  readonly #actor: ResolvedOptions['actor'];
  readonly #logger = new Logger('Tasktrail');
  #faults = 0;

  constructor(trail: Trail, options: ResolvedOptions) {
    this.#trail = trail;
    this.#actor = options.actor;
  }

  /**
   * Hooks in front of everything else on the adapter: body parser, guards and router come behind.
   *
   * @param next what else this module does there, on Express: a layer of its own would cost each request a few microseconds.
   */
  install(adapter: AbstractHttpAdapter, next: Middleware): void {
    if (adapter.getType() === 'fastify') {
      adapter
        .getInstance()
        .addHook(
          'onRequest',
          (request: FrameworkRequest & { raw: IncomingMessage }, reply: { raw: ServerResponse }, done: () => void) => {
            this.#open(request, request.raw, reply.raw);
            done();
          },
        );
    } else {
      adapter.use((request: FrameworkRequest & IncomingMessage, response: ServerResponse, done: () => void) => {
        this.#open(request, request, response);
        next(request, response, done);
      });
    }
    this.#listenForErrors(adapter);
  }

  #open(request: FrameworkRequest, raw: Tapped, response: Watched): void {
    if (!changesState(raw.method) || raw[CALL] !== undefined) return;
    const call = new PendingCall(this, request, raw);
    raw[CALL] = call;
    response[CALL] = call;
    raw.push = tap;
    response.on('finish', finished);
    response.on('close', closed);
  }

  /** Notes what the framework answers a failed call with: the only place that knows without an interceptor per request. */
  #listenForErrors(adapter: AbstractHttpAdapter): void {
    const { reply, end } = adapter;
    adapter.reply = function (this: AbstractHttpAdapter, response: FrameworkResponse, body: unknown, status?: number) {
      if (status !== undefined && status >= 400) {
        const call = (rawResponse(response) as Watched)[CALL];
        if (call) call.error = describe(body, status);
      }
      return reply.call(this, response, body, status);
    };
    // Nest calls `end` only for an exception that comes after the response's head was sent.
    adapter.end = function (this: AbstractHttpAdapter, response: FrameworkResponse, message?: string) {
      const call = (rawResponse(response) as Watched)[CALL];
      if (call)
        call.error ??= { code: 'THROWN_AFTER_HEADERS', message: 'the handler threw after the response had begun' };
      return end.call(this, response, message);
    };
  }

  /** What is known of a call before its response: also the context of an event that it brought. */
  describe(request: FrameworkRequest, address: string | undefined): Call {
    return {
      method: rawRequest(request).method ?? '',
      path: requestUrl(request),
      route: routeTemplate(request),
      clientIp: clientIp(request, address),
      ...headerContext(request.headers),
      ...this.#actorOf(request),
    };
  }

  /** Hands one call to the trail. Nothing that goes wrong here may show in the response. */
  record(pending: PendingCall, status: number | undefined, durationMs: number, aborted: boolean): void {
    try {
      const { request } = pending;
      const call = this.describe(request, pending.address);
      call.timestamp = pending.began;
      const rule = this.rules.find(call.method, call.route, call.path);
      call.params = routeParams(request);
      call.status = status;
      call.durationMs = Math.round(durationMs * 1_000) / 1_000;
      if (aborted) call.aborted = true;
      if (status !== undefined && status >= 400 && !aborted) pending.error ??= { code: reason(status), message: '' };
      call.error = pending.error;
      if (rule) {
        call.operation = rule.operation;
        call.level = rule.level;
      }
      const declared = Number(header(request.headers, 'content-length'));
      const size = Math.max(pending.received, Number.isSafeInteger(declared) ? declared : 0);
      call.contentType = request.headers['content-type'];
      if (size > pending.kept) call.bodyBytes = size;
      // Compressed bytes say nothing to the sanitizer; their size is kept.
      const encoding = request.headers['content-encoding'];
      const plain = encoding === undefined || encoding === 'identity';
      if (!plain) call.bodyBytes = size;
      this.#trail.record(call, plain ? pending.body() : undefined);
    } catch (fault) {
      this.#report('a call could not be recorded', fault);
    }
  }

  #actorOf(request: FrameworkRequest): Pick<Call, 'actor' | 'actorType'> | undefined {
    if (!this.#actor) return undefined;
    try {
      const actor: string | Actor | undefined | null = this.#actor(request);
      if (actor == null) return undefined;
      return typeof actor === 'string'
        ? { actor, actorType: 'user' }
        : { actor: actor.id, actorType: actor.type ?? 'user' };
    } catch (fault) {
      this.#report('the `actor` hook threw', fault);
      return undefined;
    }
  }

  /** Says a fault of the audit itself, at powers of ten: visible, but never a flood. */
  #report(what: string, fault: unknown): void {
    this.#faults++;
    if (!/^10*$/.test(String(this.#faults))) return;
    const many = this.#faults > 1 ? ` (${this.#faults} faults so far)` : '';
    this.#logger.error(`${what}${many}: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
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
