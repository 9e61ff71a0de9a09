export { Trail, type ExportQuery } from './trail';
export { ExportText, type ExportFormat } from './export';
export { applyContext, contextsAreWanted, handling, wantContexts, type CallContext } from './context';
export { type LateCall, type ToldCall } from './together';
export { Subscription, type After, type Scope } from './live';
export { onLog, type LogLine } from './log';
export { TasktrailError, type ErrorDetail, type NodeErrorCode } from './errors';
export {
  defaultSpool,
  deriveWorkspaceId,
  describeOperation,
  operationType,
  parseRecord,
  queryParameters,
  sanitize,
  sanitizeWithReceipt,
  validateEvent,
  type EventVerdict,
} from './pure';
export { discoverWorkspace } from './workspace';
export * from './wire';
