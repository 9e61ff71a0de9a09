// Publishes package folders: `node scripts/publish.mjs FOLDER…`, as `npm run stage` laid them out or as they are.
//
// The packages under a folder's `npm/` go first: nobody may install a package before what it names is there. A version that
// is published already is left alone, so that a run that broke off can be run again.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folders = process.argv.slice(2).map((folder) => resolve(folder));
if (folders.length === 0) {
  console.error('usage: node scripts/publish.mjs FOLDER…');
  process.exit(2);
}
for (const folder of folders) {
  const platforms = join(folder, 'npm');
  if (existsSync(platforms)) for (const name of readdirSync(platforms).sort()) publish(join(platforms, name));
  publish(folder);
}

function publish(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (isPublished(name, version)) {
    console.log(`${name} ${version} is published already`);
    return;
  }
  const tag = version.includes('-') ? 'next' : 'latest';
  const run = npm(['publish', folder, '--access', 'public', '--tag', tag], 'inherit');
  if (run.status !== 0) {
    console.error(`error: ${name} ${version} could not be published; what was published before it stays`);
    process.exit(1);
  }
}

function isPublished(name, version) {
  const run = npm(['view', `${name}@${version}`, 'version', '--json', '--prefer-online'], 'pipe');
  if (run.status === 0) return run.stdout.includes(version);
  if (run.stdout.includes('E404')) return false;
  console.error(
    `error: the registry does not say whether ${name} ${version} is published:\n${run.stdout}${run.stderr}`,
  );
  process.exit(1);
}

function npm(args, stdio) {
  const run = spawnSync('npm', args, { stdio, encoding: 'utf8' });
  if (run.error) throw run.error;
  return run;
}
