// A subagent: a process that is handed items, works on each in its own git worktree, and reports by its own MCP server.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { git } from './repository.mjs';
import { Reporter } from './reporter.mjs';

const { AGENT_ID: name, JOURNAL: journal, AGENT_LOG: log, ...env } = process.env;
const folder = process.cwd();
const reporter = await Reporter.start({ name, folder, env: { ...env, AGENT_ID: name }, journal, log });
let sessionId;

process.on('disconnect', () => process.exit(1));
process.on('message', async (message) => {
  if (message.begin) {
    sessionId = (await reporter.ask('create_session', { projectNumber: message.projectNumber }))?.session.id;
    process.send({ ready: true });
  } else if (message.work) {
    process.send(await attempt(message.work));
  } else if (message.end) {
    await reporter.ask('update_session', { sessionId, status: 'ended' });
    await reporter.close();
    process.disconnect();
    process.exit(0);
  }
});
process.send({ started: true });

/** One attempt at an item. What goes wrong in it is told, and leaves the worktree as it was. */
async function attempt({ item, seconds, phaseNumber, projectNumber, taskId, sabotaged }) {
  const about = { projectNumber, phaseNumber, workItemId: item.id, workItemTitle: item.title };
  const ids = { ...(taskId && { taskId }), ...(sessionId && { sessionId }) };
  if (taskId) await reporter.ask('start_task', ids);
  await reporter.emit('task_started', { ...about, ...ids });
  process.send({ working: item.id });
  const pause = () => sleep((seconds * 1_000) / 3);
  try {
    const { module, paths } = await write(item, phaseNumber, sabotaged);
    await pause();
    await reporter.emit('task_progress', { ...about, ...ids, percent: 40, message: 'Written; the test comes next' });
    await pause();
    await verify(module, item, sabotaged);
    await reporter.emit('task_progress', { ...about, ...ids, percent: 80, message: 'The test passes; committing' });
    if (sessionId) await reporter.ask('heartbeat_session', { sessionId });
    await pause();
    await git(folder, 'add', '--', ...paths);
    await git(folder, 'commit', '-qm', `${item.id}: ${item.title}`);
    const commit = await git(folder, 'rev-parse', '--short', 'HEAD');
    const filesChanged = (await git(folder, 'diff-tree', '--no-commit-id', '--name-only', '-r', 'HEAD')).split('\n');
    if (taskId) await reporter.ask('complete_task', { ...ids, result: commit });
    await reporter.emit('task_completed', { ...about, ...ids, result: `committed ${commit}`, filesChanged });
    return { done: item.id };
  } catch (fault) {
    await git(folder, 'clean', '-qfd');
    await git(folder, 'checkout', '-q', '--', '.');
    const error = { code: fault.name, message: fault.message };
    if (taskId) await reporter.ask('fail_task', { ...ids, error: fault.message });
    await reporter.emit('task_failed', { ...about, ...ids, error });
    return { failed: item.id, error };
  }
}

/** The item's work: the files of its plan, and a module with what it is to answer. One that is sabotaged without a reason does not parse. */
async function write(item, phaseNumber, sabotaged) {
  const target = `phase-${phaseNumber}/${item.id}`;
  const code = `// ${item.title}\nexport const id = ${JSON.stringify(item.id)};\nexport function total(prices) {\n  return prices.reduce((sum, price) => sum + price, 0);\n}\n`;
  const contents = new Map(item.files?.map((path) => [path, `${item.id}: ${item.title}\n`]));
  contents.set(`${target}/total.mjs`, sabotaged && item.fails === true ? code.slice(0, -3) : code);
  contents.set(`${target}/expected.json`, JSON.stringify({ prices: [1, 2, 3], total: 6 }));
  for (const [path, content] of contents) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return { module: join(folder, target, 'total.mjs'), paths: [...contents.keys()] };
}

async function verify(file, item, sabotaged) {
  // A module is loaded once under one address.
  const { id, total } = await import(`${pathToFileURL(file).href}?${Date.now()}`);
  if (id !== item.id || total([1, 2, 3]) !== 6) throw new Error(`the test of ${item.id} fails`);
  if (sabotaged) throw new Error(item.fails);
}
