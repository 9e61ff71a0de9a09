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
import { textBody, type TextRequest } from './body';
import { Capture, pendingCall } from './capture';
import { OPTIONS, TRAIL } from './decorators';
import { httpFault } from './faults';
import { rawRequest, type FrameworkResponse } from './http';
import { rateLimiter, type RateLimiter } from './limiter';
import type { ResolvedOptions } from './options';
import { describeRoutes } from './openapi';
import { limit, TAG } from './reads.controller';

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
      this.#limiter = rateLimiter(options.limits.events);
    }

    @Post('project')
    @HttpCode(202)
    async project(
      @Req() request: TextRequest,
      @Res({ passthrough: true }) response: FrameworkResponse,
    ): Promise<EventAccepted> {
      limit(this.#limiter, request, response, 'events');
      const call = pendingCall(request);
      const address = call?.address ?? rawRequest(request).socket?.remoteAddress;
      call?.hold();
      // Progress that is kept back is accepted too: it becomes a record of its own, or is counted as coalesced.
      let accepted = false;
      try {
        const answer = await this.trail.emit(textBody(request), {
          ...this.capture.describe(request, address),
          status: 202,
        });
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
  describeRoutes(ProjectEventsController, TAG, {
    project: {
      summary: 'Takes a progress event',
      body: '`{ type, data, timestamp?, eventId? }`, at most 1 MB.',
      responses: {
        202:
          '`{ accepted: true, type, projectNumber, timestamp, auditId, seq, durable }`; with `coalesced: true` and a `seq` of ' +
          'null for progress that is kept back until the interval of its task is over.',
        400: '`{ accepted: false, error, code, details }`: every fault of the event.',
        413: 'The event is too large.',
      },
    },
  });
  return ProjectEventsController;
}
