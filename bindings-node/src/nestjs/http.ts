import type { IncomingMessage, ServerResponse } from 'node:http';
import { HEADERS, type Call } from '@tasktrail/node';

/** A framework's request, as far as this package looks at it. */
export interface FrameworkRequest {
  headers: IncomingMessage['headers'];
  url?: string;
  originalUrl?: string;
  params?: unknown;
  user?: unknown;
  ip?: string;
  baseUrl?: string;
  body?: unknown;
  raw?: IncomingMessage;
  route?: { path?: unknown };
  routeOptions?: { url?: string };
  is404?: boolean;
}

/** A framework's response, as far as this package looks at it. */
export type FrameworkResponse = ServerResponse & { raw?: ServerResponse };

/** The request of Node beneath the framework's. */
export function rawRequest(request: FrameworkRequest): IncomingMessage {
  return request.raw ?? (request as unknown as IncomingMessage);
}

/** The response of Node beneath the framework's. */
export function rawResponse(response: FrameworkResponse): ServerResponse {
  return response.raw ?? response;
}

/** One header's value. */
export function header(headers: IncomingMessage['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** The API key presented, without its scheme: the same key has one fingerprint, whichever way it comes. */
export function apiKey(headers: IncomingMessage['headers']): string | undefined {
  const key = header(headers, 'x-api-key');
  if (key) return key;
  const authorization = headers.authorization;
  if (!authorization) return undefined;
  const space = authorization.indexOf(' ');
  return space < 0 ? authorization : authorization.slice(space + 1).trim() || undefined;
}

/** Path and query string as the client sent them. */
export function requestUrl(request: FrameworkRequest): string {
  return request.originalUrl ?? request.url ?? '/';
}

/** The template of the route that matched; nothing where none did, or only a middleware's wildcard. */
export function routeTemplate(request: FrameworkRequest): string | undefined {
  if (request.raw !== undefined) return request.is404 ? undefined : request.routeOptions?.url;
  const path = request.route?.path;
  if (typeof path !== 'string' || path.includes('*')) return undefined;
  return request.baseUrl ? request.baseUrl + path : path;
}

/** Parameters of the matched route, as texts. */
export function routeParams(request: FrameworkRequest): Record<string, string> | undefined {
  const params = request.params as Record<string, unknown> | undefined | null;
  if (params == null || typeof params !== 'object') return undefined;
  let texts: Record<string, string> | undefined;
  for (const name of Object.keys(params)) {
    const value = params[name];
    if (typeof value === 'string') (texts ??= {})[name] = value;
  }
  return texts;
}

/** Address of the client, by the host's own rule of which proxies it trusts. */
export function clientIp(request: FrameworkRequest, socketAddress: string | undefined): string | undefined {
  // Without a forwarding header the framework's answer is the socket's address; asking it costs more.
  if (request.headers['x-forwarded-for'] === undefined) return socketAddress;
  return request.ip ?? socketAddress;
}

/** What the headers say about who called and from where: the common part of a call and of an event's context. */
export function headerContext(headers: IncomingMessage['headers']): Partial<Call> {
  return {
    workspaceId: header(headers, HEADERS.workspaceId),
    worktreePath: header(headers, HEADERS.worktreePath),
    runId: header(headers, HEADERS.runId),
    originWorkspaceId: header(headers, HEADERS.originWorkspaceId),
    sessionId: header(headers, HEADERS.sessionId),
    agentId: header(headers, HEADERS.agentId),
    requestId: header(headers, HEADERS.requestId),
    traceparent: header(headers, HEADERS.traceparent),
    apiKey: apiKey(headers),
    userAgent: headers['user-agent'],
  };
}
