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

/** From this major version on Node carries such a context along for next to nothing; before, each promise of the host pays for it. */
const CHEAP_SINCE = 24;
let areWanted = Number.parseInt(process.versions.node, 10) >= CHEAP_SINCE;

/** Whether captures are to keep contexts at hand. */
export function contextsAreWanted(): boolean {
  return areWanted;
}

/** From now on captures keep contexts at hand, for {@link Trail.context}. */
export function wantContexts(): void {
  areWanted = true;
}

/** Runs something as a part of the handling of a call: for captures of a host's own. */
export function handling(context: CallContext, work: () => void): void {
  calls.run(context, work);
}

/** The context of the call that is being handled; outside of one, an object that nobody looks at. */
export function callContext(): CallContext {
  const context = calls.getStore();
  if (context !== undefined) return context;
  if (!areWanted) {
    wantContexts();
    process.emitWarning(
      'trail.context() was asked for where no context is kept: what is written to it now is lost; it is kept from the next call on',
      {
        code: 'TT_CONTEXT_LATE',
        detail:
          'Inject the trail with @InjectTrail(), or set the option `context` of TasktrailModule, to have it from the first call on.',
      },
    );
  }
  return {};
}

/** Puts onto a call what its handler has said of it. */
export function applyContext(call: Call, context: CallContext): void {
  for (const name of FIELDS) {
    if (context[name] !== undefined) Object.assign(call, { [name]: context[name] });
  }
}
