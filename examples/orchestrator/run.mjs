// Works a project off with real agents, against a Tasktrail-audited API: see README.md.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readProject } from './runner/project.mjs';
import { runProject } from './runner/run.mjs';

const USAGE =
  'node run.mjs [--plan FILE] [--project N] [--agents N] [--workspace ID] [--api URL] [--key KEY] [--speed N] [--folder FOLDER] [--manifest FILE]';
const PLAN = fileURLToPath(new URL('plan.json', import.meta.url));

/** Options win over the environment, which is what a launcher sets for its workers. */
function readOptions(argv, env) {
  const text = { type: 'string' };
  const names = ['plan', 'project', 'agents', 'workspace', 'api', 'key', 'speed', 'folder', 'manifest'];
  const { values } = parseArgs({ args: argv, options: Object.fromEntries(names.map((name) => [name, text])) });
  const speed = Number(values.speed ?? 1);
  if (!(Number.isFinite(speed) && speed > 0)) throw new Error('--speed is a number above 0');
  const project = readProject(values.plan ?? PLAN, Number(values.project ?? 42));
  const count = Number(values.agents ?? project.agents?.length ?? 3);
  if (!(Number.isSafeInteger(count) && count > 0)) throw new Error('--agents is a whole number above 0');
  const workspace = values.workspace ?? env.WORKSPACE_ID;
  return {
    project,
    agents: Array.from({ length: count }, (_, n) => project.agents?.[n] ?? `agent-${n + 1}`),
    url: values.api ?? env.STATE_TRACKING_API_URL ?? 'http://localhost:8167',
    key: values.key ?? env.STATE_TRACKING_API_KEY ?? 'demo-key',
    env: workspace ? { WORKSPACE_ID: workspace } : {},
    speed,
    folder: values.folder ? resolve(values.folder) : mkdtempSync(join(tmpdir(), 'tasktrail-run-')),
    manifest: values.manifest,
  };
}

/** What left a record, a line each: reports, calls of the API, and tools that failed. */
function manifestOf(journals) {
  return readdirSync(journals)
    .flatMap((name) => readFileSync(join(journals, name), 'utf8').split('\n').filter(Boolean))
    .map((line) => JSON.parse(line))
    .filter(({ requestId }) => requestId)
    .map(({ requestId, tool, auditId }) => JSON.stringify({ requestId, tool, auditId }));
}

let options;
try {
  options = readOptions(process.argv.slice(2), process.env);
} catch (fault) {
  console.error(`${fault.message}\nusage: ${USAGE}`);
  process.exit(2);
}
const clock = () => new Date().toTimeString().slice(0, 8);
const say = (line) => console.log(`${clock()}  ${line}`);
mkdirSync(options.folder, { recursive: true });
try {
  const { runId, journals, durationMs } = await runProject({ ...options, say });
  if (options.manifest) writeFileSync(options.manifest, `${manifestOf(journals).join('\n')}\n`);
  say(`${runId} is complete after ${(durationMs / 1000).toFixed(1)} s; what it left is in ${options.folder}`);
} catch (fault) {
  console.error(`${fault.message}; what there is of the run is in ${options.folder}`);
  process.exit(1);
}
