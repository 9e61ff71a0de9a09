// Works a project off with real agents, against a Tasktrail-audited API: see README.md.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inventProject, readProject } from './runner/project.mjs';
import { runProject } from './runner/run.mjs';

const USAGE =
  'node run.mjs [--project FILE | --seed N --phases N --items N --failures SHARE --kills N] [--agents N] [--api URL] [--folder FOLDER]';

function readOptions(argv, env) {
  const text = { type: 'string' };
  const options = {
    project: text,
    seed: text,
    phases: text,
    items: text,
    failures: text,
    kills: text,
    agents: text,
    api: text,
    folder: text,
  };
  const { values } = parseArgs({ args: argv, options });
  const number = (name, standard) => {
    const value = Number(values[name] ?? standard);
    if (!(Number.isFinite(value) && value >= 0)) throw new Error(`--${name} is a number`);
    return value;
  };
  const invented = () =>
    inventProject({
      seed: number('seed', 1),
      phases: number('phases', 3),
      items: number('items', 12),
      failures: number('failures', 0.1),
      kills: number('kills', 0),
    });
  return {
    project: values.project ? readProject(values.project) : invented(),
    agents: Math.max(1, Math.round(number('agents', 4))),
    url: values.api ?? env.STATE_TRACKING_API_URL ?? 'http://localhost:8167',
    key: env.STATE_TRACKING_API_KEY ?? 'demo-key',
    folder: values.folder ? resolve(values.folder) : mkdtempSync(join(tmpdir(), 'tasktrail-run-')),
  };
}

let options;
try {
  options = readOptions(process.argv.slice(2), process.env);
} catch (fault) {
  console.error(`${fault.message}\nusage: ${USAGE}`);
  process.exit(2);
}
console.log(`folder ${options.folder}`);
const { runId, originWorkspaceId, durationMs } = await runProject({ ...options, say: (line) => console.log(line) });
console.log(`run ${runId} of workspace ${originWorkspaceId} is complete after ${(durationMs / 1000).toFixed(1)} s`);
