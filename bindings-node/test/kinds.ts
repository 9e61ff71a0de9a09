// Every kind of end that a state-changing request can have, and the record that it must leave.
import 'reflect-metadata';
import { EventEmitter, once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  HttpException,
  Module,
  Param,
  ParseIntPipe,
  Patch,
  Post,
  Put,
  Res,
  UseGuards,
  type CanActivate,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { AuditRecord, Trail } from '@tasktrail/node';
import { Audit, SkipAudit, TasktrailModule, TRAIL, type TasktrailModuleOptions } from '@tasktrail/node/nestjs';
import { until } from './until';

export type Framework = 'express' | 'fastify';

const refuse = (status: number, message: string): CanActivate => ({
  canActivate() {
    throw new HttpException({ statusCode: status, message }, status);
  },
});

class Never implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

/** Tells by its workspace that a call has reached its slow handler. */
const arrivals = new EventEmitter();

/** What a response emits when the time-out middleware has answered. */
const ANSWERED = Symbol('answered');

/** Lets the patient handler go on with a call. */
const goOn = (workspace: string): string => `go on with ${workspace}`;

/** Asks the host's time-out middleware to give a call up, by the means of its framework or of Node. */
const GIVE_UP = 'x-give-up';

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The response of Node beneath either framework's. */
const beneath = (response: unknown): http.ServerResponse =>
  (response as { raw?: http.ServerResponse }).raw ?? (response as http.ServerResponse);

/** The same, for a handler that writes it by itself. */
const raw = (response: unknown): http.ServerResponse => {
  (response as { hijack?(): void }).hijack?.();
  return beneath(response);
};

/** Says that a call is with its handler, and waits until something lets it go on. */
function arrived(response: unknown, wait: (resume: () => void) => void): Promise<void> {
  const resumed = new Promise<void>((resolve) => wait(resolve));
  arrivals.emit(String(beneath(response).req.headers['x-workspace-id']));
  return resumed;
}

/** Waits until a response has closed: its client has left, or somebody else has answered. */
const closing = (response: unknown): Promise<void> =>
  arrived(response, (resume) => beneath(response).once('close', resume));

/** As a handler does that does not ask whether somebody else has answered. */
function answerTwice(response: unknown): void {
  raw(response).writeHead(200, { 'Content-Type': 'text/plain' });
  raw(response).write('never ');
  raw(response).end('seen');
}

@Controller('things')
class ThingsController {
  @Post()
  create(@Body() body: unknown): unknown {
    return { id: 'thing-1', body };
  }

  @Put(':id')
  replace(@Param('id') id: string): unknown {
    return { id };
  }

  @Patch(':id')
  change(@Param('id') id: string): unknown {
    return { id };
  }

  @Delete(':id')
  @HttpCode(204)
  remove(): void {}

  @Get()
  list(): unknown[] {
    return [];
  }

  @Post('guarded/401')
  @UseGuards(refuse(401, 'no key'))
  unauthorized(): void {}

  @Post('guarded/403')
  @UseGuards(Never)
  forbidden(): void {}

  @Post('guarded/429')
  @UseGuards(refuse(429, 'too many'))
  throttled(): void {}

  @Post('numbered/:n')
  numbered(@Param('n', ParseIntPipe) n: number): unknown {
    return { n };
  }

  @Post('throws/sync')
  throwsSync(): void {
    throw new Error('boom');
  }

  @Post('throws/async')
  async throwsAsync(): Promise<void> {
    await later(1);
    throw new Error('boom later');
  }

  @Post('throws/late')
  async throwsLate(@Res({ passthrough: true }) response: unknown): Promise<void> {
    raw(response).writeHead(200, { 'Content-Type': 'text/plain' });
    raw(response).write('half of it');
    await later(1);
    throw new Error('boom after headers');
  }

  @Post('stream')
  async stream(@Res() response: unknown): Promise<void> {
    raw(response).writeHead(200, { 'Content-Type': 'text/plain' });
    for (let part = 0; part < 3; part++) {
      raw(response).write('part');
      await later(2);
    }
    raw(response).end();
  }

  @Post('slow')
  async slow(@Res({ passthrough: true }) response: unknown): Promise<unknown> {
    // Until the client has hung up, and that once it is here: a clock would lose the race on a busy machine.
    await closing(response);
    return { done: true };
  }

  @Post('slow/raw')
  async slowRaw(@Res() response: unknown): Promise<void> {
    await closing(response);
    answerTwice(response);
  }

  @Post('slow/racing')
  async slowRacing(@Res() response: unknown): Promise<void> {
    await arrived(response, (resume) => beneath(response).once(ANSWERED, resume));
    answerTwice(response);
  }

  @Post('patient')
  async patient(@Headers('x-workspace-id') workspace: string, @Res({ passthrough: true }) response: unknown) {
    await arrived(response, (resume) => arrivals.once(goOn(workspace), resume));
    return { done: true };
  }

  @Post('big')
  @HttpCode(200)
  big(@Res() response: unknown): void {
    raw(response).writeHead(200, { 'Content-Type': 'text/plain' });
    raw(response).end(Buffer.alloc(32 * 1024 * 1024, 'x'));
  }

  @Post('renamed/:id')
  @Audit({ operation: 'thing.renamed', level: 'metadata' })
  renamed(): unknown {
    return {};
  }

  @Post('skipped')
  @SkipAudit()
  skipped(): unknown {
    return {};
  }

  @Post('skipped/denied')
  @SkipAudit()
  @UseGuards(Never)
  skippedDenied(): unknown {
    return {};
  }
}

/**
 * A middleware of the host that answers in the place of a handler that takes too long: here, as soon as it has the call, for
 * a clock would lose the race on a busy machine.
 */
function answerInTime(app: INestApplication): void {
  const watch = (response: http.ServerResponse, by: Record<string, () => unknown>): void => {
    const answer = by[String(response.req.headers[GIVE_UP])];
    if (!answer) return;
    arrivals.once(String(response.req.headers['x-workspace-id']), () => {
      answer();
      response.emit(ANSWERED);
    });
  };
  const byNode = (response: http.ServerResponse) => (): unknown => response.writeHead(504).end('too late');
  const adapter = app.getHttpAdapter();
  if (adapter.getType() === 'express') {
    app.use((_request: http.IncomingMessage, response: ExpressResponse, next: () => void) => {
      const byFramework = (): unknown => response.status(503).json({ message: 'too late' });
      watch(response, { framework: byFramework, node: byNode(response) });
      next();
    });
  } else {
    adapter.getInstance().addHook('onRequest', (_request: unknown, reply: FastifyReply, done: () => void) => {
      const byFramework = (): unknown => reply.code(503).send({ message: 'too late' });
      watch(reply.raw, { framework: byFramework, node: byNode(reply.raw) });
      done();
    });
  }
}

type ExpressResponse = http.ServerResponse & { status(code: number): { json(body: unknown): unknown } };
type FastifyReply = { raw: http.ServerResponse; code(status: number): { send(body: unknown): unknown } };

export interface Host {
  app: INestApplication;
  url: string;
  port: number;
  trail: Trail;
  close(): Promise<void>;
}

/** A host with Tasktrail and some controllers, on a free port. */
export async function startHost(
  framework: Framework,
  options: TasktrailModuleOptions,
  more: {
    controllers?: Type<unknown>[];
    /** Modules of the host beside Tasktrail's. */
    imports?: Type<unknown>[];
    before?: (app: INestApplication) => void;
    port?: number;
    /** Whether `close` waits for the requests that are being handled. */
    drains?: boolean;
  } = {},
): Promise<Host> {
  @Module({
    imports: [TasktrailModule.forRoot(options), ...(more.imports ?? [])],
    controllers: more.controllers ?? [ThingsController],
  })
  class AppModule {}
  const adapter = framework === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(AppModule, adapter, {
    logger: false,
    abortOnError: false,
    forceCloseConnections: !more.drains,
  });
  more.before?.(app);
  await app.listen(more.port ?? 0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, port, url: `http://127.0.0.1:${port}`, trail: app.get(TRAIL), close: () => app.close() };
}

/** As much of an answer as a test looks at. */
const MOST_TEXT = 1_000;

interface Sent {
  method?: string;
  path: string;
  body?: string;
  headers?: Record<string, string>;
  /** `before`: leave while the handler works; `after`: leave when the response's head is here. */
  hangUp?: 'before' | 'after';
}

/** What the client saw: nothing when it hung up, or the connection broke. */
type Seen = Pick<Row, 'status' | 'text'>;

/** Sends one request on a connection of its own. */
function send(port: number, sent: Sent, headers: Record<string, string>): Promise<Seen> {
  const nothing: Seen = { status: null, text: '' };
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: '127.0.0.1',
        port,
        method: sent.method ?? 'POST',
        path: sent.path,
        agent: false,
        headers: {
          ...(sent.body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
          ...sent.headers,
        },
      },
      (response) => {
        if (sent.hangUp === 'after') {
          request.destroy();
          resolve(nothing);
          return;
        }
        let text = '';
        response.on('data', (chunk: Buffer) => {
          if (text.length < MOST_TEXT) text += chunk.toString();
        });
        response.on('close', () => resolve({ status: response.statusCode ?? null, text }));
      },
    );
    request.on('error', (fault: NodeJS.ErrnoException) => {
      if (sent.hangUp) resolve(nothing);
      else if (fault.code === 'ECONNRESET' || fault.code === 'EPIPE') resolve(nothing);
      else reject(fault);
    });
    if (sent.hangUp === 'before') arrivals.once(headers['x-workspace-id'] ?? '', () => request.destroy());
    request.end(sent.body);
  });
}

