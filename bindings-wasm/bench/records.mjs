// Records as a run sends them: items that start, report, and end, some of them failing once, and calls in between.
import { call, record, task } from '../test/support/records.mjs';

const AGENTS = ['agent-amber', 'agent-birch', 'agent-cedar', 'agent-dogwood'];
/** Records of one item, and how many items a phase has. */
const LIFE = 5;
const PHASE = 12;

/** The record of this number since the run began; one every 300 ms. */
export function recordAt(number, began) {
  const [index, step] = [Math.floor(number / LIFE), number % LIFE];
  const phase = 1 + Math.floor(index / PHASE);
  const id = `${phase}.${index % PHASE}`;
  const title = `Item ${id} of the plan, as somebody put it`;
  const more = { at: began + number * 300, agent_id: AGENTS[index % AGENTS.length] };
  if (step === 0 && index % PHASE === 0) {
    return record('phase.started', {
      ...more,
      phase_number: phase,
      metadata: { phaseName: `Phase ${phase}`, totalItems: PHASE },
    });
  }
  if (step === 0) return call('task.created', 'POST', '/api/tasks', 201, more);
  if (step === 1) return task('started', id, title, more);
  if (step < 4) {
    return task('progress', id, title, {
      ...more,
      metadata: { message: `step ${step} of 4 is done`, percent: 25 * step },
    });
  }
  if (index % 9 === 8)
    return task('failed', id, title, { ...more, error: { code: 'E_TEST', message: 'two tests of 34 fail' } });
  return task('completed', id, title, {
    ...more,
    metadata: { filesChanged: [`src/${id}.ts`, `test/${id}.ts`], result: 'merged' },
  });
}
