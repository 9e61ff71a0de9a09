import { HEADERS } from '@tasktrail/node';

/** Who works where: what each call to the API and each event carries beside what it is about. */
export type Context = Partial<Record<ContextField, string>>;
export type ContextField = Exclude<keyof typeof HEADERS, 'requestId' | 'traceparent'>;

/** Each field with its variable in the environment and what a model is told of it. */
export const CONTEXT = {
  workspaceId: { variable: 'WORKSPACE_ID', about: 'Workspace in which the work happens.' },
  worktreePath: { variable: 'WORKTREE_PATH', about: 'Git worktree in which the work happens: an absolute path.' },
  runId: { variable: 'RUN_ID', about: 'Orchestration run that the work belongs to.' },
  originWorkspaceId: { variable: 'ORIGIN_WORKSPACE_ID', about: 'Workspace that launched the run.' },
  sessionId: { variable: 'SESSION_ID', about: 'Session of the agent.' },
  agentId: { variable: 'AGENT_ID', about: 'Agent that does the work.' },
} as const satisfies Record<ContextField, { variable: string; about: string }>;

export const CONTEXT_FIELDS = Object.keys(CONTEXT) as ContextField[];

/** The key under which W3C baggage carries a field: `tasktrail.run_id`. */
export function baggageKey(field: ContextField): string {
  return `tasktrail.${field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}

/** Each field from the first layer that has it. Blank is as good as absent. */
export function firstOf(...layers: readonly (Context | undefined)[]): Context {
  const context: Context = {};
  for (const field of CONTEXT_FIELDS) {
    const found = layers.find((layer) => layer?.[field]?.trim())?.[field];
    if (found !== undefined) context[field] = found;
  }
  return context;
}

/** What the environment says: Tasktrail's own name for a field (`TASKTRAIL_AGENT_ID`) before the common one (`AGENT_ID`). */
export function contextOfEnvironment(env: NodeJS.ProcessEnv): Context {
  return read((field) => env[`TASKTRAIL_${CONTEXT[field].variable}`] || env[CONTEXT[field].variable]);
}

/** What arguments, or an event's data, say; ids may be whole numbers. What is none of that is for the validation to refuse. */
export function contextOfArguments(values: Record<string, unknown>): Context {
  return read((field) => {
    const value = values[field];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  });
}

/** What the headers of the HTTP request say that brought the call. */
export function contextOfHeaders(headers: Record<string, string | string[] | undefined> | undefined): Context {
  return read((field) => {
    const value = headers?.[HEADERS[field]];
    return Array.isArray(value) ? value[0] : value;
  });
}

/** What W3C baggage says: `tasktrail.run_id=run_1,tasktrail.agent_id=a`. Members that cannot be read are passed over. */
export function contextOfBaggage(baggage: string | undefined): Context {
  const members = new Map<string, string>();
  for (const member of (baggage ?? '').split(',')) {
    const [pair = ''] = member.split(';');
    const at = pair.indexOf('=');
    if (at < 0) continue;
    try {
      members.set(pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim()));
    } catch {
      // Not percent-encoded text: as if it were not there.
    }
  }
  return read((field) => members.get(baggageKey(field)));
}

function read(value: (field: ContextField) => string | undefined): Context {
  return Object.fromEntries(
    CONTEXT_FIELDS.flatMap((field) => {
      const found = value(field);
      return found === undefined ? [] : [[field, found]];
    }),
  );
}
