import { Readable } from 'node:stream';
import {
  Controller,
  Get,
  Inject,
  Logger,
  Param,
  Req,
  Res,
  StreamableFile,
  UseGuards,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import type { AuditRecord, ExportFormat, ExportText, HistoryQuery, Page, Scope, Trail } from '@tasktrail/node';
import { Access } from './access';
import { Capture } from './capture';
import { OPTIONS, TRAIL } from './decorators';
import { httpFault, readFault } from './faults';
import { apiKey, rawRequest, rawResponse, requestUrl, type FrameworkRequest, type FrameworkResponse } from './http';
import { rateLimiter, type RateLimiter } from './limiter';
import { describeRoutes } from './openapi';
import type { ResolvedOptions } from './options';

/** Trailer of an export's response: how many records it holds. One without it was cut off. */
const EXPORTED = 'X-Audit-Records';
const MEDIA_TYPES: Record<ExportFormat, string> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
};

/** Under which the routes are found in an OpenAPI document. */
export const TAG = 'Audit trail';
const PAGE = { 200: '`{ items, total, limit, offset, nextCursor }`.' };

/** Filters that may be given more than once. */
const REPEATABLE = new Set(['operationType']);

/**
 * The parameters of a query string as texts. The host's parser may make arrays and objects of them; this reads the text
 * itself, so that a filter is a scalar or refused, whatever the host's settings.
 */
function parameters(url: string): Record<string, string | string[]> {
  const at = url.indexOf('?');
  const found: Record<string, string | string[]> = Object.create(null);
  if (at < 0) return found;
  for (const [name, value] of new URLSearchParams(url.slice(at + 1))) {
    const bracket = name.indexOf('[');
    const plain = bracket < 0 ? name : name.slice(0, bracket);
    const isList = bracket >= 0 && /^\[\d*\]$/.test(name.slice(bracket));
    if ((bracket >= 0 && !isList) || ((isList || plain in found) && !REPEATABLE.has(plain))) {
      throw httpFault('TT_QUERY_INVALID', `\`${plain}\` is one plain value`, { parameter: plain });
    }
    found[plain] = plain in found ? ([] as string[]).concat(found[plain] as string | string[], value) : value;
  }
  return found;
}

