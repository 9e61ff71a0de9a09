import { queryParameters, type AuditRecord, type HistoryQuery, type Outcome } from '@tasktrail/node';
import { z } from 'zod';
import type { Api } from '../api.js';
import { ToolFailure } from '../failure.js';
import { contextShape, tool, type Tool } from './tool.js';

const OUTCOMES = ['success', 'failure', 'denied', 'aborted', 'unknown'] as const satisfies readonly Outcome[];
/** Fewer than the API's: a model reads each of them. */
const DEFAULT_LIMIT = 20;

/** What the core says of a parameter. */
function about(name: keyof HistoryQuery): string {
  const parameter = queryParameters().find((known) => known.name === name);
  if (!parameter) throw new Error(`the core has no parameter ${name}`);
  return parameter.description;
}

const time = (name: 'startTime' | 'endTime') => z.union([z.string(), z.number()]).optional().describe(about(name));
const id = (name: keyof HistoryQuery) => z.string().optional().describe(about(name));

/** Reads of the audit trail. */
export function historyTools(api: Api): Tool[] {
  const readOnly = { readOnlyHint: true, openWorldHint: false };
  return [
    tool({
      name: 'list_task_history',
      title: 'List the Task History',
      description:
        "Lists what was recorded, newest first: progress events and state-changing calls of this workspace, failures included. One line's worth a record; " +
        '`get_audit_record` has all of one, `detail: "full"` all of each. `nextCursor` as `cursor` gives the next page.',
      annotations: readOnly,
      input: z.strictObject({
        ...contextShape,
        workspaceId: z
          .string()
          .optional()
          .describe(`${about('workspaceId')} The server's own when left out.`),
        allWorkspaces: z.boolean().optional().describe('Of every workspace.'),
        projectNumber: z.int().min(0).optional().describe(about('projectNumber')),
        operationType: z
          .union([z.string(), z.array(z.string()).max(50)])
          .optional()
          .describe(about('operationType')),
        outcome: z.enum(OUTCOMES).optional().describe(about('outcome')),
        taskId: id('taskId'),
        sessionId: id('sessionId'),
        runId: id('runId'),
        actor: id('actor'),
        startTime: time('startTime'),
        endTime: time('endTime'),
        order: z.enum(['asc', 'desc']).optional().describe(about('order')),
        limit: z.int().min(1).max(200).optional().describe(`Items on a page: ${DEFAULT_LIMIT} by default.`),
        cursor: id('cursor'),
        after: id('after'),
        detail: z.enum(['summary', 'full']).optional().describe('How much of each record: `summary` by default.'),
      }),
      output: z.object({
        items: z.array(z.looseObject({ audit_id: z.string(), timestamp: z.string(), operation_type: z.string() })),
        total: z.number().nullable().optional(),
        nextCursor: z.string().nullable(),
      }),
      async run(args, call) {
        const { allWorkspaces, detail, limit = DEFAULT_LIMIT } = args;
        const names = [
          'projectNumber',
          'operationType',
          'outcome',
          'taskId',
          'sessionId',
          'runId',
          'actor',
          'startTime',
          'endTime',
          'order',
          'cursor',
          'after',
        ] as const;
        const query: HistoryQuery = { limit, ...Object.fromEntries(names.map((name) => [name, args[name]])) };
        if (!allWorkspaces && call.context.workspaceId) query.workspaceId = call.context.workspaceId;
        const page = await api.history(call, (client, signal) => client.history(query, { signal }));
        const items = detail === 'full' ? page.items : page.items.map(summary);
        return { items, total: page.total, nextCursor: page.nextCursor };
      },
    }),
    tool({
      name: 'get_audit_record',
      title: 'Get an audit record',
      description:
        'Returns all that was recorded of one call or event, by the `auditId` that an event tool or `list_task_history` (`audit_id`) gave.',
      annotations: readOnly,
      input: z.strictObject({ auditId: z.guid().describe('Id of the record.'), ...contextShape }),
      output: z.object({ record: z.looseObject({ audit_id: z.string() }) }),
      async run({ auditId }, call) {
        const record = await api.history(call, (client, signal) => client.record(auditId, { signal }));
        if (record) return { record };
        throw new ToolFailure(
          'TT_RECORD_NOT_FOUND',
          `no record has the id ${auditId}; what was emitted a moment ago may not have arrived yet`,
        );
      },
    }),
  ];
}

/** What of a record says what happened, without what is null. */
function summary(record: AuditRecord): Record<string, unknown> {
  const {
    audit_id,
    timestamp,
    operation_type,
    outcome,
    error,
    project_number,
    phase_number,
    work_item_id,
    agent_id,
    run_id,
  } = record;
  const { task_id, response_status, metadata } = record;
  const { workItemTitle, phaseName, message, percent } = metadata ?? {};
  const fields = {
    audit_id,
    timestamp,
    operation_type,
    outcome,
    error: error?.message,
    project_number,
    phase_number,
    work_item_id,
    workItemTitle,
  };
  const more = { phaseName, message, percent, agent_id, run_id, task_id, response_status };
  return Object.fromEntries(Object.entries({ ...fields, ...more }).filter(([, value]) => value != null));
}
