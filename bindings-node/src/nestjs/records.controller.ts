import { Controller, HttpCode, Inject, Post, Req, Res, UseGuards, VERSION_NEUTRAL, type Type } from '@nestjs/common';
import type { Ingested, Trail } from '@tasktrail/node';
import { Access } from './access';
import { textBody, type TextRequest } from './body';
import { pendingCall } from './capture';
import { OPTIONS, TRAIL } from './decorators';
import { readFault } from './faults';
import type { FrameworkResponse } from './http';
import { rateLimiter, type RateLimiter } from './limiter';
import type { ResolvedOptions } from './options';
import { describeRoutes } from './openapi';
import { limit, TAG } from './reads.controller';

/** The route that takes other trails' records: a class of its own for each module, because path and guards are the host's. */
export function createRecordsController(path: string, guards: ResolvedOptions['guards']): Type<unknown> {
  @Controller({ path, version: VERSION_NEUTRAL })
  @UseGuards(...guards)
  class AuditRecordsController {
    readonly #access: Access;
    readonly #limiter: RateLimiter | undefined;

    constructor(
      @Inject(TRAIL) private readonly trail: Trail,
      @Inject(OPTIONS) options: ResolvedOptions,
    ) {
      this.#access = new Access(options);
      this.#limiter = rateLimiter(options.limits.events);
    }

    @Post('records')
    @HttpCode(202)
    async take(
      @Req() request: TextRequest,
      @Res({ passthrough: true }) response: FrameworkResponse,
    ): Promise<Ingested> {
      const call = pendingCall(request);
      call?.hold();
      let taken = false;
      try {
        // Records may be anybody's: who sends them is trusted with the whole trail.
        if (!(await this.#access.allows(request, {}))) throw this.#access.refusal('delivering');
        limit(this.#limiter, request, response, 'deliveries of records');
        const answer = await this.trail.ingest(textBody(request));
        taken = true;
        return answer;
      } catch (fault) {
        throw readFault(fault);
      } finally {
        // What was delivered is on the trail; the delivery itself would only say so once more.
        call?.release(taken);
      }
    }
  }
  describeRoutes(AuditRecordsController, TAG, {
    take: {
      summary: 'Takes records that another trail has made',
      body: '`{ records }`, at most 1,000 and 1 MB.',
      responses: { 202: '`{ stored, duplicates, durable, refused }`.', 413: 'The delivery is too large.' },
    },
  });
  return AuditRecordsController;
}
