export { Trail, type ExportQuery } from './trail';
export { ExportText, type ExportFormat } from './export';
export { applyContext, handling, type CallContext } from './context';
export { Subscription, type After, type Scope } from './live';
export { TasktrailError, type ErrorDetail } from './errors';
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
