// One orchestration, played for real without a model: agents are processes, their work is files and commits, their reports are real.
import { fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { discoverWorkspace } from '@tasktrail/node';
import { Reporter } from './reporter.mjs';
import { Repository } from './repository.mjs';

const AGENT = fileURLToPath(new URL('agent.mjs', import.meta.url));
const MAX_ATTEMPTS = 5;
/** How long an agent that is gone is given before its item is taken from it. */
const SILENCE_MS = 1_500;

/**
 * Works a project off. `agents` are the names of those who work at the same time; `folder` takes repository, worktrees, journals and logs;
 * `env` goes to all processes beside what the run mints, and may name the workspace; `speed` divides the time that items take; `progress`
 * hears of each item's end. Resolves to who took part and what became of it.
 */
export async function runProject(options) {
  const ends = [];
  try {
    return await play(options, ends);
  } catch (fault) {
    await Promise.allSettled(ends.map((end) => end()));
    throw fault;
  }
}

/** `ends` gets what ends each process that is started. */
async function play(
  { project, url, key, folder, agents: names, env = {}, speed = 1, say = () => {}, progress = () => {} },
  ends,
) {
  const repository = await Repository.create(folder, project.number);
  const journals = join(folder, 'journals');
  mkdirSync(journals, { recursive: true });
  const originWorkspaceId = env.WORKSPACE_ID ?? (await discoverWorkspace(repository.root)).workspaceId;
  // Minted once, at the launch, and handed down by the environment: no child guesses where it belongs.
  const runId = `run_${randomUUID()}`;
  const traceId = randomBytes(16).toString('hex');
  const shared = {
    ...process.env,
    ...env,
    RUN_ID: runId,
    ORIGIN_WORKSPACE_ID: originWorkspaceId,
    STATE_TRACKING_API_URL: url,
    STATE_TRACKING_API_KEY: key,
    TRACEPARENT: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
  };
  const filesOf = (name) => ({ journal: join(journals, `${name}.ndjson`), log: join(folder, `${name}.log`) });
  const reporter = await Reporter.start({
    name: 'orchestrator',
    folder: repository.project,
    env: { ...shared, AGENT_ID: 'orchestrator' },
    ...filesOf('orchestrator'),
  });

  ends.push(() => reporter.close());

  const total = project.phases.reduce((sum, { items }) => sum + items.length, 0);
  const counts = { completedPhases: 0, completedItems: 0, inProgressItems: 0, failedItems: 0 };
  const began = Date.now();
  const killed = [];
  const team = [];

  const hire = async (name) => {
    const agent = { name, item: undefined, alive: true };
    team.push(agent);
    agent.worktree = await repository.worktree(name);
    const { journal, log } = filesOf(name);
    agent.process = fork(AGENT, {
      cwd: agent.worktree,
      env: { ...shared, AGENT_ID: name, JOURNAL: journal, AGENT_LOG: log },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [agent.process.stdout, agent.process.stderr])
      stream.on('data', (chunk) => appendFileSync(log, chunk));
    agent.gone = once(agent.process, 'exit').then(([code, signal]) => {
      agent.alive = false;
      return { gone: true, code, signal };
    });
    ends.push(() => {
      agent.process.kill('SIGKILL');
      return agent.gone;
    });
    // What cannot be sent because it has just ended is answered by its end.
    agent.process.on('error', (fault) => appendFileSync(log, `${fault.message}\n`));
    agent.send = (message) => agent.alive && agent.process.send(message);
    if ((await answer(agent, 'started')).gone) throw new Error(`${name} did not start; ${log} says why`);
    agent.send({ begin: true, projectNumber: project.number });
    await answer(agent, 'ready');
    return agent;
  };

  const orchestrationProgress = () =>
    reporter.emit('orchestration_progress', {
      projectNumber: project.number,
      totalPhases: project.phases.length,
      totalItems: total,
      ...counts,
    });

  await Promise.all(names.map(hire));
  say(`${names.length} agents work on "${project.name}": ${project.phases.length} phases, ${total} items`);

  for (const [index, phase] of project.phases.entries()) {
    const phaseNumber = index + 1;
    const named = { projectNumber: project.number, phaseNumber, phaseName: phase.name };
    await reporter.emit('phase_started', { ...named, totalItems: phase.items.length });
    const queue = [];
    for (const item of phase.items) {
      const made = await reporter.ask('create_task', { title: item.title, projectNumber: project.number });
      queue.push({ item, taskId: made?.task.id, attempt: 0 });
    }

    /** Keeps one agent busy until nothing is left; one that dies is replaced. */
    const employ = async (first) => {
      let agent = first;
      for (let job = queue.shift(); job; job = queue.shift()) {
        job.attempt += 1;
        if (job.attempt > MAX_ATTEMPTS) throw new Error(`${job.item.id} failed ${MAX_ATTEMPTS} times`);
        if (job.attempt > 1) counts.failedItems -= 1;
        counts.inProgressItems += 1;
        const outcome = await work(agent, job, phaseNumber);
        counts.inProgressItems -= 1;
        if (outcome.done) {
          counts.completedItems += 1;
        } else {
          counts.failedItems += 1;
          queue.push(job);
        }
        say(
          `  ${agent.name.padEnd(9)} ${outcome.done ? 'completes' : outcome.gone ? 'was killed at' : 'fails'} ${job.item.id}`,
        );
        await orchestrationProgress();
        progress({ ...counts, total });
        if (outcome.gone) agent = await hire(`${agent.name}-successor`);
      }
      return agent;
    };

    const work = async (agent, job, phaseNumber) => {
      const { item, taskId, attempt } = job;
      const answered = answer(agent, 'done', 'failed');
      const working = answer(agent, 'working');
      agent.send({
        work: {
          item,
          seconds: item.seconds / speed,
          phaseNumber,
          projectNumber: project.number,
          taskId,
          sabotaged: Boolean(item.fails) && attempt === 1,
        },
      });
      if (item.killed && attempt === 1) {
        if ((await working).working) await sleep((item.seconds / speed) * 1_000 * item.killed);
        agent.process.kill('SIGKILL');
      }
      const outcome = await answered;
      if (outcome.gone) {
        killed.push({ agent: agent.name, item: item.id, at: Date.now() });
        await sleep(SILENCE_MS);
        await reporter.emit('task_failed', {
          projectNumber: project.number,
          phaseNumber,
          workItemId: item.id,
          workItemTitle: item.title,
          agentId: agent.name,
          worktreePath: agent.worktree,
          ...(taskId && { taskId }),
          error: {
            code: 'AGENT_LOST',
            message: `${agent.name} ended by ${outcome.signal ?? outcome.code} and said nothing more`,
          },
        });
      }
      return outcome;
    };

    await Promise.all(team.filter(({ alive }) => alive).map(employ));
    await repository.merge(team.map(({ name }) => name));
    counts.completedPhases += 1;
    await reporter.emit('phase_completed', {
      ...named,
      completedItems: phase.items.length,
      totalItems: phase.items.length,
    });
    await orchestrationProgress();
    say(`phase ${phaseNumber} is done: ${counts.completedItems} of ${total} items`);
  }

  const durationMs = Date.now() - began;
  await reporter.emit('project_completed', {
    projectNumber: project.number,
    completedItems: counts.completedItems,
    totalItems: total,
    durationMs,
  });
  for (const agent of team) agent.send({ end: true });
  await Promise.all(team.map(({ gone }) => gone));
  await reporter.close();
  return {
    runId,
    traceId,
    originWorkspaceId,
    repository,
    journals,
    killed,
    durationMs,
    agents: team.map(({ name, worktree }) => ({ name, worktree })),
  };
}

/** The agent's next message with one of these fields, or its end. */
function answer(agent, ...fields) {
  return new Promise((resolve) => {
    const hear = (message) => {
      if (fields.some((field) => message[field] !== undefined)) end(message);
    };
    const end = (message) => {
      agent.process.off('message', hear);
      resolve(message);
    };
    agent.process.on('message', hear);
    agent.gone.then(end);
  });
}
