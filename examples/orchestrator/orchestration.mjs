// One orchestration: phases in order, agents that take items from a shared queue, every step told to the API.
import { setTimeout as sleep } from 'node:timers/promises';

/** A pause between the phases, so that a person sees them end and begin. */
const BREATH_SECONDS = 1.5;

/** Fails with a sentence when `plan` cannot be played. */
export function checkPlan(plan) {
  const items = plan.phases.flatMap((phase) => phase.items);
  if (plan.agents.length === 0) throw new Error('the plan has no agents');
  if (items.length === 0) throw new Error('the plan has no items');
  if (new Set(items.map((item) => item.id)).size !== items.length)
    throw new Error('two items of the plan have the same id');
  return plan;
}

/**
 * Plays `plan` against `api`. `context` is `{ projectNumber, runId, workspaceId, originWorkspaceId, worktreePath? }`, `speed` divides
 * every pause and `say` hears one line for each thing that happens. Resolves to the final counts.
 */
export async function orchestrate({ plan, api, context, speed = 1, say = () => {} }) {
  checkPlan(plan);
  const { projectNumber } = context;
  const began = Date.now();
  const total = plan.phases.reduce((sum, phase) => sum + phase.items.length, 0);
  const counts = { completedPhases: 0, completedItems: 0, inProgressItems: 0, failedItems: 0 };
  const pause = (seconds) => sleep((seconds * 1000) / speed);
  let sequence = 0;

  /** Posts one event. Its id makes a repeat harmless, should the answer to the first attempt get lost. */
  const emit = (type, data, agent) =>
    api.send(
      'POST',
      '/api/events/project',
      {
        type,
        data: { ...context, ...(agent && { agentId: agent.id, sessionId: agent.sessionId }), ...data },
        timestamp: new Date().toISOString(),
        eventId: `${context.runId}:${(sequence += 1)}`,
      },
      headersOf(agent),
    );
  const progress = () =>
    emit('orchestration.progress', { totalPhases: plan.phases.length, totalItems: total, ...counts });

  const agents = await Promise.all(
    plan.agents.map(async (id) => {
      const session = await api.send('POST', '/api/sessions', { projectNumber, agentId: id }, { agentId: id });
      return { id, sessionId: session.id };
    }),
  );
  say(`${agents.length} agents start "${plan.name}": ${plan.phases.length} phases, ${total} items`);

  for (const [index, phase] of plan.phases.entries()) {
    const phaseNumber = index + 1;
    await emit('phase.started', { phaseNumber, phaseName: phase.name, totalItems: phase.items.length });
    say(`phase ${phaseNumber}, ${phase.name}: ${phase.items.length} items`);
    const queue = await Promise.all(
      phase.items.map(async (item) => {
        const task = await api.send('POST', '/api/tasks', { title: item.title, projectNumber });
        return { ...item, taskId: task.id, attempt: 0 };
      }),
    );
    await progress();

    /** Works until nothing is left. An item that failed goes to the end of the queue, for whoever is free. */
    const work = async (agent) => {
      for (let item = queue.shift(); item; item = queue.shift()) {
        item.attempt += 1;
        const about = { phaseNumber, workItemId: item.id, workItemTitle: item.title, taskId: item.taskId };
        counts.inProgressItems += 1;
        if (item.attempt > 1) counts.failedItems -= 1;
        await api.send('POST', `/api/tasks/${item.taskId}/start`, {}, headersOf(agent));
        await emit('task.started', about, agent);
        say(`  ${agent.id.padEnd(12)} ${item.attempt > 1 ? 'retries  ' : 'starts   '} ${item.id}  ${item.title}`);

        await pause(item.seconds * 0.3);
        await emit(
          'task.progress',
          { ...about, percent: 40, message: 'Reading the code and writing the change' },
          agent,
        );
        await pause(item.seconds * 0.4);
        await api.send('POST', `/api/sessions/${agent.sessionId}/heartbeat`, {}, headersOf(agent));
        await emit('task.progress', { ...about, percent: 80, message: 'Running the tests' }, agent);
        await pause(item.seconds * 0.3);

        counts.inProgressItems -= 1;
        if (item.failsOnce && item.attempt === 1) {
          counts.failedItems += 1;
          await api.send('POST', `/api/tasks/${item.taskId}/fail`, { error: item.failsOnce }, headersOf(agent));
          await emit('task.failed', { ...about, error: item.failsOnce }, agent);
          say(`  ${agent.id.padEnd(12)} fails     ${item.id}  ${item.failsOnce}`);
          queue.push(item);
        } else {
          counts.completedItems += 1;
          const result = `${item.title}: done, tests pass`;
          await api.send('POST', `/api/tasks/${item.taskId}/complete`, { result }, headersOf(agent));
          await emit('task.completed', { ...about, result, filesChanged: item.files ?? [] }, agent);
          say(`  ${agent.id.padEnd(12)} completes ${item.id}  (${counts.completedItems} of ${total})`);
        }
        await progress();
      }
    };
    await Promise.all(agents.map(work));

    counts.completedPhases += 1;
    const items = { completedItems: phase.items.length, totalItems: phase.items.length };
    await emit('phase.completed', { phaseNumber, phaseName: phase.name, ...items });
    await progress();
    await pause(BREATH_SECONDS);
  }

  const durationMs = Date.now() - began;
  await emit('project.completed', { completedItems: counts.completedItems, totalItems: total, durationMs });
  await Promise.all(
    agents.map((agent) => api.send('PATCH', `/api/sessions/${agent.sessionId}`, { status: 'ended' }, headersOf(agent))),
  );
  say(`all ${total} items are complete after ${(durationMs / 1000).toFixed(1)} s`);
  return { ...counts, totalItems: total, durationMs };
}

function headersOf(agent) {
  return agent ? { sessionId: agent.sessionId, agentId: agent.id } : {};
}
