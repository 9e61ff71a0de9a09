import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { deriveWorkspaceId, discoverWorkspace, init } from '@tasktrail/wasm';

const SALT = 'a-random-salt';
const files = {
  '/repo/.git/HEAD': 'ref: refs/heads/main\n',
  '/repo/.git/worktrees/tree/HEAD': 'ref: refs/heads/topic\n',
  '/repo/.git/worktrees/tree/commondir': '../..\n',
  '/tree/.git': 'gitdir: /repo/.git/worktrees/tree\n',
};
const expected = {
  kind: 'worktree',
  root: '/tree',
  worktreePath: '/tree',
  branch: 'topic',
  warnings: [],
};

before(async () => {
  await assert.rejects(discoverWorkspace('/a', { readTextFile: () => null }, SALT), {
    code: 'TT_WASM_NOT_INITIALISED',
  });
  await init();
});

test('files may be read at once or later, and be absent in any way', async () => {
  const workspaceId = deriveWorkspaceId('/repo/.git', SALT);
  const absent = [
    () => undefined,
    () => null,
    () => Promise.resolve(null),
    () => Promise.reject(new Error('ENOENT')),
    () => {
      throw new Error('ENOENT');
    },
    () => Promise.reject('a text'),
  ];
  for (const missing of absent) {
    for (const wrap of [(text) => text, (text) => Promise.resolve(text)]) {
      const readTextFile = (path) => (path in files ? wrap(files[path]) : missing());
      assert.deepEqual(await discoverWorkspace('/tree/src', { readTextFile }, SALT), { workspaceId, ...expected });
    }
  }
});

test('the reader is called as a method, and asked for no more than it takes', async () => {
  class Reader {
    asked = [];
    readTextFile(path) {
      this.asked.push(path);
      return files[path];
    }
    async realPath(path) {
      return path.replace(/^\/link/, '/tree');
    }
  }
  const reader = new Reader();
  assert.equal((await discoverWorkspace('file:///link', reader, SALT)).root, '/tree');
  assert.deepEqual(reader.asked, [
    '/tree/.git/HEAD',
    '/tree/.git',
    '/repo/.git/worktrees/tree/HEAD',
    '/repo/.git/worktrees/tree/commondir',
    '/repo/.git/HEAD',
  ]);
});

test('a real path that cannot be found is mentioned; a reader without real paths is not', async () => {
  const readTextFile = () => null;
  assert.deepEqual((await discoverWorkspace('/plain', { readTextFile }, SALT)).warnings, []);
  const realPath = () => Promise.reject(new Error('ENOENT'));
  const { kind, warnings } = await discoverWorkspace('/plain', { readTextFile, realPath }, SALT);
  assert.equal(kind, 'folder');
  assert.match(warnings.join(), /real path of `\/plain`/);
});

test('a mistake of the program is not taken for an absent file', async () => {
  for (const [readTextFile, message] of [
    [() => Promise.reject(new ReferenceError('no such name')), /no such name/],
    [async () => null.text, /null/],
    [() => new Uint8Array(2), /`readTextFile` must give a string.*not object/],
    [undefined, /readTextFile/],
  ]) {
    await assert.rejects(discoverWorkspace('/tree', { readTextFile }, SALT), { message });
  }
  await assert.rejects(discoverWorkspace('/tree', { readTextFile: () => null, realPath: () => 7 }, SALT), {
    name: 'TypeError',
    message: /`realPath` must give a string.*not number/,
  });
});

test('what is no path or salt is refused', async () => {
  const refused = (path, salt, field) =>
    assert.rejects(discoverWorkspace(path, { readTextFile: () => null }, salt), {
      code: 'TT_WORKSPACE_INVALID',
      field,
    });
  await refused('relative', SALT, 'path');
  await refused('https://example.org/a', SALT, 'path');
  await refused('/a', 'short', 'salt');
});
