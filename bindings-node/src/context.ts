import { AsyncLocalStorage } from 'node:async_hooks';
import type { Call } from './wire';

const FIELDS = [
  'workspaceId',
  'worktreePath',
  'originWorkspaceId',
  'runId',
  'sessionId',
  'agentId',
  'projectNumber',
  'taskId',
  'phaseNumber',
  'workItemId',
  'operation',
  'target',
  'actor',
  'actorType',
  'metadata',
] as const satisfies ReadonlyArray<keyof Call>;

/**
 * What a handler knows better than the request: it goes onto the record of the call that is being handled, in the place of what
 * headers and route say.
 */
export type CallContext = Pick<Call, (typeof FIELDS)[number]>;

const calls = new AsyncLocalStorage<CallContext>();

/** Runs something as a part of the handling of a call: for captures of a host's own. */
export function handling(context: CallContext, work: () => void): void {
  calls.run(context, work);
}

/** The context of the call that is being handled; outside of one, an object that nobody looks at. */
export function callContext(): CallContext {
  return calls.getStore() ?? {};
}

/** Puts onto a call what its handler has said of it. */
export function applyContext(call: Call, context: CallContext): void {
  for (const name of FIELDS) {
    if (context[name] !== undefined) Object.assign(call, { [name]: context[name] });
  }
}
