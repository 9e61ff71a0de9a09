// Uses the server side's types where a mistake in them would show; compiled and run as an ES module and as CommonJS.
import { TasktrailError, Trail, validateEvent } from '@tasktrail/node';
import type { AuditRecord, Call, EventVerdict, HistoryQuery, NodeErrorCode, Page, TrailOptions } from '@tasktrail/node';

const options: TrailOptions = { service: 'types', retentionDays: 30 };
const call: Call = { method: 'POST', path: '/api/tasks/7/start', status: 201, workspaceId: 'ws_types' };
const query: HistoryQuery = { workspaceId: 'ws_types', limit: 10 };

async function first(trail: Trail): Promise<AuditRecord> {
  const page: Page = await trail.query(query);
  const [record] = page.items;
  if (record === undefined) throw new Error('nothing was recorded');
  return record;
}

async function main(): Promise<void> {
  let closed: Trail;
  {
    await using trail = await Trail.open('memory:', options);
    trail.record(call, new TextEncoder().encode('{"title":"First"}'));
    await trail.flush(5_000);
    const { operation_type: operation }: { operation_type: string } = await first(trail);
    if (operation !== 'task.started') throw new Error(`recorded as ${operation}`);
    for await (const record of trail.export({ workspaceId: 'ws_types' })) record.audit_id satisfies string;
    closed = trail;
  }
  const code: NodeErrorCode = await closed.query(query).then(
    () => 'TT_PANIC',
    (fault: unknown) => (fault instanceof TasktrailError ? fault.code : 'TT_PANIC'),
  );
  if (code !== 'TT_CLOSED') throw new Error(`using the trail after its scope gave ${code}`);
  const verdict: EventVerdict = validateEvent({ type: 'task.unheard-of', data: {} });
  if (verdict.accepted) throw new Error('an unknown event was accepted');
  // @ts-expect-error: a name that is not an option's.
  options.retentoinDays = 3;
  console.log('types hold');
}

void main();