export interface Kind extends Sent {
  name: string;
  /** What the one record must say; `null` when there must be none. */
  record: Partial<AuditRecord> | null;
  /** Whether the record's error must be set. */
  error?: string | RegExp;
  /** What the client must have been answered. */
  answer?: string;
}

const JSON_BODY = JSON.stringify({ title: 'a thing', password: 'hunter2' });
const large = (framework: Framework): string =>
  JSON.stringify({ title: 'x'.repeat(framework === 'express' ? 200_000 : 1_200_000) });

export const kinds = (framework: Framework): Kind[] => [
  { name: 'handled, POST', path: '/things', body: JSON_BODY, record: { response_status: 201, outcome: 'success' } },
  {
    name: 'handled, PUT',
    method: 'PUT',
    path: '/things/7',
    body: JSON_BODY,
    record: { response_status: 200, outcome: 'success' },
  },
  {
    name: 'handled, PATCH',
    method: 'PATCH',
    path: '/things/7',
    body: JSON_BODY,
    record: { response_status: 200, outcome: 'success' },
  },
  {
    name: 'handled, DELETE',
    method: 'DELETE',
    path: '/things/7',
    record: { response_status: 204, outcome: 'success' },
  },
  {
    name: 'guard refused 401',
    path: '/things/guarded/401',
    body: JSON_BODY,
    record: { response_status: 401, outcome: 'denied' },
    error: 'no key',
  },
  {
    name: 'guard refused 403',
    path: '/things/guarded/403',
    body: JSON_BODY,
    record: { response_status: 403, outcome: 'denied' },
    error: /Forbidden/,
  },
  {
    name: 'throttled 429',
    path: '/things/guarded/429',
    body: JSON_BODY,
    record: { response_status: 429, outcome: 'denied' },
    error: 'too many',
  },
  {
    name: 'no route 404',
    path: '/nowhere',
    body: JSON_BODY,
    record: { response_status: 404, outcome: 'failure' },
    error: /Cannot POST/,
  },
  {
    name: 'malformed JSON 400',
    path: '/things',
    body: '{"title": "a th',
    record: { response_status: 400, outcome: 'failure' },
    error: /JSON/,
  },
  {
    name: 'too large 413',
    path: '/things',
    body: large(framework),
    record: { response_status: 413, outcome: 'failure' },
    error: /too large/i,
  },
  {
    name: 'pipe refused 400',
    path: '/things/numbered/seven',
    body: JSON_BODY,
    record: { response_status: 400, outcome: 'failure' },
    error: /numeric string/,
  },
  {
    name: 'handler threw 500 (sync)',
    path: '/things/throws/sync',
    body: JSON_BODY,
    record: { response_status: 500, outcome: 'failure' },
    error: 'Internal server error',
  },
  {
    name: 'handler threw 500 (async)',
    path: '/things/throws/async',
    body: JSON_BODY,
    record: { response_status: 500, outcome: 'failure' },
    error: 'Internal server error',
  },
  {
    name: 'handler threw after headers',
    path: '/things/throws/late',
    body: JSON_BODY,
    record: { response_status: 200, outcome: 'failure' },
    error: /after the response had begun/,
  },
  {
    name: 'streamed response',
    path: '/things/stream',
    body: JSON_BODY,
    record: { response_status: 200, outcome: 'success' },
  },
  {
    name: 'client hung up before the handler finished',
    path: '/things/slow',
    body: JSON_BODY,
    hangUp: 'before',
    record: { response_status: null, outcome: 'aborted' },
  },
  {
    name: 'client hung up after the handler finished',
    path: '/things/big',
    body: JSON_BODY,
    hangUp: 'after',
    record: { response_status: 200, outcome: 'success' },
  },
  ...(['framework', 'node'] as const).flatMap((by) =>
    [
      ['', 'answers later'],
      ['/raw', 'answers later by itself'],
      ['/racing', 'answers by itself while that answer is on its way'],
    ].map(([handler, what]) => ({
      name: `timed out by the host (${by}), whose handler ${what}`,
      path: `/things/slow${handler}`,
      body: JSON_BODY,
      headers: { [GIVE_UP]: by },
      record: { response_status: by === 'framework' ? 503 : 504, outcome: 'failure' as const },
      answer: by === 'framework' ? '{"message":"too late"}' : 'too late',
    })),
  ),
  {
    name: '@Audit(operation, level)',
    path: '/things/renamed/7',
    body: JSON_BODY,
    record: { response_status: 201, operation_type: 'thing.renamed', request_summary: null },
  },
  { name: '@SkipAudit', path: '/things/skipped', body: JSON_BODY, record: null },
  {
    name: '@SkipAudit, denied',
    path: '/things/skipped/denied',
    body: JSON_BODY,
    record: { response_status: 403, outcome: 'denied' },
  },
  { name: 'GET', method: 'GET', path: '/things', record: null },
  { name: 'HEAD', method: 'HEAD', path: '/things', record: null },
  { name: 'OPTIONS', method: 'OPTIONS', path: '/things', record: null },
];

