// The packages as a user meets them: published to a registry on loopback by the script that publishes them, installed from
// there by npm, and used. TASKTRAIL_PACKAGING_FOLDER names an empty folder for what this leaves behind.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { PLATFORMS } from './platforms.mjs';
import { startRegistry } from './registry.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..', '..');
const node = join(root, 'bindings-node');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const given = process.env.TASKTRAIL_PACKAGING_FOLDER;
const folder = given ?? mkdtempSync(join(tmpdir(), 'tasktrail-packaging-'));
const inFolder = (name) => {
  mkdirSync(join(folder, name), { recursive: true });
  return join(folder, name);
};
const readJson = (...path) => JSON.parse(readFileSync(join(...path), 'utf8'));

const { name: MAIN, version: VERSION } = readJson(node, 'package.json');
const WASM = '@tasktrail/wasm';
const built = readdirSync(node).filter((name) => /^tasktrail\..*\.node$/.test(name));
const HERE = PLATFORMS.find(({ name }) => built.includes(`tasktrail.${name}.node`))?.name;

let registry;

/** Runs a program to its end; its output, or an error that holds it. */
function run(cwd, program, args, env = {}) {
  // Without what makes a child a part of these tests: some children run tests of their own.
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...inherited, ...env }, maxBuffer: 64 * 1024 * 1024, timeout: 300_000 };
    execFile(program, args, options, (fault, stdout, stderr) => {
      if (!fault) return resolve(stdout);
      reject(
        new Error(`${basename(program)} ${args.join(' ')} failed: ${fault.code ?? fault.signal}\n${stdout}${stderr}`),
      );
    });
  });
}
const runNode = (cwd, args, env) => run(cwd, process.execPath, args, env);
const npm = (cwd, args, env) => run(cwd, 'npm', args, { ...registry.settings('@tasktrail'), ...env });
const npmInstall = (cwd, ...args) => npm(cwd, ['install', '--ignore-scripts', '--no-audit', ...args]);

/** The packed package as the registry has it. */
function tarball(name) {
  const file = join(inFolder('tarballs'), `${name.replace('/', '-')}.tgz`);
  writeFileSync(file, registry.tarball(name));
  return file;
}

/** A project of a user's, whose packages are locked, with ours beside them. */
async function project(name, ...files) {
  const cwd = inFolder(basename(name));
  for (const file of ['package.json', 'package-lock.json', ...files]) cpSync(join(here, name, file), join(cwd, file));
  await npm(cwd, ['ci', '--ignore-scripts', '--no-audit', '--omit=optional']);
  await npmInstall(cwd, '--no-save', `${MAIN}@${VERSION}`);
  return cwd;
}

before(async () => {
  assert.equal(
    built.length,
    1,
    'the addon of this platform must be built, and no other: `npm run build -w bindings-node`',
  );
  registry = await startRegistry();
  const addons = inFolder('addons');
  // Nobody here can load an addon of another platform, so that any file will do for one.
  for (const { name } of PLATFORMS) writeFileSync(join(addons, `tasktrail.${name}.node`), `the addon for ${name}`);
  cpSync(join(node, built[0]), join(addons, built[0]));
  const staged = join(folder, 'staged');
  await runNode(root, [join(node, 'scripts/stage.mjs'), '--addons', addons, '--out', staged]);
  // From the common cache, npm would later install what it has packed here instead of what it asks for.
  const env = { ...registry.settings('@tasktrail'), npm_config_cache: inFolder('cache') };
  await runNode(root, [join(node, 'scripts/publish.mjs'), staged, join(root, 'bindings-wasm')], env);
});

after(async () => {
  await registry?.stop();
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
});

