// Builds the addon through the napi CLI: `npm run build:native [-- --profile demo]`. What follows goes to `napi build` as it is:
// `--target aarch64-unknown-linux-musl --cross-compile` builds for another platform, with zig.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = join(dirname(fileURLToPath(import.meta.url)), '..');
const cli = join(dirname(createRequire(import.meta.url).resolve('@napi-rs/cli')), 'cli.js');
const given = process.argv.slice(2);
const profile = given.includes('--profile') ? [] : ['--profile', 'release'];

const run = spawnSync(
  process.execPath,
  [cli, 'build', '--platform', '--no-js', '--dts', 'native.d.ts', '--output-dir', '.', ...profile, ...given],
  { cwd: here, stdio: 'inherit' },
);
process.exit(run.status ?? 1);