export interface Row {
  kind: Kind;
  status: number | null;
  /** The beginning of the answer's body. */
  text: string;
  records: AuditRecord[];
}

/** Sends a request of each kind and fetches what it left. */
export async function runKinds(framework: Framework, options: TasktrailModuleOptions): Promise<Row[]> {
  const host = await startHost(framework, { gateway: false, ...options }, { before: answerInTime });
  try {
    const rows: Row[] = [];
    const run = Math.random().toString(36).slice(2);
    for (const [at, kind] of kinds(framework).entries()) {
      const workspace = `ws_${run}_${at}`;
      const seen = await send(host.port, kind, {
        'x-workspace-id': workspace,
        'x-api-key': 'key-1',
        'x-request-id': `r-${at}`,
      });
      rows.push({ kind, ...seen, records: [] });
    }
    // The handler whose client has left goes on for a while; its end must not make a second record.
    await later(250);
    await host.trail.flush();
    for (const [at, row] of rows.entries()) {
      row.records = (await host.trail.query({ workspaceId: `ws_${run}_${at}` })).items;
    }
    return rows;
  } finally {
    await host.close();
  }
}

/** A call that is being handled when its server shuts down, and what its one record must say. */
export interface Shutdown {
  name: string;
  /** Whether the server does not wait for it: its connection is destroyed, and its handler goes on behind the end of all. */
  destroyed: boolean;
  status: number | null;
  record: Partial<AuditRecord>;
}

