// Builds the addon through the napi CLI: `npm run build:native -- [--profile demo|release]`.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { profile: { type: 'string', default: 'release' } } });
const here = join(dirname(fileURLToPath(import.meta.url)), '..');
const cli = join(dirname(createRequire(import.meta.url).resolve('@napi-rs/cli')), 'cli.js');

const run = spawnSync(
  process.execPath,
  [cli, 'build', '--platform', '--no-js', '--dts', 'native.d.ts', '--profile', values.profile, '--output-dir', '.'],
  { cwd: here, stdio: 'inherit' },
);
process.exit(run.status ?? 1);
