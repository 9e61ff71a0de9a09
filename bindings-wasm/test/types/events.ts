// Compiled, not run: what a program may and may not say about events.
import { TasktrailClient, type EventAccepted, type HeardEvent, type ProjectEvent } from '@tasktrail/wasm/client';

const client = new TasktrailClient();
const item = { projectNumber: 1, phaseNumber: 1, workItemId: '1.1', workItemTitle: 'It' };

export const answers: Promise<EventAccepted>[] = [
  client.emit({ type: 'task.started', data: item }),
  client.emit({ type: 'task.completed', data: { ...item, filesChanged: ['a.ts'], own: true } }),
  client.emit({ type: 'issue.updated', data: { projectNumber: 1 }, timestamp: Date.now(), eventId: 'e' }),
  // @ts-expect-error a failure says why
  client.emit({ type: 'task.failed', data: item }),
  // @ts-expect-error a phase has a name and a number of items
  client.emit({ type: 'phase.started', data: { projectNumber: 1, phaseNumber: 1 } }),
  // @ts-expect-error there is no such type
  client.emit({ type: 'task.begun', data: item }),
  // @ts-expect-error a number
  client.emit({ type: 'task.progress', data: { ...item, percent: 'half' } }),
];

export function describe(event: HeardEvent): string {
  switch (event.type) {
    case 'task.progress':
      return `${event.auditId} ${event.data.percent?.toFixed() ?? event.data.workItemId}`;
    case 'phase.started':
      return `${event.data.phaseName.trim()} of ${event.data.totalItems.toFixed()}`;
    default:
      return event.timestamp.trim();
  }
}

client.onProjectEvents([1], { event: describe, missed: (projectNumber) => projectNumber.toFixed() });
client.source(['ws_a', 'ws_b'], { from: null }).connect({
  records: async (records) => void records.length,
  ready: () => undefined,
  connection: ({ completeThrough }) => completeThrough?.toFixed(),
});
export const one: ProjectEvent<'task.failed'> = { type: 'task.failed', data: { ...item, error: { message: 'no' } } };
