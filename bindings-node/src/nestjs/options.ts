import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';
import { TasktrailError, type ActorType, type Scope, type TrailOptions } from '@tasktrail/node';
import type { SocketServer } from './gateway';
import type { MetricsRegistry } from './metrics';

/** Who asks to read: what a host needs to decide. */
export interface Principal {
  /** The HTTP request, or the socket's handshake request. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the type is the host's framework's
  request: any;
  /** `request.user`, where a guard of the host has set it. */
  user: unknown;
  /** The API key presented (`x-api-key` or `authorization`). */
  apiKey: string | undefined;
}

/** Who made a call, as the host knows them. */
export interface Actor {
  id: string;
  type?: ActorType;
}

/** Live updates over Socket.IO. */
export interface GatewayOptions {
  /** The host's own server, or a function that gives it at bootstrap; without it, one is attached on path `/orchestration`. */
  server?: SocketServer | (() => SocketServer);
  /** Passed to the attached server's `cors`. */
  cors?: unknown;
}

/** What the module itself takes; everything else goes to `Trail.open`. */
export interface TasktrailModuleOptions extends Omit<TrailOptions, 'degradedStart' | 'spool'> {
  /** The store: `memory:`, `sqlite:path/to/audit.db`, `mongodb://…/db`, `mongodb+srv://…/db`, `http(s)://api-base`. */
  url: string;
  /**
   * Folder of the spool, which keeps records on disk while the store cannot take them. Without it one in the user's folder for
   * state is used, said in the log; `false` does without, and so does a store in memory.
   */
  spool?: string | false;
  /**
   * `true` answers 503 `TT_AUDIT_UNAVAILABLE` in the place of a state-changing call that could not be recorded safely: neither
   * spool nor store takes anything.
   */
  failClosed?: boolean;
  /**
   * Holds the end of each response until what was recorded is in the store, at most so many milliseconds (`true`: 2,000). For
   * hosts whose process is frozen behind the response, such as AWS Lambda.
   */
  flushBeforeResponse?: boolean | number;
  /** A registry of `prom-client` that shows what the trail counts. */
  metrics?: MetricsRegistry;
  /** Where the routes live; `api`. Not doubled when it is also the host's global prefix. */
  path?: string;
  /** Guards of the read and event routes; the read guards also check a socket's handshake. */
  guards?: Array<Type<CanActivate> | CanActivate>;
  /** Whether this principal may read this scope, over REST and sockets alike. A throw is a refusal. */
  authorize?: (principal: Principal, scope: Scope) => boolean | Promise<boolean>;
  /** Who made a call; without it, the fingerprint of the API key. A throw is logged, and the call recorded without it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the type is the host's framework's
  actor?: (request: any) => string | Actor | undefined | null;
  /** `false` records no calls. */
  capture?: boolean;
  /**
   * Keeps each call's context at hand for `trail.context()`. Without it, where a class of the application injects the trail, and
   * always on Node 24 and newer, where it costs next to nothing.
   */
  context?: boolean;
  /**
   * `true` records who reads the audit too: each call of the GET routes as `audit.read` or `audit.exported`, each subscription as
   * `audit.subscribed`, refused ones as well. A read is never held or refused for that.
   */
  auditReads?: boolean;
  /** `false` leaves out the GET routes. */
  reads?: boolean;
  /** `false` leaves out `POST {path}/events/project`. */
  events?: boolean;
  /**
   * `false` leaves out `POST {path}/audit-history/records`, which takes the records of trails that were opened on this API's
   * URL. Who may deliver is asked as for a read of the whole trail.
   */
  records?: boolean;
  /** `false` leaves out live updates. */
  gateway?: boolean | GatewayOptions;
  /** Requests a minute and key; 120 reads, 600 events, and as many deliveries of records as events. `false` lifts the limit. */
  rateLimit?: { reads?: number | false; events?: number | false };
}

/** Options that decide which routes exist, and so are needed before anything can be injected. */
type Static = Pick<TasktrailModuleOptions, 'path' | 'guards' | 'reads' | 'events' | 'records'>;

/** Options made by a factory. */
export interface TasktrailModuleAsyncOptions extends Static, Pick<ModuleMetadata, 'imports'> {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as Nest types its own factories
  inject?: any[];
  useFactory: (
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as Nest types its own factories
    ...args: any[]
  ) => Omit<TasktrailModuleOptions, keyof Static> | Promise<Omit<TasktrailModuleOptions, keyof Static>>;
}

/** The module's own options with their defaults. */
export interface ResolvedOptions {
  path: string;
  guards: Array<Type<CanActivate> | CanActivate>;
  authorize: TasktrailModuleOptions['authorize'];
  actor: TasktrailModuleOptions['actor'];
  capture: boolean;
  context: boolean | undefined;
  auditReads: boolean;
  failClosed: boolean;
  /** Milliseconds; 0 does not flush. */
  flushMs: number;
  reads: boolean;
  events: boolean;
  records: boolean;
  gateway: GatewayOptions | false;
  limits: { reads: number | false; events: number | false };
  url: string;
  metrics: MetricsRegistry | undefined;
  /** `undefined` takes the store's default. */
  spool: string | false | undefined;
  trail: Omit<TrailOptions, 'spool'>;
}