export const shutdowns: Shutdown[] = [
  {
    name: 'the server shut down and waited for the handler',
    destroyed: false,
    status: 201,
    record: { response_status: 201, outcome: 'success' },
  },
  {
    name: 'the server shut down and destroyed the connection',
    destroyed: true,
    status: null,
    record: { response_status: null, outcome: 'aborted' },
  },
];

/** Shuts a host down while it handles a call; when this resolves, its trail has closed. */
export async function runShutdown(
  framework: Framework,
  options: TasktrailModuleOptions,
  { destroyed }: Shutdown,
): Promise<Seen & { workspace: string }> {
  const host = await startHost(framework, { gateway: false, ...options }, { drains: true });
  const workspace = `ws_${Math.random().toString(36).slice(2)}`;
  const isHandled = once(arrivals, workspace);
  const seen = send(host.port, { path: '/things/patient', body: JSON_BODY }, { 'x-workspace-id': workspace });
  await isHandled;
  const server = host.app.getHttpServer() as http.Server;
  const closed = host.close();
  await until('the server takes no more', () => !server.listening);
  if (destroyed) server.closeAllConnections();
  else arrivals.emit(goOn(workspace));
  await closed;
  arrivals.emit(goOn(workspace));
  return { ...(await seen), workspace };
}
