import type { ErrorDetail } from './errors.js';
import { callFull, hasFull } from './module.js';
import type { ErrorCode, ProjectEvent } from './wire.js';

/** What `validateEvent` says. */
export type EventVerdict =
  { accepted: true; event: ProjectEvent } | { accepted: false; error: string; code: ErrorCode; details: ErrorDetail[] };

/** Checks a progress event as the API would. A string is taken as the event's JSON text. */
export function validateEvent(event: unknown, nowMs: number = Date.now()): EventVerdict {
  const text = typeof event === 'string' ? event : (JSON.stringify(event) ?? 'null');
  return JSON.parse(callFull((module) => module.validateEvent(text, nowMs)));
}

/** What `validateEvent` says where the module that knows the rules is there; nothing otherwise. */
export function validateIfPossible(event: unknown): EventVerdict | undefined {
  return hasFull() ? validateEvent(event) : undefined;
}
