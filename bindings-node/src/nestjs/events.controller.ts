import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  Controller,
  HttpCode,
  HttpException,
  Inject,
  Logger,
  Post,
  Req,
  Res,
  UseGuards,
  VERSION_NEUTRAL,
  type Type,
} from '@nestjs/common';
import { TasktrailError, type EventAccepted, type Trail } from '@tasktrail/node';
import { Capture, pendingCall } from './capture';
import { OPTIONS, TRAIL } from './decorators';
import { httpFault } from './faults';
import { rawRequest, type FrameworkRequest, type FrameworkResponse } from './http';
import { RateLimiter } from './limiter';
import type { ResolvedOptions } from './options';
import { limit } from './reads.controller';

/** Largest event, in bytes. */
const MAX_EVENT_BYTES = 1_000_000;
const TEXT = Symbol('tasktrail.eventText');
type EventRequest = FrameworkRequest & { [TEXT]?: string };

/**
 * Reads the body of `POST …/events/project` in front of the host's parser, whose limit (100 KB by default) is below that of
 * an event and whose complaint about a malformed one does not name what is wrong.
 */
export function readEventBody(
  request: IncomingMessage & EventRequest & { _body?: boolean },
  response: ServerResponse,
  next: () => void,
): void {
  if (request.readableEnded) return next();
  const chunks: Buffer[] = [];
  let size = 0;
  const refuse = (): void => {
    request.off('data', take).off('end', end);
    request.resume();
    const fault = httpFault('TT_EVENT_TOO_LARGE', `an event is at most ${MAX_EVENT_BYTES} bytes`, { accepted: false });
    // The rest of the body is not worth waiting for.
    response.writeHead(413, { 'Content-Type': 'application/json; charset=utf-8', Connection: 'close' });
    response.end(JSON.stringify(fault.getResponse()));
  };
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > MAX_EVENT_BYTES) refuse();
    else chunks.push(chunk);
  };
  const end = (): void => {
    request[TEXT] = Buffer.concat(chunks).toString('utf8');
    request.body = {};
    // Express's parser of both major versions leaves a body alone that is marked or has ended.
    request._body = true;
    next();
  };
  if (Number(request.headers['content-length']) > MAX_EVENT_BYTES) return refuse();
  request.on('data', take).on('end', end);
}

/** The event route of a host: a class of its own for each module, because path and guards are the host's. */
export function createEventsController(path: string, guards: ResolvedOptions['guards']): Type<unknown> {
  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(...guards)
  class ProjectEventsController {
    readonly #limiter: RateLimiter | undefined;
    readonly #logger = new Logger('Tasktrail');

    constructor(
      @Inject(TRAIL) private readonly trail: Trail,
      @Inject(OPTIONS) options: ResolvedOptions,
      @Inject(Capture) private readonly capture: Capture,
    ) {
      this.#limiter = options.limits.events === false ? undefined : new RateLimiter(options.limits.events);
    }

    @Post('project')
    @HttpCode(202)
    async project(
      @Req() request: EventRequest,
      @Res({ passthrough: true }) response: FrameworkResponse,
    ): Promise<EventAccepted> {
      limit(this.#limiter, request, response, 'events');
      const call = pendingCall(request);
      const address = call?.address ?? rawRequest(request).socket?.remoteAddress;
      call?.hold();
      let accepted = false;
      try {
        const text = request[TEXT] ?? JSON.stringify(request.body ?? null);
        const answer = await this.trail.emit(text, { ...this.capture.describe(request, address), status: 202 });
        accepted = true;
        return answer;
      } catch (fault) {
        throw this.#refusal(fault);
      } finally {
        call?.release(accepted);
      }
    }

    #refusal(fault: unknown): HttpException {
      if (!(fault instanceof TasktrailError)) {
        this.#logger.error(
          `an event was not taken: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`,
        );
        return httpFault('TT_INTERNAL', 'Internal server error', { accepted: false });
      }
      this.#logger.warn(`event refused (${fault.code}): ${fault.message}`);
      if (fault.code === 'TT_EVENT_INVALID') {
        const body = {
          accepted: false,
          error: fault.message,
          code: fault.code,
          details: fault.details,
          statusCode: 400,
        };
        return new HttpException(body, 400);
      }
      if (fault.code === 'TT_EVENT_TOO_LARGE') return httpFault(fault.code, fault.message, { accepted: false });
      const down = httpFault(fault.code, 'the event could not be taken now; keep it and send it again', {
        accepted: false,
      });
      return down.getStatus() === 503 ? down : httpFault(fault.code, 'Internal server error', { accepted: false });
    }
  }
  return ProjectEventsController;
}
