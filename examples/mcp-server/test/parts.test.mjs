// Parts that need no server.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  baggageKey,
  CONTEXT_FIELDS,
  contextOfBaggage,
  contextOfEnvironment,
  contextOfHeaders,
  firstOf,
} from '../dist/context.js';
import { childTrace } from '../dist/trace.js';

describe('context', () => {
  it('takes each field from the first layer that has it; blank is absent', () => {
    const layers = [{ runId: ' ' }, undefined, { runId: 'a', agentId: '' }, { runId: 'b', agentId: 'c' }];
    assert.deepEqual(firstOf(...layers), { runId: 'a', agentId: 'c' });
  });

  it('reads the environment, its own names first', () => {
    const env = { AGENT_ID: 'plain', TASKTRAIL_AGENT_ID: 'own', RUN_ID: 'r', TASKTRAIL_RUN_ID: '' };
    assert.deepEqual(contextOfEnvironment(env), { agentId: 'own', runId: 'r' });
  });

  it('reads baggage of its own keys, and passes over what it cannot read', () => {
    assert.deepEqual(CONTEXT_FIELDS.map(baggageKey), [
      'tasktrail.workspace_id',
      'tasktrail.worktree_path',
      'tasktrail.run_id',
      'tasktrail.origin_workspace_id',
      'tasktrail.session_id',
      'tasktrail.agent_id',
    ]);
    const baggage = 'a=1, tasktrail.run_id = r%201 ;p=1,,tasktrail.agent_id=%E0%A4%A,=,tasktrail.session_id=s=1';
    assert.deepEqual(contextOfBaggage(baggage), { runId: 'r 1', sessionId: 's=1' });
    assert.deepEqual(contextOfBaggage(undefined), {});
    assert.deepEqual(contextOfHeaders({ 'x-run-id': ['one', 'two'] }), { runId: 'one' });
  });
});

describe('trace', () => {
  const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
  const parent = `00-${trace}-${span}-00`;

  it('is joined with a span of its own, flags and state kept', () => {
    const child = childTrace({}, { traceparent: parent, tracestate: 'a=1' }, { baggage: 'k=v' });
    const [version, id, own, flags] = child.traceparent.split('-');
    assert.deepEqual([version, id, flags, child.tracestate, child.baggage], ['00', trace, '00', 'a=1', 'k=v']);
    assert.notEqual(own, span);
  });

  it('begins anew where nobody names one that is valid', () => {
    for (const wrong of [
      '',
      'x',
      `ff-${trace}-${span}-01`,
      `00-${'0'.repeat(32)}-${span}-01`,
      `00-${trace}-${'0'.repeat(16)}-01`,
      `${parent}\n`,
    ]) {
      const own = childTrace({ traceparent: wrong, tracestate: 'a=1' });
      assert.match(own.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      assert(!own.traceparent.includes(trace));
      assert.equal(own.tracestate, undefined);
    }
    assert.equal(childTrace({ baggage: 'a=\u00e9' }).baggage, undefined);
  });
});
