import type { Context } from './context.js';
import type { Trace } from './trace.js';

/** One call of a tool, with all that what it causes has to carry. */
export interface Call {
  /** The call's own id: on the API's record of what it causes, and on the record of its failure. */
  requestId: string;
  context: Context;
  trace: Trace;
  /** This server, and who asked it. */
  userAgent: string;
  /** Ends when the client gives the call up. */
  signal: AbortSignal;
}
