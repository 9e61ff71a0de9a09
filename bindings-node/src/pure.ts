import { sync, type ErrorDetail } from './errors';
import { native } from './native';
import type {
  AuditRecord,
  ErrorCode,
  HistoryQuery,
  OperationDescription,
  OperationRequest,
  ProjectEvent,
  PurePolicy,
  Receipt,
} from './wire';

/** What `validateEvent` says. */
export type EventVerdict =
  { accepted: true; event: ProjectEvent } | { accepted: false; error: string; code: ErrorCode; details: ErrorDetail[] };

/** Checks a progress event without recording it. A string is taken as the event's JSON text. */
export function validateEvent(event: unknown, nowMs: number = Date.now()): EventVerdict {
  const text = typeof event === 'string' ? event : (JSON.stringify(event) ?? 'null');
  return JSON.parse(sync(() => native.validateEvent(text, nowMs)));
}

/** The workspace id of a folder: the same for every path spelling, different for every salt, and free of the path itself. */
export function deriveWorkspaceId(path: string, salt: string): string {
  return sync(() => native.deriveWorkspaceId(path, salt));
}

/** The operation type that a call gets: `operationType('POST', '/api/tasks/:id/start')` is `task.started`. */
export function operationType(method: string, path: string): string {
  return sync(() => native.operationType(method, path));
}

/** What the sanitizer leaves of a value, as it would be recorded; by the rules that ship, or by a policy's rules before those. */
export function sanitize(value: unknown, policy?: PurePolicy): unknown {
  const text = JSON.stringify(value) ?? 'null';
  if (policy === undefined) return JSON.parse(sync(() => native.sanitize(text)));
  return sanitizeWithReceipt(value, policy).output;
}

/** As {@link sanitize}, with the receipt: which rules fired where and how often. */
export function sanitizeWithReceipt(value: unknown, policy: PurePolicy = {}): { output: unknown; receipt: Receipt } {
  const [text, rules] = [JSON.stringify(value) ?? 'null', JSON.stringify(policy)];
  return JSON.parse(sync(() => native.sanitizeWith(text, rules)));
}

/**
 * What a call did, to what and whose: from its method and path, the template of its route, its body, and the host's own rules.
 *
 * @throws TasktrailError `TT_CALL_INVALID`, or `TT_OPTIONS_INVALID` naming the rule.
 */
export function describeOperation(request: OperationRequest): OperationDescription {
  const text = JSON.stringify(request);
  return JSON.parse(sync(() => native.describeOperation(text)));
}

/**
 * A stored or exported record as this version reads it: fields and values that a newer version wrote are kept.
 *
 * @throws TasktrailError `TT_RECORD_INVALID` naming the field.
 */
export function parseRecord(text: string): AuditRecord {
  return JSON.parse(sync(() => native.parseRecord(text)));
}

/** The folder of a store's spool when nobody names one: one for each store, in the user's folder for state; none for `memory:`. */
export function defaultSpool(url: string): string | undefined {
  return sync(() => native.defaultSpool(url)) ?? undefined;
}

/** Every parameter of a history query, as REST takes it: its name, TypeScript type and meaning. */
export function queryParameters(): Array<{ name: keyof HistoryQuery; type: string; description: string }> {
  return JSON.parse(sync(() => native.queryParameters()));
}
