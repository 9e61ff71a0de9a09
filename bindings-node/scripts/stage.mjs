// Lays out the packages of the server side as they are published: `npm run stage -- --addons FOLDER --out FOLDER`.
//
// FOLDER of the addons has, at any depth, one `tasktrail.<platform>.node` for each of `napi.targets`. The result is the main
// package, and under its `npm/` a package for each platform. Only here does the main package name those as optional
// dependencies: in the checkout, `npm ci` would look for packages that are not published yet.
import { execFileSync } from 'node:child_process';
import { cpSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const LICENSES = ['LICENSE-APACHE', 'LICENSE-MIT'];

const { values } = parseArgs({ options: { addons: { type: 'string' }, out: { type: 'string' } } });
if (!values.addons || !values.out) {
  console.error('usage: npm run stage -- --addons FOLDER --out FOLDER');
  process.exit(2);
}
// npm runs scripts in the package's folder; people name folders from where they are.
const from = process.env.INIT_CWD ?? process.cwd();
const [addons, out] = [resolve(from, values.addons), resolve(from, values.out)];
const here = join(dirname(fileURLToPath(import.meta.url)), '..');
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const writeJson = (file, value) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

if (existsSync(out)) fail(`${out} is there already: name a folder that can be made`);
mkdirSync(out, { recursive: true });
const main = readJson(join(here, 'package.json'));
// What only the checkout can use.
delete main.scripts;
delete main.devDependencies;
for (const name of main.files) {
  if (!existsSync(join(here, name))) fail(`${name} is not there: run \`npm run build:ts\` first`);
  cpSync(join(here, name), join(out, name), { recursive: true });
}
writeJson(join(out, 'package.json'), main);

const napi = join(dirname(createRequire(import.meta.url).resolve('@napi-rs/cli')), 'cli.js');
execFileSync(process.execPath, [napi, 'create-npm-dirs'], { cwd: out, stdio: 'pipe' });

const built = new Map(readdirSync(addons, { recursive: true }).map((path) => [basename(path), join(addons, path)]));
const platforms = readdirSync(join(out, 'npm')).sort();
const absent = platforms.filter((platform) => !built.has(`${main.napi.binaryName}.${platform}.node`));
if (absent.length > 0) fail(`${addons} has no addon for ${absent.join(', ')}`);

main.optionalDependencies = {};
for (const platform of platforms) {
  const folder = join(out, 'npm', platform);
  const manifest = readJson(join(folder, 'package.json'));
  main.optionalDependencies[manifest.name] = manifest.version;
  manifest.description = `The addon of ${main.name} for ${platform}`;
  manifest.files.push(...LICENSES);
  writeJson(join(folder, 'package.json'), manifest);
  copyFileSync(built.get(manifest.main), join(folder, manifest.main));
}
main.files.push(...LICENSES);
writeJson(join(out, 'package.json'), main);
for (const folder of [out, ...platforms.map((platform) => join(out, 'npm', platform))]) {
  for (const license of LICENSES) copyFileSync(join(here, '..', license), join(folder, license));
}
console.log(`${main.name} ${main.version} for ${platforms.join(', ')} is in ${out}`);

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}
