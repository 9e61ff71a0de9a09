// Plays an orchestration against a Tasktrail-audited API over HTTP: see README.md.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ApiClient } from './api-client.mjs';
import { checkPlan, orchestrate } from './orchestration.mjs';

const USAGE = `node play.mjs --workspace ID [--api URL] [--key KEY] [--worktree PATH] [--project N] [--plan FILE] [--speed N] [--manifest FILE]`;

/** Options win over the environment, which is what a launcher sets for its workers. */
function readOptions(argv, env) {
  const text = { type: 'string' };
  const { values } = parseArgs({
    args: argv,
    options: {
      api: text,
      key: text,
      workspace: text,
      worktree: text,
      project: text,
      plan: text,
      speed: text,
      manifest: text,
    },
  });
  const workspaceId = values.workspace ?? env.WORKSPACE_ID;
  if (!workspaceId) throw new Error('--workspace (or WORKSPACE_ID) says whose orchestration this is and is needed');
  const projectNumber = Number(values.project ?? 42);
  if (!Number.isSafeInteger(projectNumber) || projectNumber < 0) throw new Error('--project is a whole number');
  const speed = Number(values.speed ?? 1);
  if (!(Number.isFinite(speed) && speed > 0)) throw new Error('--speed is a number above 0');
  const runId = env.RUN_ID ?? `run_${randomUUID()}`;
  const originWorkspaceId = env.ORIGIN_WORKSPACE_ID ?? workspaceId;
  const worktreePath = values.worktree ?? env.WORKTREE_PATH;
  return {
    url: values.api ?? env.STATE_TRACKING_API_URL ?? 'http://localhost:8167',
    key: values.key ?? env.STATE_TRACKING_API_KEY ?? 'demo-key',
    plan: values.plan ?? new URL('plan.json', import.meta.url),
    manifest: values.manifest,
    speed,
    context: { projectNumber, runId, workspaceId, originWorkspaceId, ...(worktreePath && { worktreePath }) },
  };
}

let options;
try {
  options = readOptions(process.argv.slice(2), process.env);
  options.plan = checkPlan(JSON.parse(readFileSync(options.plan, 'utf8')));
} catch (fault) {
  console.error(`${fault.message}\nusage: ${USAGE}`);
  process.exit(2);
}

const { plan, context, speed } = options;
const api = new ApiClient(options);
const clock = () => new Date().toTimeString().slice(0, 8);
try {
  await orchestrate({ plan, api, context, speed, say: (line) => console.log(`${clock()}  ${line}`) });
} catch (fault) {
  console.error(fault.cause ? `${fault.message}: ${fault.cause.message || fault.cause.code}` : fault.message);
  process.exit(1);
}
