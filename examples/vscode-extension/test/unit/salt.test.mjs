import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { once } from 'node:events';
import { source } from '../support/source.mjs';

const { userSalt } = await source('salt');
const root = mkdtempSync(join(tmpdir(), 'tasktrail-salt-'));
after(() => rmSync(root, { recursive: true, force: true }));

let folder;
let count = 0;
beforeEach(() => {
  folder = join(root, String(count++));
  mkdirSync(folder);
});

const salt = (environment = {}, home = folder) => userSalt({ XDG_CONFIG_HOME: folder, ...environment }, home, 'linux');
const file = () => join(folder, 'tasktrail', 'salt');

test('the variable goes before the file', async () => {
  assert.equal(await salt({ TASKTRAIL_SALT: 'set by the user' }), 'set by the user');
  await assert.rejects(salt({ TASKTRAIL_SALT: 'short' }), /at least 8 bytes/);
});

test('the folder is the one of the system', async () => {
  assert.equal(
    await userSalt({}, folder, 'linux'),
    readFileSync(join(folder, '.config/tasktrail/salt'), 'utf8').trim(),
  );
  const library = join(folder, 'Library', 'Application Support', 'tasktrail', 'salt');
  assert.equal(await userSalt({}, folder, 'darwin'), readFileSync(library, 'utf8').trim());
  const roaming = join(folder, 'AppData', 'Roaming', 'tasktrail', 'salt');
  assert.equal(await userSalt({}, folder, 'win32'), readFileSync(roaming, 'utf8').trim());
  // A relative folder is passed over, as the XDG specification says.
  assert.equal(
    await userSalt({ XDG_CONFIG_HOME: 'relative' }, folder, 'linux'),
    readFileSync(join(folder, '.config/tasktrail/salt'), 'utf8').trim(),
  );
  await assert.rejects(userSalt({}, '', 'linux'), /no home folder/);
});

test('a salt is made once, whoever comes first, and only the user can read it', async () => {
  const salts = await Promise.all(Array.from({ length: 8 }, () => salt()));
  assert.equal(new Set(salts).size, 1);
  assert.match(salts[0], /^[a-z2-7]{52}$/);
  assert.equal(statSync(file()).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dirname(file())), ['salt'], 'no draft is left');
});

test('a salt that cannot be used is an error with its path', async () => {
  mkdirSync(dirname(file()), { recursive: true });
  for (const content of [
    'short\n',
    '',
    Buffer.from([0xff, 0xfe, 0xff, 0xfe, 0xff, 0xfe, 0xff, 0xfe]),
    'x'.repeat(5_000),
  ]) {
    writeFileSync(file(), content);
    await assert.rejects(salt(), (fault) => fault.name === 'SaltError' && fault.message.includes(file()));
  }
});

test('a folder that cannot be made says so, and what to do', async () => {
  writeFileSync(join(folder, 'file'), '');
  await assert.rejects(
    salt({ XDG_CONFIG_HOME: join(folder, 'file') }),
    /cannot use the user's salt at .*set TASKTRAIL_SALT/,
  );
  const long = join(folder, 'x'.repeat(300));
  await assert.rejects(salt({ XDG_CONFIG_HOME: long }), /the user's salt at .*set TASKTRAIL_SALT/);
});

// The core has the same rules: what one makes, the other reads.
test('the salt is the core’s own', async () => {
  const repository = join(folder, 'repository');
  mkdirSync(repository);
  const addon = createRequire(import.meta.url).resolve('@tasktrail/node');
  const ask = async (salted) => {
    const program = `require(${JSON.stringify(addon)}).discoverWorkspace(${JSON.stringify(repository)}${salted ? `, ${JSON.stringify({ salt: salted })}` : ''})`;
    const child = spawn(
      process.execPath,
      ['-e', `Promise.resolve(${program}).then((found) => console.log(found.workspaceId))`],
      {
        env: { ...process.env, TASKTRAIL_SALT: '', XDG_CONFIG_HOME: folder },
      },
    );
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    await once(child, 'close');
    return said.trim();
  };
  const byCore = await ask();
  assert.match(byCore, /^ws_[a-z2-7]{26}$/);
  assert.equal(await ask(await salt()), byCore, 'made by the core, read by the extension');
  rmSync(file());
  const byExtension = await ask(await salt());
  assert.notEqual(byExtension, byCore);
  assert.equal(await ask(), byExtension, 'made by the extension, read by the core');
});
