// Uses the server side as a CommonJS program does.
const assert = require('node:assert/strict');
const { HEADERS, TasktrailError, Trail, sanitize } = require('@tasktrail/node');

async function main() {
  assert.equal(HEADERS.workspaceId, 'x-workspace-id');
  assert.deepEqual(sanitize({ password: 'hunter2' }), { password: '[redacted]' });
  const trail = await Trail.open('sqlite:audit-cjs.db');
  const auditId = trail.record({ method: 'POST', path: '/api/tasks', status: 201, workspaceId: 'ws_cjs' });
  await trail.flush(5_000);
  assert.equal((await trail.get(auditId)).workspace_id, 'ws_cjs');
  await trail.close(5_000);
  await assert.rejects(Trail.open('redis://localhost'), TasktrailError);
  console.log('CommonJS works');
}

void main();
