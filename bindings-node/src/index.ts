export { Trail, type EventAccepted, type TrailOptions, type TrailStats } from './trail';
export { Subscription, type After, type HistoryBatch, type Scope } from './live';
export { TasktrailError, type ErrorDetail } from './errors';
export { deriveWorkspaceId, operationType, sanitize, validateEvent, type EventVerdict } from './pure';
export * from './wire';
