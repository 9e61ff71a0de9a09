import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpFault } from './faults';
import type { FrameworkRequest } from './http';

/** Largest body of the routes that take some, in bytes. */
export const MAX_BODY_BYTES = 1_000_000;
const TEXT = Symbol('tasktrail.bodyText');
export type TextRequest = FrameworkRequest & { [TEXT]?: string };

/**
 * Reads a body as text in front of the host's parser, whose limit (100 KB by default) is below what these routes take, and
 * whose complaint about a malformed one does not name what is wrong.
 *
 * @param code of the refusal of a body that is too large.
 */
export function readTextBody(
  request: IncomingMessage & TextRequest & { _body?: boolean },
  response: ServerResponse,
  next: () => void,
  code: string,
  more: Record<string, unknown> = {},
): void {
  if (request.readableEnded) return next();
  const chunks: Buffer[] = [];
  let size = 0;
  const refuse = (): void => {
    request.off('data', take).off('end', end);
    request.resume();
    const fault = httpFault(code, `a body is at most ${MAX_BODY_BYTES} bytes here`, more);
    // The rest of the body is not worth waiting for.
    response.writeHead(413, { 'Content-Type': 'application/json; charset=utf-8', Connection: 'close' });
    response.end(JSON.stringify(fault.getResponse()));
  };
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) refuse();
    else chunks.push(chunk);
  };
  const end = (): void => {
    request[TEXT] = Buffer.concat(chunks).toString('utf8');
    request.body = {};
    // Express's parser of both major versions leaves a body alone that is marked or has ended.
    request._body = true;
    next();
  };
  if (Number(request.headers['content-length']) > MAX_BODY_BYTES) return refuse();
  request.on('data', take).on('end', end);
}

/** The body's text: as it came, or of what the host's parser made of it. */
export function textBody(request: TextRequest): string {
  return request[TEXT] ?? JSON.stringify(request.body ?? null);
}
