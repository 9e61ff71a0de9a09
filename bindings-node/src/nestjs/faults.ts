import { STATUS_CODES } from 'node:http';
import { HttpException, Logger } from '@nestjs/common';
import { TasktrailError } from '@tasktrail/node';

const STATUS: Partial<Record<string, number>> = {
  TT_QUERY_INVALID: 400,
  TT_EVENT_INVALID: 400,
  TT_CALL_INVALID: 400,
  TT_RECORD_INVALID: 400,
  TT_READ_FORBIDDEN: 403,
  TT_DELIVERY_FORBIDDEN: 403,
  TT_RECORD_NOT_FOUND: 404,
  TT_EVENT_TOO_LARGE: 413,
  TT_DELIVERY_TOO_LARGE: 413,
  TT_RATE_LIMITED: 429,
  TT_STORE_UNAVAILABLE: 503,
  TT_STORE_TIMEOUT: 503,
  TT_AUDIT_UNAVAILABLE: 503,
  TT_CLOSED: 503,
};

const logger = new Logger('Tasktrail');

/** The HTTP status of a code. */
export function statusOf(code: string): number {
  return STATUS[code] ?? 500;
}

/** An answer with a stable code. What a client may not see is logged, not sent. */
export function httpFault(code: string, message: string, more: Record<string, unknown> = {}): HttpException {
  const status = statusOf(code);
  return new HttpException({ statusCode: status, code, error: STATUS_CODES[status], message, ...more }, status);
}

/** Turns whatever went wrong between a request and the store into an answer. */
export function readFault(fault: unknown): HttpException {
  if (fault instanceof HttpException) return fault;
  if (!(fault instanceof TasktrailError)) {
    logger.error(`a request failed: ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`);
    return httpFault('TT_INTERNAL', 'Internal server error');
  }
  const status = STATUS[fault.code];
  if (status === 503) {
    logger.debug(`a request found no store: ${fault.message}`);
    return httpFault(fault.code, 'the audit store cannot answer now; try again later');
  }
  if (status === undefined) {
    logger.error(`a request failed (${fault.code}): ${fault.message}`);
    return httpFault(fault.code, 'Internal server error');
  }
  return httpFault(fault.code, fault.message, fault.field === undefined ? {} : { parameter: fault.field });
}
