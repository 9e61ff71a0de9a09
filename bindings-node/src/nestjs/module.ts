import {
  Inject,
  Logger,
  Module,
  type BeforeApplicationShutdown,
  type CanActivate,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Provider,
  type Type,
} from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants';
import {
  ApplicationConfig,
  DiscoveryModule,
  DiscoveryService,
  HttpAdapterHost,
  MetadataScanner,
  ModuleRef,
  ModulesContainer,
  type AbstractHttpAdapter,
} from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host';
import { defaultSpool, onLog, TasktrailError, Trail, wantContexts } from '@tasktrail/node';
import { lastValueFrom, isObservable } from 'rxjs';
import { Access } from './access';
import { AuditedReads } from './audited';
import { readTextBody } from './body';
import { Capture, type Middleware } from './capture';
import { OPTIONS, TRAIL } from './decorators';
import { createEventsController } from './events.controller';
import { Gateway, type HandshakeGuard } from './gateway';
import { isInjected } from './injected';
import {
  resolveOptions,
  trimSlashes,
  type ResolvedOptions,
  type TasktrailModuleAsyncOptions,
  type TasktrailModuleOptions,
} from './options';
import { registerMetrics } from './metrics';
import { createReadsController } from './reads.controller';
import { createRecordsController } from './records.controller';
import { readRules } from './routes';

const CONNECT_MS = 1_000;
const SHUTDOWN_MS = 5_000;

/** The routes of one module, with their paths below the module's own. */
const ROUTES = Symbol('tasktrail.routes');
interface Routes {
  reads: Type<unknown> | undefined;
  events: Type<unknown> | undefined;
  records: Type<unknown> | undefined;
}

/**
 * The audit trail of a NestJS application: capture of every state-changing call, the read and event routes, and live updates.
 *
 * ```ts
 * @Module({ imports: [TasktrailModule.forRoot({ url: 'sqlite:./audit.db' })] })
 * export class AppModule {}
 * ```
 */
@Module({})
export class TasktrailModule
  implements NestModule, OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  readonly #logger = new Logger('Tasktrail');
  readonly #gateway: Gateway;
  #eventsPath: string | undefined;
  #recordsPath: string | undefined;
  #metrics: (() => void) | undefined;

  constructor(
    @Inject(OPTIONS) private readonly options: ResolvedOptions,
    @Inject(TRAIL) private readonly trail: Trail,
    @Inject(ROUTES) private readonly routes: Routes,
    @Inject(Capture) private readonly capture: Capture,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(ApplicationConfig) private readonly config: ApplicationConfig,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
  ) {
    this.#gateway = new Gateway(
      trail,
      new Access(options),
      options.guards.length > 0 ? this.#guardHandshakes() : undefined,
      capture,
    );
    const adapter = this.#adapter();
    const bodies: Middleware = (request, response, next) => {
      if (request.method !== 'POST') next();
      else if (isPath(request.url, this.#eventsPath))
        readTextBody(request, response, next, 'TT_EVENT_TOO_LARGE', { accepted: false });
      else if (isPath(request.url, this.#recordsPath)) readTextBody(request, response, next, 'TT_DELIVERY_TOO_LARGE');
      else next();
    };
    // The constructor is the one place of a module that runs before the body parser is registered.
    if (adapter && (options.capture || options.auditReads)) capture.install(adapter, bodies);
    else if (adapter?.getType() === 'express' && (routes.events || routes.records)) adapter.use(bodies);
    if (options.metrics) this.#metrics = registerMetrics(options.metrics, trail);
  }

  /** The module with fixed options. */
  static forRoot(options: TasktrailModuleOptions): DynamicModule {
    const resolved = resolveOptions(options);
    return define(resolved, [{ provide: OPTIONS, useValue: resolved }]);
  }

  /** The module with options that a factory makes; which routes exist is said beside it. */
  static forRootAsync(options: TasktrailModuleAsyncOptions): DynamicModule {
    const { imports, inject, useFactory, ...fixed } = options;
    const routes = resolveOptions({ ...fixed, url: 'memory:' });
    const provider: Provider = {
      provide: OPTIONS,
      inject: inject ?? [],
      useFactory: async (...args: unknown[]) => resolveOptions({ ...(await useFactory(...args)), ...fixed }),
    };
    return define(routes, [provider], imports);
  }

  /** Not for middleware: this is the last moment before the router reads the controllers' paths, and the global prefix is known. */
  configure(_consumer: MiddlewareConsumer): void {
    const prefix = trimSlashes(this.config.getGlobalPrefix());
    const { path } = this.options;
    const doubled = path !== '' && (prefix === path || prefix.endsWith(`/${path}`));
    const base = doubled ? '' : path;
    const place = (controller: Type<unknown> | undefined, name: string): void => {
      if (controller) Reflect.defineMetadata(PATH_METADATA, join(base, name), controller);
    };
    place(this.routes.reads, 'audit-history');
    place(this.routes.events, 'events');
    place(this.routes.records, 'audit-history');
    if (this.routes.reads && this.options.auditReads)
      this.capture.auditedReads = new AuditedReads(join(prefix, base, 'audit-history'));
    if (this.routes.events) this.#eventsPath = `/${join(prefix, base, 'events/project')}`.toLowerCase();
    if (this.routes.records) this.#recordsPath = `/${join(prefix, base, 'audit-history/records')}`.toLowerCase();
  }

  onApplicationBootstrap(): void {
    const adapter = this.#adapter();
    if (!adapter) return;
    this.capture.rules = readRules(this.discovery, this.scanner, this.config, this.modules);
    // Only who has the trail can ask for a call's context.
    if (this.options.context ?? isInjected(TRAIL, this.modules, TasktrailModule)) wantContexts();
    if (this.options.gateway) this.#gateway.attach(adapter.getHttpServer(), this.options.gateway);
  }

  beforeApplicationShutdown(): void {
    this.#gateway.detach();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#metrics?.();
    this.capture.settleAll();
    try {
      await this.trail.close(SHUTDOWN_MS);
    } catch (fault) {
      this.#logger.error(`the trail did not close cleanly: ${fault instanceof Error ? fault.message : String(fault)}`);
    }
    leaveLog();
  }

  /** The HTTP adapter; none in an application context or microservice. */
  #adapter(): AbstractHttpAdapter | undefined {
    const adapter = this.host.httpAdapter as AbstractHttpAdapter | undefined;
    return typeof adapter?.getType === 'function' && adapter.getType() !== '' ? adapter : undefined;
  }

  /** Runs the host's HTTP guards on a socket's handshake, which is a request like any other. */
  #guardHandshakes(): HandshakeGuard {
    let guards: Promise<CanActivate[]> | undefined;
    const create = (): Promise<CanActivate[]> =>
      Promise.all(
        this.options.guards.map((guard) =>
          typeof guard === 'function' ? this.moduleRef.create<CanActivate>(guard) : guard,
        ),
      );
    return async (request) => {
      guards ??= create();
      const context = new ExecutionContextHost([request, undefined], Gateway, Gateway.prototype.attach);
      try {
        for (const guard of await guards) {
          const verdict = guard.canActivate(context);
          if (!(isObservable(verdict) ? await lastValueFrom(verdict) : await verdict)) return false;
        }
        return true;
      } catch {
        return false;
      }
    };
  }
}

