import { z } from 'zod';
import type { Api } from '../api.js';
import type { Call } from '../call.js';
import { ToolFailure } from '../failure.js';
import { idShape } from './tasks.js';
import { contextShape, tool, type Tool } from './tool.js';

const STATUSES = ['active', 'paused', 'ended'] as const;
const sessionId = idShape
  .optional()
  .describe("Id of the session, from `create_session`; the server's own when left out.");
const session = z.object({
  session: z.looseObject({ id: z.string(), status: z.enum(STATUSES), lastHeartbeat: z.string() }),
});
const change = { readOnlyHint: false, destructiveHint: false, openWorldHint: false };

/** The API's sessions. */
export function sessionTools(api: Api): Tool[] {
  return [
    tool({
      name: 'create_session',
      title: 'Create a session',
      description:
        'Tells the API that an agent begins to work. Hand the returned id to the other tools as `sessionId`.',
      annotations: { ...change, idempotentHint: false },
      input: z.strictObject({
        projectNumber: z.int().min(0).optional().describe('Project that the agent works on.'),
        ...contextShape,
      }),
      output: session,
      run: async ({ projectNumber }, call) => ({
        session: await api.request(call, 'POST', '/api/sessions', { projectNumber, agentId: call.context.agentId }),
      }),
    }),
    tool({
      name: 'update_session',
      title: 'Update a session',
      description: 'Pauses, resumes or ends a session: end it when the agent has no more work.',
      annotations: { ...change, idempotentHint: true },
      input: z.strictObject({
        ...contextShape,
        sessionId,
        status: z.enum(STATUSES).describe('What it is from now on.'),
      }),
      output: session,
      run: async ({ status }, call) => ({
        session: await api.request(call, 'PATCH', path(call), { status }),
      }),
    }),
    tool({
      name: 'heartbeat_session',
      title: 'Heartbeat of a session',
      description: 'Tells the API that the agent is alive. About once a minute is enough.',
      annotations: { ...change, idempotentHint: true },
      input: z.strictObject({ ...contextShape, sessionId }),
      output: session,
      run: async (_, call) => ({ session: await api.request(call, 'POST', `${path(call)}/heartbeat`) }),
    }),
  ];
}

/** The session that an argument names is the first in the call's context. */
function path({ context }: Call): string {
  const parsed = idShape.safeParse(context.sessionId);
  if (parsed.success) return `/api/sessions/${encodeURIComponent(parsed.data)}`;
  throw new ToolFailure('TT_ARGUMENTS_INVALID', 'no session is named', {
    details: [{ path: 'sessionId', message: 'is missing, and the server knows of no session (--session, SESSION_ID)' }],
  });
}
