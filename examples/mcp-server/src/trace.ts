import { randomBytes } from 'node:crypto';

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
/** Longest that the W3C asks a tool to pass on. */
const MAX_TRACESTATE = 512;
const MAX_BAGGAGE = 8_192;

/** W3C trace context of one call. */
export interface Trace {
  traceparent: string;
  tracestate?: string;
  baggage?: string;
}

/** What a caller may say of its trace. */
export type GivenTrace = { [Name in keyof Trace]?: string | undefined };

/** A span of its own below the first caller that names one; a new trace when nobody does. */
export function childTrace(...given: readonly GivenTrace[]): Trace {
  const parent = given.find(({ traceparent }) => traceparent !== undefined && TRACEPARENT.test(traceparent));
  const [, traceId = hex(16), , flags = '01'] = TRACEPARENT.exec(parent?.traceparent ?? '') ?? [];
  const trace: Trace = { traceparent: `00-${traceId}-${hex(8)}-${flags}` };
  // A state belongs to its parent; baggage stands for itself.
  if (parent?.tracestate && isHeader(parent.tracestate, MAX_TRACESTATE)) trace.tracestate = parent.tracestate;
  const baggage = given.find((one) => one.baggage && isHeader(one.baggage, MAX_BAGGAGE))?.baggage;
  if (baggage) trace.baggage = baggage;
  return trace;
}

/** Whether a text can go into a header as it is. */
export function isHeader(text: string, longest: number): boolean {
  return text.length <= longest && /^[\x20-\x7e]+$/.test(text);
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}