/**
 * Opens the trail, whether or not its store can be reached: a store that is down must not keep the host from starting. The
 * short wait lets a store that is there answer reads from the first request on.
 */
async function open({ url, spool: wanted, trail: options }: ResolvedOptions): Promise<Trail> {
  const logger = new Logger('Tasktrail');
  const spool = wanted === undefined ? defaultSpool(url) : wanted || undefined;
  const open = (spool?: string): Promise<Trail> => Trail.open(url, { ...options, spool, degradedStart: true });
  let trail: Trail;
  try {
    trail = await open(spool);
    if (wanted === undefined && spool !== undefined)
      logger.log(`records wait in ${spool} while the store does not take them (option \`spool\`)`);
  } catch (fault) {
    // A folder that nobody asked for must not keep the host from starting, unless its mode needs one.
    if (!(fault instanceof TasktrailError && fault.code === 'TT_SPOOL_PATH' && wanted === undefined)) throw fault;
    trail = await open().catch(() => Promise.reject(fault));
    logger.warn(`records wait in memory while the store does not take them: ${fault.message}`);
  }
  const end = Date.now() + CONNECT_MS;
  while (trail.stats().store === 'connecting' && Date.now() < end) await new Promise((done) => setTimeout(done, 10));
  return trail;
}

let trails = 0;
let endLog: (() => void) | undefined;

/** Gives what the library says to Nest's logger, once however many trails a process has. */
function passOnLog(): void {
  if (trails++ > 0) return;
  const logger = new Logger('Tasktrail');
  endLog = onLog(({ level, message, fields }) => {
    const about = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
    logger[level === 'info' ? 'log' : level](message + about);
  });
}

/** One trail has said all that it had to say. */
function leaveLog(): void {
  if (--trails === 0) endLog?.();
}

function define(
  options: ResolvedOptions,
  providers: Provider[],
  imports: DynamicModule['imports'] = [],
): DynamicModule {
  const routes: Routes = {
    reads: options.reads ? createReadsController(join(options.path, 'audit-history'), options.guards) : undefined,
    events: options.events ? createEventsController(join(options.path, 'events'), options.guards) : undefined,
    records: options.records ? createRecordsController(join(options.path, 'audit-history'), options.guards) : undefined,
  };
  return {
    module: TasktrailModule,
    global: true,
    imports: [DiscoveryModule, ...imports],
    controllers: [routes.reads, routes.events, routes.records].filter((controller) => controller !== undefined),
    providers: [
      ...providers,
      { provide: ROUTES, useValue: routes },
      {
        provide: TRAIL,
        inject: [OPTIONS],
        useFactory: async (resolved: ResolvedOptions) => {
          // Before there is a trail that could say something.
          passOnLog();
          try {
            return await open(resolved);
          } catch (fault) {
            leaveLog();
            throw fault;
          }
        },
      },
      {
        provide: Capture,
        inject: [TRAIL, OPTIONS],
        useFactory: (trail: Trail, resolved: ResolvedOptions) => new Capture(trail, resolved),
      },
    ],
    exports: [TRAIL],
  };
}

/** Whether a request's URL has this path, in lower case, whatever its query string. */
function isPath(url: string | undefined, path: string | undefined): boolean {
  if (url === undefined || path === undefined) return false;
  const query = url.indexOf('?');
  const asked = query < 0 ? url : url.slice(0, query);
  if (asked.length < path.length || asked.length > path.length + 1) return false;
  return asked.toLowerCase() === path || asked.toLowerCase() === `${path}/`;
}

function join(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('/');
}