/** How long a response is held when nobody says. */
const FLUSH_MS = 2_000;

type Check = (value: unknown) => boolean;
const isFunction: Check = (value) => typeof value === 'function';
const isBoolean: Check = (value) => typeof value === 'boolean';

const CHECKS: Record<string, [check: Check, expected: string]> = {
  url: [(value) => typeof value === 'string' && value !== '', 'a store URL such as "sqlite:./audit.db"'],
  path: [(value) => typeof value === 'string', 'a path such as "api"'],
  guards: [Array.isArray, 'an array of guards'],
  authorize: [isFunction, 'a function'],
  actor: [isFunction, 'a function'],
  capture: [isBoolean, 'true or false'],
  context: [isBoolean, 'true or false'],
  auditReads: [isBoolean, 'true or false'],
  spool: [(value) => value === false || (typeof value === 'string' && value !== ''), 'a folder or false'],
  failClosed: [isBoolean, 'true or false'],
  metrics: [
    (value) => typeof (value as MetricsRegistry | null)?.registerMetric === 'function',
    'a registry of prom-client',
  ],
  flushBeforeResponse: [
    (value) => isBoolean(value) || (typeof value === 'number' && value > 0 && value <= 60_000),
    'true, false or milliseconds from 1 to 60,000',
  ],
  reads: [isBoolean, 'true or false'],
  events: [isBoolean, 'true or false'],
  records: [isBoolean, 'true or false'],
  gateway: [
    (value) => isBoolean(value) || (typeof value === 'object' && value !== null),
    'true, false or { server?, cors? }',
  ],
  rateLimit: [(value) => typeof value === 'object' && value !== null, '{ reads?, events? }'],
};

function refuse(name: string, message: string): never {
  throw new TasktrailError('TT_OPTIONS_INVALID', `option \`${name}\` ${message}`, { field: name });
}

function limit(limits: Record<string, unknown>, name: 'reads' | 'events', fallback: number): number | false {
  const value = limits[name];
  if (value === undefined) return fallback;
  if (value === false || (typeof value === 'number' && Number.isFinite(value) && value >= 1)) return value;
  return refuse(`rateLimit.${name}`, `is a number from 1 or false, not ${JSON.stringify(value)}`);
}

/** Checks the module's options by name; those of the trail are checked where it is opened. */
export function resolveOptions(options: TasktrailModuleOptions): ResolvedOptions {
  if (typeof options !== 'object' || options === null) refuse('url', 'is missing: TasktrailModule.forRoot({ url: … })');
  if (options.url === undefined) refuse('url', 'is missing: give a store URL such as "sqlite:./audit.db"');
  for (const [name, [check, expected]] of Object.entries(CHECKS)) {
    const value = (options as unknown as Record<string, unknown>)[name];
    if (value !== undefined && !check(value)) refuse(name, `is ${expected}`);
  }
  if ('degradedStart' in options)
    refuse('degradedStart', 'is no option here: the module always starts, and says so when the store is down');
  const { url, path, guards, authorize, actor, capture, reads, events, records, gateway, rateLimit, ...rest } = options;
  const { auditReads, spool, failClosed, flushBeforeResponse, metrics, context, ...trail } = rest;
  const limits = (rateLimit ?? {}) as Record<string, unknown>;
  for (const name of Object.keys(limits)) {
    if (name !== 'reads' && name !== 'events') refuse(`rateLimit.${name}`, 'is unknown; known are reads and events');
  }
  const live = gateway === undefined || gateway === true ? {} : gateway;
  for (const name of Object.keys(live || {})) {
    if (name !== 'server' && name !== 'cors') refuse(`gateway.${name}`, 'is unknown; known are server and cors');
  }
  return {
    url,
    path: trimSlashes(path ?? 'api'),
    guards: guards ?? [],
    authorize,
    actor,
    capture: capture ?? true,
    context,
    auditReads: auditReads ?? false,
    failClosed: failClosed ?? false,
    flushMs: flushBeforeResponse === true ? FLUSH_MS : flushBeforeResponse || 0,
    reads: reads ?? true,
    events: events ?? true,
    records: records ?? true,
    gateway: live,
    limits: { reads: limit(limits, 'reads', 120), events: limit(limits, 'events', 600) },
    spool,
    metrics,
    trail,
  };
}

/** `/api/` → `api`. */
export function trimSlashes(path: string): string {
  let from = 0;
  let to = path.length;
  while (from < to && path[from] === '/') from++;
  while (to > from && path[to - 1] === '/') to--;
  return path.slice(from, to);
}
