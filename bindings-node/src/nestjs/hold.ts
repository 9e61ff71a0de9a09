import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** What a client gets in the place of the response that was to be sent. */
export interface Replacement {
  status: number;
  body: unknown;
}

/** What says that a response is over. */
const OVER = ['headersSent', 'writableEnded'] as const;

/**
 * Holds the end of a response back until something is done.
 *
 * @param beforeEnd asked once, when the response is to end: `whole` says that nothing of it was sent yet, so that another one can
 *   take its place. Nothing that it throws shows in the response.
 */
export function holdEnd(
  response: ServerResponse,
  beforeEnd: (whole: boolean) => Promise<Replacement | undefined>,
): void {
  const { writeHead, write, end, flushHeaders } = response;
  /** Arguments of `writeHead`, which is kept back: Node sends nothing of it before the body, but takes nothing back either. */
  let head: unknown[] | undefined;
  /** Arguments of `write`, for as long as the end may still come at once: Fastify 4 writes a body and ends then. */
  let writes: unknown[][] = [];
  let isEnding = false;
  const send = (): void => {
    if (head) Reflect.apply(writeHead, response, head);
    for (const args of writes) Reflect.apply(write, response, args);
    head = undefined;
    writes = [];
  };
  const begin = (): void => {
    Object.assign(response, { writeHead, write, flushHeaders });
    send();
  };
  const finish = (args: unknown[], headers: OutgoingHttpHeaders, status: number, replacement?: Replacement): void => {
    for (const name of OVER) Reflect.deleteProperty(response, name);
    Object.assign(response, { writeHead, write, end, flushHeaders });
    if (response.headersSent) {
      Reflect.apply(end, response, args);
      return;
    }
    // As they were when the response ended: who failed behind that may have changed them.
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    if (replacement) {
      for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined && !isOfTheBody(name)) response.setHeader(name, value);
      }
      const text = JSON.stringify(replacement.body);
      response.writeHead(replacement.status, {
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Length': Buffer.byteLength(text),
      });
      response.end(text);
      return;
    }
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
    response.statusCode = status;
    send();
    Reflect.apply(end, response, args);
  };
  response.writeHead = (...args: unknown[]): ServerResponse => {
    // As Node refuses it: who answers second must neither change the answer nor what is on its record.
    if (isEnding) throw Object.assign(new Error('the response has ended already'), { code: 'ERR_HTTP_HEADERS_SENT' });
    head = args;
    response.statusCode = Number(args[0]);
    return response;
  };
  response.flushHeaders = (): void => {
    if (isEnding) return;
    begin();
    response.flushHeaders();
  };
  response.write = (...args: unknown[]): boolean => {
    if (isEnding) return false;
    writes.push(args);
    if (writes.length === 1) {
      queueMicrotask(() => {
        if (!isEnding) begin();
      });
    }
    return true;
  };
  response.end = (...args: unknown[]): ServerResponse => {
    if (isEnding) return response;
    isEnding = true;
    const whole = !response.headersSent;
    const [headers, status] = [{ ...response.getHeaders() }, response.statusCode];
    // For the framework it is over, as it would be without a hold.
    for (const name of OVER) {
      Object.defineProperty(response, name, { value: true, configurable: true });
    }
    beforeEnd(whole)
      .catch(() => undefined)
      .then((replacement) => finish(args, headers, status, replacement))
      // A head that Node refuses only now cannot be thrown at whoever wrote it.
      .catch((fault: Error) => response.destroy(fault));
    return response;
  };
}

/** Headers that say something about a body, and so not of another one. */
function isOfTheBody(name: string): boolean {
  return name.startsWith('content-') || ['etag', 'last-modified', 'transfer-encoding', 'trailer'].includes(name);
}
