// The orchestrator's way to the API: context headers on each request, patience when it is told to slow down, and a manifest of
// every state-changing request that it made.
import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const MAX_ATTEMPTS = 6;
const LONGEST_WAIT_MS = 60_000;
const REQUEST_LIMIT_MS = 30_000;

/** What the API answered when it did not do what it was asked. */
export class ApiError extends Error {
  constructor(method, path, status, body) {
    super(`${method} ${path} answered ${status}: ${body.slice(0, 500)}`);
    this.name = 'ApiError';
    this.status = status;
  }
}

export class ApiClient {
  #url;
  #headers;
  #manifest;

  /** `context` is who works where: `{ workspaceId, worktreePath?, runId }`. */
  constructor({ url, key, context, manifest }) {
    this.#url = url.replace(/\/+$/, '');
    this.#headers = { 'content-type': 'application/json', 'x-api-key': key, ...contextHeaders(context) };
    this.#manifest = manifest;
    if (manifest) writeFileSync(manifest, '');
  }

  /**
   * One state-changing request, sent again when the API is over its limits (429) or briefly unavailable (503).
   * Each attempt is a request of its own, with its own id and its own line in the manifest.
   */
  async send(method, path, body, { sessionId, agentId } = {}) {
    for (let attempt = 1; ; attempt += 1) {
      const requestId = randomUUID();
      const response = await fetch(this.#url + path, {
        method,
        headers: {
          ...this.#headers,
          'x-request-id': requestId,
          traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
          ...(sessionId && { 'x-session-id': sessionId }),
          ...(agentId && { 'x-agent-id': agentId }),
        },
        body: JSON.stringify(body ?? {}),
        signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
      });
      const text = await response.text();
      const answer = parse(text);
      this.#note({ requestId, method, path, status: response.status, auditId: answer?.auditId });
      if (response.ok) return answer;
      const mayRetry = (response.status === 429 || response.status === 503) && attempt < MAX_ATTEMPTS;
      if (!mayRetry) throw new ApiError(method, path, response.status, text);
      await sleep(retryAfter(response.headers.get('retry-after'), attempt));
    }
  }

  #note(call) {
    if (this.#manifest) appendFileSync(this.#manifest, `${JSON.stringify(call)}\n`);
  }
}

/** How long to wait, from seconds or a date; without either, longer with every attempt. */
export function retryAfter(header, attempt, now = Date.now()) {
  const seconds = header === null || header.trim() === '' ? NaN : Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header ?? '') - now;
  const chosen = Number.isFinite(wait) ? wait : 250 * 2 ** (attempt - 1);
  return Math.min(Math.max(chosen, 0), LONGEST_WAIT_MS);
}

function contextHeaders({ workspaceId, worktreePath, originWorkspaceId, runId }) {
  const headers = { 'x-workspace-id': workspaceId, 'x-run-id': runId, 'x-origin-workspace-id': originWorkspaceId };
  // A header is plain ASCII, a path may hold any letter; events carry the path in their data as well.
  if (worktreePath && /^[\x20-\x7e]+$/.test(worktreePath)) headers['x-worktree-path'] = worktreePath;
  return headers;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
