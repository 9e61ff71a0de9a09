import { z } from 'zod';
import type { Api } from '../api.js';
import { contextShape, tool, type Tool } from './tool.js';

/** A segment of a path: two dots would leave the folder that they stand in. */
export const idShape = z
  .string()
  .min(1)
  .max(256)
  .refine((id) => !/^\.{1,2}$/.test(id), 'is an id, not dots');
const taskId = idShape.describe('Id of the task, from `create_task`.');
const title = z.string().min(1).max(500).describe('What is to be done.');
const projectNumber = z.int().min(0).describe('Project that it belongs to.');
const outcome = z.string().max(10_000);
const task = z.object({
  task: z.looseObject({
    id: z.string(),
    title: z.string(),
    status: z.enum(['pending', 'in_progress', 'completed', 'failed']),
  }),
});
const change = { readOnlyHint: false, destructiveHint: false, openWorldHint: false };
const REPORT = 'It changes the task in the API and is no progress event: report progress with';

/** The API's tasks. */
export function taskTools(api: Api): Tool[] {
  const path = (id: string, action = ''): string => `/api/tasks/${encodeURIComponent(id)}${action}`;
  return [
    tool({
      name: 'create_task',
      title: 'Create a task',
      description:
        'Creates a task in the API, pending. Returns it with the id that the other task tools and events (`taskId`) take.',
      annotations: { ...change, idempotentHint: false },
      input: z.strictObject({ title, projectNumber: projectNumber.optional(), ...contextShape }),
      output: task,
      run: async ({ title, projectNumber }, call) => ({
        task: await api.request(call, 'POST', '/api/tasks', { title, projectNumber }),
      }),
    }),
    tool({
      name: 'get_task',
      title: 'Get a task',
      description: 'Returns a task with its status, result and error.',
      annotations: { readOnlyHint: true, openWorldHint: false },
      input: z.strictObject({ taskId, ...contextShape }),
      output: task,
      run: async ({ taskId }, call) => ({ task: await api.request(call, 'GET', path(taskId)) }),
    }),
    tool({
      name: 'update_task',
      title: 'Update a task',
      description:
        'Changes the title or the project of a task. Its status is changed by `start_task`, `complete_task` and `fail_task`.',
      annotations: { ...change, idempotentHint: true },
      input: z.strictObject({
        taskId,
        title: title.optional(),
        projectNumber: projectNumber.optional(),
        ...contextShape,
      }),
      output: task,
      run: async ({ taskId, title, projectNumber }, call) => ({
        task: await api.request(call, 'PATCH', path(taskId), { title, projectNumber }),
      }),
    }),
    tool({
      name: 'start_task',
      title: 'Start a task',
      description: `Sets a task in progress; also a failed one, for another attempt. ${REPORT} \`task_started\`.`,
      annotations: { ...change, idempotentHint: true },
      input: z.strictObject({ taskId, ...contextShape }),
      output: task,
      run: async ({ taskId }, call) => ({ task: await api.request(call, 'POST', path(taskId, '/start')) }),
    }),
    tool({
      name: 'complete_task',
      title: 'Complete a task',
      description: `Ends a task that is in progress, as done. ${REPORT} \`task_completed\`.`,
      annotations: { ...change, idempotentHint: false },
      input: z.strictObject({ taskId, result: outcome.optional().describe('What came of it.'), ...contextShape }),
      output: task,
      run: async ({ taskId, result }, call) => ({
        task: await api.request(call, 'POST', path(taskId, '/complete'), { result }),
      }),
    }),
    tool({
      name: 'fail_task',
      title: 'Fail a task',
      description: `Ends a task that is in progress, as failed; it can be started again. ${REPORT} \`task_failed\`.`,
      annotations: { ...change, idempotentHint: false },
      input: z.strictObject({ taskId, error: outcome.optional().describe('Why it failed.'), ...contextShape }),
      output: task,
      run: async ({ taskId, error }, call) => ({
        task: await api.request(call, 'POST', path(taskId, '/fail'), { error }),
      }),
    }),
    tool({
      name: 'delete_task',
      title: 'Delete a task',
      description: 'Deletes a task from the API. What is recorded of it stays in the audit trail.',
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
      input: z.strictObject({ taskId, ...contextShape }),
      output: z.object({ deleted: z.literal(true), taskId: z.string() }),
      run: async ({ taskId }, call) => {
        await api.request(call, 'DELETE', path(taskId));
        return { deleted: true, taskId };
      },
    }),
  ];
}
