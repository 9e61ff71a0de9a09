import { readFileSync } from 'node:fs';
import { EVENT_TYPES, type EventType } from '@tasktrail/node';
import { z } from 'zod';
import type { Call } from '../call.js';
import type { Emitted, Events } from '../events.js';
import { ToolFailure } from '../failure.js';
import { forModels, schemaOf, type Arguments, type Tool } from './tool.js';

/** What `docs/schema/event.schema.json` has of interest here. */
interface EventSchema {
  $defs: Record<string, object>;
  properties: { data: { properties: Record<string, object> }; timestamp: object; eventId: object; type: object };
  oneOf: {
    description: string;
    properties: { type: { const: EventType }; data: { properties: Record<string, object>; required: string[] } };
  }[];
}

const SCHEMA = forModels(
  JSON.parse(readFileSync(new URL('../event.schema.json', import.meta.url), 'utf8')),
) as EventSchema;

/** When a model is to use each; what it needs is in its schema. */
const TYPED: readonly { type: EventType; title: string; when: string }[] = [
  {
    type: 'task.started',
    title: 'Report: work on an item begins',
    when: 'Call it when work on an item begins, and again for each new attempt after a failure.',
  },
  {
    type: 'task.completed',
    title: 'Report: an item is done',
    when: 'Call it once when an item is done, its tests included; list the files that it changed.',
  },
  {
    type: 'task.failed',
    title: 'Report: work on an item failed',
    when: 'Call it when an attempt ends without success, also when a subagent has vanished. A retry begins with `task_started`.',
  },
  {
    type: 'task.progress',
    title: 'Report: work on an item goes on',
    when: 'Call it now and then while an item takes long; more than one a second and item is thinned.',
  },
  { type: 'phase.started', title: 'Report: a phase begins', when: 'Call it before the first item of a phase.' },
  {
    type: 'phase.completed',
    title: 'Report: a phase is done',
    when: 'Call it after the last item of a phase has come to its end.',
  },
  {
    type: 'orchestration.progress',
    title: 'Report: how far the whole run is',
    when: 'Call it from the orchestrator when an item begins or ends.',
  },
  {
    type: 'project.completed',
    title: 'Report: the project is done',
    when: 'Call it once, at the very end of the run.',
  },
];

const output = schemaOf(
  z.object({
    accepted: z.literal(true),
    type: z.string(),
    projectNumber: z.number(),
    timestamp: z.string(),
    auditId: z.string(),
    eventId: z.string(),
    seq: z.number().nullable(),
    durable: z
      .boolean()
      .describe('On disk or with the API. If not, and not coalesced, call again with the same `eventId`.'),
    coalesced: z.literal(true).optional(),
    api: z.enum(['reached', 'away']).describe('`away`: it is sent by itself once the API is back.'),
  }),
  'output',
);

const annotations = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false };
const FORGET = 'Fire and forget: it answers at once, also while the API is away.';

const traceparent = { type: 'string', description: 'W3C traceparent that the call belongs to.' };

/** The tools that report progress. */
export function eventTools(events: Events): Tool[] {
  return [...TYPED.map((typed) => typedTool(events, typed)), anyEvent(events)];
}

/** A tool for one type, whose arguments are the event's data. */
function typedTool(events: Events, { type, title, when }: (typeof TYPED)[number]): Tool {
  const known = SCHEMA.oneOf.find((variant) => variant.properties.type.const === type);
  if (!known) throw new Error(`the schema of events has no ${type}`);
  const { properties, required } = known.properties.data;
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  const { timestamp, eventId } = SCHEMA.properties;
  return {
    name: type.replace('.', '_'),
    title,
    description: `Emits \`${type}\`: ${known.description} ${when} ${FORGET}`,
    annotations,
    inputSchema: {
      type: 'object',
      properties: {
        ...fields([...required, ...optional, ...Object.keys(SCHEMA.properties.data.properties)]),
        timestamp,
        eventId,
        traceparent,
      },
      required,
      // The history shows what it knows and keeps the rest.
      additionalProperties: true,
    },
    outputSchema: output,
    async run(args, call) {
      const { timestamp, eventId, traceparent: _, ...data } = args;
      try {
        return await emit(events, { type, data, timestamp, eventId }, call);
      } catch (fault) {
        throw inArguments(ToolFailure.from(fault));
      }
    },
  };
}

/** A tool for events of any type, as the API takes them. */
function anyEvent(events: Events): Tool {
  const { type, timestamp, eventId, data } = SCHEMA.properties;
  return {
    name: 'post_project_event',
    title: 'Report a project event',
    description:
      `Emits an event of any type: ${EVENT_TYPES.join(', ')}. The tools named after a type say what it needs; use this one for the others, ` +
      `whose data needs \`projectNumber\`. ${FORGET}`,
    annotations,
    inputSchema: {
      type: 'object',
      properties: {
        type,
        data: {
          type: 'object',
          description: 'To what it happened; fields that its type does not know are kept.',
          properties: fields(['projectNumber', ...Object.keys(data.properties)]),
          required: ['projectNumber'],
          additionalProperties: true,
        },
        timestamp,
        eventId,
        traceparent,
      },
      required: ['type', 'data'],
    },
    outputSchema: output,
    contextIn: ({ data, traceparent }) => ({ ...(isObject(data) && data), traceparent }),
    run({ traceparent: _, ...event }, call) {
      return emit(events, { type: undefined, data: undefined, ...event }, call);
    },
  };
}

async function emit(events: Events, given: Parameters<Events['emit']>[0], call: Call): Promise<Emitted & Arguments> {
  return { ...(await events.emit(given, call)) };
}

/** Definitions without the nulls that the wire allows: a model leaves out what it does not know. */
function fields(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, SCHEMA.$defs[name] ?? {}]));
}

/** Faults by argument: the data of a typed tool's event are its arguments. */
function inArguments(failure: ToolFailure): ToolFailure {
  const details = failure.details.map(({ path, message }) => ({ path: path.replace(/^data\.?/, ''), message }));
  const message = failure.message.replaceAll('`data.', '`');
  return new ToolFailure(failure.code, message, { ...failure, details });
}

function isObject(value: unknown): value is Arguments {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
