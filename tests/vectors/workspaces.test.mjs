// Whose is it? The WebAssembly build over files in memory, and both builds over real repositories: the same workspace from each.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import * as native from '@tasktrail/node';
import * as wasm from '@tasktrail/wasm';

await wasm.init();

const salt = '0123456789abcdef';
for (const { name, args, output } of JSON.parse(readFileSync(new URL('workspaces.json', import.meta.url), 'utf8'))) {
  // What is refused, the vectors ask; links need a file system, and the core's own in memory has them there too.
  const { path, files = {}, links, salt: own } = output === undefined ? {} : JSON.parse(args[0]);
  if (path === undefined || links) continue;
  test(`wasm over a callback: ${name}`, async () => {
    const found = await wasm.discoverWorkspace(path, { readTextFile: (file) => files[file] }, own);
    assert.deepEqual(found, JSON.parse(output));
  });
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tasktrail-workspaces-')));
after(() => rmSync(folder, { recursive: true, force: true }));

function git(place, ...args) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));
  const settings = [
    'init.defaultBranch=main',
    'user.name=Ann',
    'user.email=ann@example.org',
    'protocol.file.allow=always',
  ];
  execFileSync('git', [...settings.flatMap((setting) => ['-c', setting]), ...args], {
    cwd: join(folder, place),
    env: { ...env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: join(folder, 'no-such-file') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

function repository(place) {
  mkdirSync(join(folder, place, 'src'), { recursive: true });
  writeFileSync(join(folder, place, 'src/main.rs'), '');
  git(place, 'init');
  git(place, 'add', '.');
  git(place, 'commit', '--message=First');
}

test('Node on its file system and WebAssembly over callbacks find the same workspaces', async () => {
  repository('library');
  repository('äpp');
  git('äpp', 'submodule', 'add', join(folder, 'library'), 'lib');
  git('äpp', 'worktree', 'add', join(folder, 'tree'));
  git('.', 'clone', '--bare', join(folder, 'library'), 'bare.git');
  git('bare.git', 'worktree', 'add', '-b', 'topic', join(folder, 'bare-tree'));
  mkdirSync(join(folder, 'plain'));
  mkdirSync(join(folder, 'broken'));
  writeFileSync(join(folder, 'broken/.git'), 'gitdir: ../gone\n');
  symlinkSync(join(folder, 'tree'), join(folder, 'link'));

  const at = new Map();
  const later = { readTextFile: (path) => readFile(path, 'utf8'), realPath: (path) => realpath(path) };
  const atOnce = { readTextFile: (path) => readFileSync(path, 'utf8'), realPath: (path) => realpathSync(path) };
  for (const [place, kind] of Object.entries({
    äpp: 'repository',
    'äpp/src': 'repository',
    'äpp/.git': 'repository',
    'äpp/lib': 'submodule',
    tree: 'worktree',
    'link/src': 'worktree',
    'bare.git': 'bare',
    'bare-tree': 'worktree',
    library: 'repository',
    plain: 'folder',
    broken: 'folder',
    gone: 'folder',
  })) {
    const path = join(folder, place);
    const found = await native.discoverWorkspace(path, { salt });
    assert.equal(found.kind, kind, place);
    assert.deepEqual(await wasm.discoverWorkspace(path, later, salt), found, place);
    assert.deepEqual(await wasm.discoverWorkspace(path, atOnce, salt), found, place);
    at.set(place, found);
  }
  const id = (place) => at.get(place).workspaceId;
  assert.equal(id('äpp'), wasm.deriveWorkspaceId(join(folder, 'äpp/.git'), salt));
  for (const place of ['äpp/src', 'äpp/.git', 'tree', 'link/src']) assert.equal(id(place), id('äpp'), place);
  assert.equal(id('bare-tree'), id('bare.git'));
  assert.equal(new Set([...at.values()].map((found) => found.workspaceId)).size, 7);
  assert.match(at.get('broken').warnings[0], /\.git` names/);
});
