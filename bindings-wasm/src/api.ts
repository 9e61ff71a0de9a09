// All of the package but `init`, which differs by where it runs.
import { callFull } from './module.js';

export { TasktrailError, type ClientErrorCode, type ErrorDetail, type ErrorMore } from './errors.js';
export * from './history.js';
export type { ModuleSource } from './module.js';
export { validateEvent, type EventVerdict } from './validate.js';
export { VERSION } from './version.js';
export { discoverWorkspace, type WorkspaceFiles } from './workspace.js';
export * from './wire.js';

/** The workspace id of a folder: the same for every path spelling, different for every salt, and free of the path itself. */
export function deriveWorkspaceId(path: string, salt: string): string {
  return callFull((module) => module.deriveWorkspaceId(path, salt));
}

/** What the sanitizer leaves of a value by the rules that ship, as it would be recorded. */
export function sanitize(value: unknown): unknown {
  return JSON.parse(callFull((module) => module.sanitize(JSON.stringify(value) ?? 'null')));
}
