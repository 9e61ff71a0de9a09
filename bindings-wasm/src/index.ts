import type { ErrorDetail } from './errors.js';
import { callFull } from './module.js';
import type { ErrorCode, ProjectEvent } from './wire.js';

export { TasktrailError, type ClientErrorCode, type ErrorDetail, type ErrorMore } from './errors.js';
export * from './history.js';
export { init } from './init.js';
export type { ModuleSource } from './module.js';
export { VERSION } from './version.js';
export { discoverWorkspace, type WorkspaceFiles } from './workspace.js';
export * from './wire.js';

/** What `validateEvent` says. */
export type EventVerdict =
  { accepted: true; event: ProjectEvent } | { accepted: false; error: string; code: ErrorCode; details: ErrorDetail[] };

/** Checks a progress event as the API would. A string is taken as the event's JSON text. */
export function validateEvent(event: unknown, nowMs: number = Date.now()): EventVerdict {
  const text = typeof event === 'string' ? event : (JSON.stringify(event) ?? 'null');
  return JSON.parse(callFull((module) => module.validateEvent(text, nowMs)));
}

/** The workspace id of a folder: the same for every path spelling, different for every salt, and free of the path itself. */
export function deriveWorkspaceId(path: string, salt: string): string {
  return callFull((module) => module.deriveWorkspaceId(path, salt));
}

/** What the sanitizer leaves of a value by the rules that ship, as it would be recorded. */
export function sanitize(value: unknown): unknown {
  return JSON.parse(callFull((module) => module.sanitize(JSON.stringify(value) ?? 'null')));
}