/** The routes of a host: a class of its own for each module, because path and guards are the host's. */
export function createReadsController(path: string, guards: ResolvedOptions['guards']): Type<unknown> {
  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(...guards)
  class AuditHistoryController {
    readonly #access: Access;
    readonly #limiter: RateLimiter | undefined;

    constructor(
      @Inject(TRAIL) private readonly trail: Trail,
      @Inject(OPTIONS) options: ResolvedOptions,
      @Inject(Capture) private readonly capture: Capture,
    ) {
      this.#access = new Access(options);
      this.#limiter = rateLimiter(options.limits.reads);
    }

    @Get()
    list(@Req() request: FrameworkRequest, @Res({ passthrough: true }) response: FrameworkResponse): Promise<Page> {
      return this.#page(request, response, {});
    }

    @Get('workspace/:workspaceId')
    ofWorkspace(
      @Req() request: FrameworkRequest,
      @Res({ passthrough: true }) response: FrameworkResponse,
      @Param('workspaceId') workspaceId: string,
    ): Promise<Page> {
      return this.#page(request, response, { workspaceId });
    }

    @Get('project/:projectNumber')
    ofProject(
      @Req() request: FrameworkRequest,
      @Res({ passthrough: true }) response: FrameworkResponse,
      @Param('projectNumber') projectNumber: string,
    ): Promise<Page> {
      return this.#page(request, response, { projectNumber });
    }

    @Get('export')
    async export(
      @Req() request: FrameworkRequest,
      @Res({ passthrough: true }) response: FrameworkResponse,
    ): Promise<StreamableFile> {
      const read = this.capture.read(request, response);
      try {
        const { format = 'ndjson', ...query } = parameters(requestUrl(request));
        await this.#access.require(request, queryScope(query));
        this.#limit(request, response);
        // The trail itself says which formats there are.
        const text = this.trail.exportText(query as HistoryQuery, format as ExportFormat);
        if (read) read.items = () => text.records;
        // Read before anything is sent: a store that is away is an answer of its own then, and not a file that ends.
        const first = await text.next();
        setHeader(response, 'Trailer', EXPORTED);
        return streamed(text, first, rawResponse(response), format as ExportFormat);
      } catch (fault) {
        throw readFault(fault);
      }
    }

    @Get(':auditId')
    async one(
      @Req() request: FrameworkRequest,
      @Res({ passthrough: true }) response: FrameworkResponse,
      @Param('auditId') auditId: string,
    ): Promise<AuditRecord> {
      const read = this.capture.read(request, response);
      try {
        // Without a rule of the host, who may read at all does not depend on the record.
        if (!this.#access.configured) await this.#access.require(request, {});
        this.#limit(request, response);
        const record = await this.trail.get(auditId);
        // To who may not see it, it is not there.
        if (record && (await this.#access.allows(request, scopeOf(record)))) {
          if (read) read.items = () => 1;
          return record;
        }
        throw httpFault('TT_RECORD_NOT_FOUND', `no audit record has the id ${JSON.stringify(auditId.slice(0, 64))}`, {
          parameter: 'auditId',
        });
      } catch (fault) {
        throw readFault(fault);
      }
    }

    async #page(request: FrameworkRequest, response: FrameworkResponse, fixed: HistoryQuery): Promise<Page> {
      const read = this.capture.read(request, response);
      try {
        const query = parameters(requestUrl(request));
        for (const name of Object.keys(fixed)) {
          if (name in query) {
            throw httpFault('TT_QUERY_INVALID', `\`${name}\` is already given by the path`, { parameter: name });
          }
        }
        Object.assign(query, fixed);
        await this.#access.require(request, queryScope(query));
        this.#limit(request, response);
        const page = await this.trail.query(query as HistoryQuery);
        if (read) read.items = () => page.items.length;
        return page;
      } catch (fault) {
        throw readFault(fault);
      }
    }

    #limit(request: FrameworkRequest, response: FrameworkResponse): void {
      limit(this.#limiter, request, response, 'reads of the audit trail');
    }
  }
  describeRoutes(AuditHistoryController, TAG, {
    list: { summary: 'Records of the audit trail', queryWithout: [], responses: PAGE },
    ofWorkspace: {
      summary: 'Records of a workspace, its worktrees, and the runs that it launched',
      params: { workspaceId: 'The workspace.' },
      queryWithout: ['workspaceId'],
      responses: PAGE,
    },
    ofProject: {
      summary: 'Records of a project',
      params: { projectNumber: 'The project.' },
      queryWithout: ['projectNumber'],
      responses: PAGE,
    },
    export: {
      summary: 'Every record that matches, as a file',
      queryWithout: ['limit', 'offset'],
      query: { format: '`ndjson` (one record a line, the default) or `csv`.' },
      responses: { 200: `The file. The trailer \`${EXPORTED}\` says how many records it holds.` },
    },
    one: {
      summary: 'One record',
      params: { auditId: 'Its id, a UUID.' },
      responses: { 200: 'The record.', 404: 'No record has this id, or none that the caller may see.' },
    },
  });
  return AuditHistoryController;
}

/** Takes a token of the caller's bucket, or answers 429 with the time to wait. */
export function limit(
  limiter: RateLimiter | undefined,
  request: FrameworkRequest,
  response: FrameworkResponse,
  what: string,
): void {
  const wait =
    limiter?.take(apiKey(request.headers) ?? request.ip ?? rawRequest(request).socket?.remoteAddress ?? '') ?? 0;
  if (wait === 0) return;
  setHeader(response, 'Retry-After', String(wait));
  throw httpFault('TT_RATE_LIMITED', `too many ${what}; try again in ${wait} s`, { retryAfter: wait });
}

/** Sets a header on either framework's response. */
function setHeader(response: FrameworkResponse, name: string, value: string): void {
  (response as unknown as { header(name: string, value: string): void }).header(name, value);
}

/** A file that is read from the store only as fast as the client takes it, with its count as a trailer. */
function streamed(
  text: ExportText,
  first: IteratorResult<string, undefined>,
  raw: ReturnType<typeof rawResponse>,
  format: ExportFormat,
): StreamableFile {
  async function* pieces(): AsyncGenerator<string> {
    if (!first.done) yield first.value;
    yield* text;
    raw.addTrailers({ [EXPORTED]: String(text.records) });
  }
  const stream = Readable.from(pieces(), { objectMode: false });
  // Some releases of either framework go on reading when the client has hung up.
  raw.once('close', () => stream.destroy());
  const name = `audit-history-${new Date().toISOString().slice(0, 19).replace(/[:]/g, '')}Z.${format}`;
  const file = new StreamableFile(stream, { type: MEDIA_TYPES[format], disposition: `attachment; filename="${name}"` });
  // The head is sent: a connection that is cut is the only way left to say that this is not all.
  file.setErrorHandler((fault) => {
    new Logger('Tasktrail').error(`an export was cut off after ${text.records} records: ${fault.message}`);
    raw.destroy();
  });
  return file;
}

function queryScope(query: Record<string, string | string[]>): Scope {
  const scope: Scope = {};
  if (typeof query.workspaceId === 'string' && query.workspaceId !== '') scope.workspaceId = query.workspaceId;
  const project = Number(query.projectNumber);
  if (typeof query.projectNumber === 'string' && query.projectNumber !== '' && Number.isSafeInteger(project)) {
    scope.projectNumber = project;
  }
  return scope;
}

function scopeOf(record: AuditRecord): Scope {
  return {
    workspaceId: record.workspace_id,
    ...(record.project_number != null && { projectNumber: record.project_number }),
  };
}
