// Uses both packages as an ES module does, each import by its name.
import assert from 'node:assert/strict';
import { deriveWorkspaceId, Trail } from '@tasktrail/node';
import * as wasm from '@tasktrail/wasm';
import * as slim from '@tasktrail/wasm/slim';

const call = { method: 'POST', path: '/api/tasks', status: 201, workspaceId: 'ws_installed' };
const event = {
  type: 'task.completed',
  data: { projectNumber: 1, phaseNumber: 1, workItemId: 'A-1', workItemTitle: 'First' },
};

const trail = await Trail.open('memory:');
const auditId = trail.record(call, Buffer.from('{"title":"First","password":"secret"}'));
const accepted = await trail.emit({ ...event, data: { ...event.data, workspaceId: 'ws_installed' } });
await trail.flush(5000);
const page = await trail.query({ workspaceId: 'ws_installed' });
assert.deepEqual(new Set(page.items.map((item) => item.audit_id)), new Set([auditId, accepted.auditId]));
assert.ok(!JSON.stringify(page).includes('secret'));
await trail.close(5000);

await slim.init();
const history = new slim.TaskHistory({ workspaceId: 'ws_installed' });
assert.equal(history.apply(page.items).accepted, 2);
assert.throws(() => slim.sanitize({}), { code: 'TT_WASM_SLIM' });
assert.throws(() => wasm.sanitize({}), { code: 'TT_WASM_NOT_INITIALISED' });

await wasm.init();
assert.equal(wasm.validateEvent(event).accepted, true);
assert.equal(wasm.validateEvent({ type: 'task.unheard-of', data: {} }).accepted, false);
assert.equal(
  wasm.deriveWorkspaceId('/work/app', 'a long random salt'),
  deriveWorkspaceId('/work/app', 'a long random salt'),
);
console.log('ES modules work');
