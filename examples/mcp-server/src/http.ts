import { randomUUID, timingSafeEqual, createHash } from 'node:crypto';
import {
  createServer as listenHttp,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { isInitializeRequest } from '@modelcontextprotocol/sdk/types.js';
import type { Log } from './log.js';
import { isLoopback, type HttpOptions } from './options.js';

const PATH = '/mcp';
/** An event of 1 MB, escaped. */
const MAX_BODY = 4 * 1_024 * 1_024;
/** A session that nobody has used for so long gives way first, and ends after so long by itself. */
const IDLE_MS = 30 * 60_000;
const SWEEP_MS = 60_000;

interface Session {
  transport: StreamableHTTPServerTransport;
  server: Server;
  /** Requests that are open: a client that listens has one all the time. */
  open: number;
  usedAt: number;
}

/** Streamable HTTP at `/mcp`: a bounded number of sessions, and only for callers of this machine that are no web pages. */
export class HttpServing {
  readonly #options: HttpOptions;
  readonly #connect: () => Server;
  readonly #log: Log;
  readonly #http: HttpServer;
  readonly #sessions = new Map<string, Session>();
  readonly #sweep: NodeJS.Timeout;
  /** Sessions that are being made, so that many at once keep to the bound. */
  #coming = 0;

  /** `connect` makes the server of a session. */
  constructor(options: HttpOptions, connect: () => Server, log: Log) {
    this.#options = options;
    this.#connect = connect;
    this.#log = log;
    this.#http = listenHttp((request, response) => void this.#answer(request, response));
    this.#sweep = setInterval(() => this.#endIdle(), SWEEP_MS).unref();
  }

  /** Resolves to its address. */
  async listen(): Promise<string> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject).listen(port, host, resolve);
    });
    const address = this.#http.address() as AddressInfo;
    return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}${PATH}`;
  }

  /** Takes nothing new, ends all sessions and their streams. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    await Promise.all([...this.#sessions.values()].map(({ server }) => server.close()));
    this.#http.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const refusal = this.#refusal(request);
      if (refusal) refuse(response, ...refusal);
      else await this.#serve(request, response);
    } catch (fault) {
      this.#log('warn', 'a request could not be answered', { cause: (fault as Error).message });
      if (!response.headersSent) refuse(response, 500, 'the request could not be answered');
      else response.destroy();
    }
  }

  /** A page that has made its own name point here sends that name as host, and any page its origin. */
  #refusal(request: IncomingMessage): [status: number, message: string] | undefined {
    const { host, origin, authorization } = request.headers;
    if (!this.#isOwn(`http://${host}`)) return [403, 'this Host is not served'];
    if (origin !== undefined && !this.#isOwn(origin)) return [403, 'pages of this Origin are not served'];
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== PATH) return [404, `there is only ${PATH}`];
    const { token } = this.#options;
    if (token !== undefined && !isSame(authorization, `Bearer ${token}`)) return [401, 'a bearer token is needed'];
    return undefined;
  }

  #isOwn(address: string): boolean {
    if (!URL.canParse(address)) return false;
    const name = new URL(address).hostname.replace(/^\[(.*)\]$/, '$1');
    return isLoopback(name) || name === this.#options.host || this.#options.names.includes(name);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers['mcp-session-id'];
    if (id !== undefined) {
      const session = typeof id === 'string' ? this.#sessions.get(id) : undefined;
      if (!session) return refuse(response, 404, 'there is no such session; initialize a new one');
      return this.#handle(session, request, response);
    }
    if (request.method !== 'POST') return refuse(response, 400, 'the header Mcp-Session-Id is missing');
    const body = await read(request);
    if (body === undefined) return refuse(response, 413, `at most ${MAX_BODY} bytes are taken`);
    const message = parse(body);
    if (!isInitializeRequest(message)) return refuse(response, 400, 'a session begins with initialize');
    if (!this.#makeRoom()) return refuse(response, 503, 'all sessions are in use', { 'retry-after': '10' });
    this.#coming += 1;
    try {
      const session = await this.#open();
      await this.#handle(session, request, response, message);
    } finally {
      this.#coming -= 1;
    }
  }

  async #open(): Promise<Session> {
    const server = this.#connect();
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void this.#sessions.set(id, session),
    });
    const session: Session = { transport, server, open: 0, usedAt: Date.now() };
    await server.connect(transport);
    const onclose = transport.onclose;
    transport.onclose = () => {
      if (transport.sessionId !== undefined) this.#sessions.delete(transport.sessionId);
      onclose?.();
    };
    return session;
  }

  async #handle(
    session: Session,
    request: IncomingMessage,
    response: ServerResponse,
    message?: unknown,
  ): Promise<void> {
    session.open += 1;
    session.usedAt = Date.now();
    response.once('close', () => {
      session.open -= 1;
      session.usedAt = Date.now();
    });
    await session.transport.handleRequest(request, response, message);
  }

  /** Whether another session may begin, once the one that has been idle for longest has made way. */
  #makeRoom(): boolean {
    if (this.#sessions.size + this.#coming < this.#options.maxSessions) return true;
    const idle = [...this.#sessions.values()].filter(({ open }) => open === 0).sort((a, b) => a.usedAt - b.usedAt);
    if (!idle[0]) return false;
    this.#end(idle[0], 'a session that was idle made way');
    return true;
  }

  #endIdle(): void {
    const before = Date.now() - IDLE_MS;
    for (const session of this.#sessions.values()) {
      if (session.open === 0 && session.usedAt < before)
        this.#end(session, 'a session was idle for long and has ended');
    }
  }

  #end(session: Session, why: string): void {
    const { sessionId } = session.transport;
    // At once, so that it counts no more; its streams end behind it.
    if (sessionId !== undefined) this.#sessions.delete(sessionId);
    this.#log('info', why);
    session.server
      .close()
      .catch((fault: Error) => this.#log('warn', 'a session did not end cleanly', { cause: fault.message }));
  }
}

function isSame(given: string | undefined, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return given !== undefined && timingSafeEqual(digest(given), digest(wanted));
}

async function read(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32_000, message }, id: null }));
}