describe('what is published', () => {
  it('is a package for each platform, each with its addon, before the one that names them', () => {
    const names = PLATFORMS.map(({ name }) => `${MAIN}-${name}`);
    assert.deepEqual(registry.published(), [...names.toSorted(), MAIN, WASM]);
    const wanted = Object.fromEntries(names.map((name) => [name, VERSION]));
    assert.deepEqual(registry.manifest(MAIN).optionalDependencies, wanted);
    for (const { name, platform, arch, libc } of PLATFORMS) {
      const { os, cpu, libc: libraries, main, version } = registry.manifest(`${MAIN}-${name}`);
      assert.deepEqual(
        { os, cpu, libraries, main, version },
        {
          os: [platform],
          cpu: [arch],
          libraries: libc && [{ gnu: 'glibc' }[libc] ?? libc],
          main: `tasktrail.${name}.node`,
          version: VERSION,
        },
      );
    }
  });

  it('leaves out what only the checkout can use', async () => {
    const { scripts, devDependencies } = registry.manifest(MAIN);
    assert.deepEqual([scripts, devDependencies], [undefined, undefined]);
    const listed = await run(folder, 'tar', ['tzf', tarball(MAIN)]);
    assert.doesNotMatch(listed, /\.node$|\.ts\b(?<!\.d\.ts)|test|npm\//m);
    assert.match(listed, /LICENSE-MIT/);
    assert.match(await run(folder, 'tar', ['tzf', tarball(`${MAIN}-${HERE}`)]), /LICENSE-MIT/);
  });

  it('is not published twice when the job runs again', async () => {
    const env = { ...registry.settings('@tasktrail'), npm_config_cache: inFolder('cache') };
    const said = await runNode(root, [join(node, 'scripts/publish.mjs'), join(folder, 'staged')], env);
    assert.equal(said.match(/is published already/g)?.length, PLATFORMS.length + 1, said);
  });

  for (const name of [MAIN, WASM]) {
    it(`${name} has nothing that publint would change`, async () => {
      const { buffer } = Uint8Array.from(registry.tarball(name));
      const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
      assert.deepEqual(
        messages.map((message) => formatMessage(message, pkg, { color: false })),
        [],
      );
    });

    it(`${name} has types that are right for each way to import it`, async () => {
      // Only ES modules in the one; and its modules of WebAssembly are not for TypeScript.
      const esm = [
        '--profile',
        'esm-only',
        '--exclude-entrypoints',
        'tasktrail_wasm_bg.wasm',
        'tasktrail_wasm_slim_bg.wasm',
      ];
      const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
      const args = [attw, tarball(name), '--no-definitely-typed', '--no-color', '--no-emoji'];
      await runNode(folder, name === WASM ? [...args, ...esm] : args);
    });
  }
});

describe('in an empty project', () => {
  let cwd;

  before(async () => {
    cwd = inFolder('empty');
    writeFileSync(join(cwd, 'package.json'), '{ "private": true }');
    for (const name of ['cjs.cjs', 'esm.mjs', 'load.cjs']) cpSync(join(here, 'consumer', name), join(cwd, name));
    registry.handedOut();
    // As on a machine that has never had any of them.
    await npmInstall(cwd, MAIN, WASM, '--cache', inFolder('empty-cache'));
  });

  /** What `require('@tasktrail/node')` comes to, here or on another machine. */
  async function load(machine = {}) {
    return JSON.parse(await runNode(cwd, ['load.cjs'], { PRETEND: JSON.stringify(machine) }));
  }

  /** What it comes to while a file or folder of the installed packages is away. */
  async function loadWithout(path) {
    renameSync(join(cwd, path), join(cwd, 'away'));
    try {
      return await load();
    } finally {
      renameSync(join(cwd, 'away'), join(cwd, path));
    }
  }

  /** What it comes to while a file of the installed packages has another content. */
  async function loadWith(path, change) {
    const file = join(cwd, path);
    const before = readFileSync(file);
    writeFileSync(file, change(before.toString()));
    try {
      return await load();
    } finally {
      writeFileSync(file, before);
    }
  }

  it("npm brings this platform's addon and no other", () => {
    const wanted = [MAIN, `${MAIN}-${HERE}`, WASM];
    assert.deepEqual(registry.handedOut().toSorted(), wanted);
    const installed = readdirSync(join(cwd, 'node_modules/@tasktrail')).map((name) => `@tasktrail/${name}`);
    assert.deepEqual(installed.toSorted(), wanted);
  });

  it('CommonJS requires it', async () => assert.match(await runNode(cwd, ['cjs.cjs']), /CommonJS works/));

  it('ES modules import it by name', async () => assert.match(await runNode(cwd, ['esm.mjs']), /ES modules work/));

  for (const { name, platform, arch, libc } of PLATFORMS) {
    it(`looks for the addon of ${name} there`, async () => {
      const found = await load({ platform, arch, libc });
      if (name === HERE) return assert.deepEqual(found, { loaded: true });
      assert.deepEqual([found.name, found.code, found.retryable], ['TasktrailError', 'TT_ADDON_MISSING', false]);
      for (const said of [`@tasktrail/node-${name}`, `platform ${platform}`, `arch ${arch}`, '--omit=optional']) {
        assert.ok(found.message.includes(said), `${said} is not said: ${found.message}`);
      }
      if (libc) assert.match(found.message, libc === 'gnu' ? /libc glibc/ : /libc musl/);
    });
  }

  it('says where there is an addon for, elsewhere', async () => {
    const { code, message } = await load({ platform: 'linux', arch: 'riscv64', libc: 'musl' });
    assert.equal(code, 'TT_ADDON_MISSING');
    assert.match(message, /platform linux, arch riscv64, libc musl/);
    for (const { name } of PLATFORMS) assert.ok(message.includes(name), message);
  });

  it('says that the addon is not installed', async () => {
    const { code, message } = await loadWithout(`node_modules/${MAIN}-${HERE}`);
    assert.equal(code, 'TT_ADDON_MISSING');
    assert.ok(message.includes(`${MAIN}-${HERE} is not installed`), message);
  });

  it('says why an addon cannot be loaded', async () => {
    const { code, message } = await loadWith(
      `node_modules/${MAIN}-${HERE}/tasktrail.${HERE}.node`,
      () => 'not an addon',
    );
    assert.equal(code, 'TT_ADDON_FAILED');
    assert.match(message, /cannot be loaded: .*tasktrail\./);
  });

  it('refuses an addon of another version', async () => {
    const { code, message } = await loadWith(`node_modules/${MAIN}/package.json`, (text) =>
      text.replace(`"version": "${VERSION}"`, '"version": "99.0.0"'),
    );
    assert.equal(code, 'TT_ADDON_FAILED');
    assert.ok(message.includes(`is of version ${VERSION}, the package around it of 99.0.0`), message);
  });
});

describe('in a TypeScript project', () => {
  let cwd;

  before(async () => {
    cwd = await project('consumer', 'types.ts', 'app.ts');
    for (const name of ['types.mts', 'types.cts']) cpSync(join(cwd, 'types.ts'), join(cwd, name));
  });

  /** Compiles as strictly as can be, also the declarations of every package that is imported. */
  async function compile(files, options) {
    const strict = { strict: true, skipLibCheck: false, target: 'es2022', rootDir: '.', outDir: options.module };
    const config = `tsconfig.${files[0]}.${options.module}.json`;
    writeFileSync(join(cwd, config), JSON.stringify({ compilerOptions: { ...strict, ...options }, files }));
    await runNode(cwd, [tsc, '-p', config]);
  }

  for (const module of ['node16', 'nodenext']) {
    it(`compiles and runs as an ES module and as CommonJS with ${module}`, async () => {
      await compile(['types.mts', 'types.cts'], { module, moduleResolution: module });
      for (const output of ['types.mjs', 'types.cjs']) {
        assert.match(await runNode(cwd, [join(module, output)]), /types hold/);
      }
    });
  }

  it('compiles for a bundler', () =>
    compile(['types.ts'], { module: 'esnext', moduleResolution: 'bundler', noEmit: true }));

  it('compiles and runs a NestJS application', async () => {
    const decorators = { experimentalDecorators: true, emitDecoratorMetadata: true };
    await compile(['app.ts'], { module: 'node16', moduleResolution: 'node16', ...decorators });
    assert.match(await runNode(cwd, ['node16/app.js'], { XDG_STATE_HOME: cwd }), /NestJS works/);
  });
});

describe('on the oldest NestJS', () => {
  it("passes the module's tests", async () => {
    const cwd = await project('nest10');
    await runNode(node, [tsc, '-p', 'tsconfig.test.json', '--outDir', join(cwd, 'tests')]);
    const names = ['audit-reads', 'capture', 'export', 'gateway', 'module', 'promise', 'routes', 'throttler'];
    await runNode(cwd, ['--test', '--test-reporter=spec', ...names.map((name) => `tests/${name}.test.js`)], {
      XDG_STATE_HOME: cwd,
    });
  });
});
