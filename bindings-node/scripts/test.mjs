// Compiles and runs the tests: `npm test [-- --test-name-pattern=…]`. TASKTRAIL_TEST_MONGODB adds a real MongoDB.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(here, 'test', 'dist');
// Spools that nobody names are made in the user's folder for state: in one that is gone afterwards.
const state = mkdtempSync(join(tmpdir(), 'tasktrail-state-'));
process.on('exit', () => rmSync(state, { recursive: true, force: true }));
const env = { ...process.env, XDG_STATE_HOME: state };
const run = (args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: here, stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
};
rmSync(out, { recursive: true, force: true });
run([createRequire(import.meta.url).resolve('typescript/bin/tsc'), '-p', 'tsconfig.test.json']);
const files = readdirSync(out).filter((name) => name.endsWith('.test.js'));
run(['--test', '--test-reporter=spec', ...process.argv.slice(2), ...files.map((name) => join('test', 'dist', name))]);
