// The slim entries but `init`: the Task History for a page to which others bring the records, such as a webview. It leaves out what
// only those need who make or clean records.
import { TasktrailError } from './errors.js';

export { TasktrailError, type ClientErrorCode, type ErrorDetail, type ErrorMore } from './errors.js';
export * from './history.js';
export type { ModuleSource } from './module.js';
export { VERSION } from './version.js';
export * from './wire.js';

function absent(name: string): (...unused: unknown[]) => never {
  return () => {
    throw new TasktrailError('TT_WASM_SLIM', `@tasktrail/wasm/slim has no ${name}: import it from @tasktrail/wasm`);
  };
}

/** @deprecated Not in the slim module: import it from `@tasktrail/wasm`. */
export const validateEvent = absent('validateEvent');

/** @deprecated Not in the slim module: import it from `@tasktrail/wasm`. */
export const deriveWorkspaceId = absent('deriveWorkspaceId');

/** @deprecated Not in the slim module: import it from `@tasktrail/wasm`. */
export const sanitize = absent('sanitize');

/** @deprecated Not in the slim module: import it from `@tasktrail/wasm`. */
export const discoverWorkspace = absent('discoverWorkspace');
