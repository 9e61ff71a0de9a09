export { Trail } from './trail';
export { Subscription, type After, type Scope } from './live';
export { TasktrailError, type ErrorDetail } from './errors';
export { deriveWorkspaceId, operationType, sanitize, validateEvent, type EventVerdict } from './pure';
export { discoverWorkspace } from './workspace';
export * from './wire';
