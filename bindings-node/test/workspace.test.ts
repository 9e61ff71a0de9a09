import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { deriveWorkspaceId, discoverWorkspace, TasktrailError, type Workspace } from '@tasktrail/node';

const salt = 'a-salt-of-the-user';
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tasktrail-node-workspace-')));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('discoverWorkspace', () => {
  it('finds the repository of a folder', async () => {
    mkdirSync(join(folder, 'app/src'), { recursive: true });
    execFileSync('git', ['init', '--quiet', '--initial-branch=trunk', join(folder, 'app')]);
    const expected: Workspace = {
      workspaceId: deriveWorkspaceId(join(folder, 'app/.git'), salt),
      kind: 'repository',
      root: join(folder, 'app'),
      worktreePath: join(folder, 'app'),
      branch: 'trunk',
      warnings: [],
    };
    const folders = ['app', 'app/src', 'app/src/../.git'].map((name) => join(folder, name));
    for (const path of folders) assert.deepEqual(await discoverWorkspace(path, { salt }), expected);
    assert.deepEqual(await discoverWorkspace(`file://${folder}/app`, { salt }), expected);
    const many = await Promise.all(Array.from({ length: 50 }, () => discoverWorkspace(join(folder, 'app'), { salt })));
    for (const found of many) assert.deepEqual(found, expected);
  });

  it('takes a relative path from the current folder', async () => {
    assert.deepEqual(await discoverWorkspace('.', { salt }), await discoverWorkspace(process.cwd(), { salt }));
  });

  it('leaves a folder with a broken .git to itself', async () => {
    mkdirSync(join(folder, 'broken'));
    writeFileSync(join(folder, 'broken/.git'), 'gitdir: ../gone');
    const found = await discoverWorkspace(join(folder, 'broken'), { salt });
    assert.deepEqual([found.kind, found.worktreePath, found.branch], ['folder', null, null]);
    assert.match(found.warnings[0] ?? '', /gone/);
  });

  it('refuses what is no path or salt', async () => {
    const refused = (path: string, options: { salt: string }, field: string): Promise<void> =>
      assert.rejects(discoverWorkspace(path, options), (fault: unknown) => {
        assert.ok(fault instanceof TasktrailError);
        assert.deepEqual([fault.code, fault.field], ['TT_WORKSPACE_INVALID', field]);
        return true;
      });
    await refused('', { salt }, 'path');
    await refused(folder, { salt: 'short' }, 'salt');
    await assert.rejects(discoverWorkspace(7 as never), { code: 'StringExpected' });
  });

  it('has a salt of the user’s own, made once and for the user alone', () => {
    const home = join(folder, 'home');
    const ask = (environment: Record<string, string>): { id?: string; code?: string; message?: string } => {
      const code = `require('@tasktrail/node').discoverWorkspace(process.argv[1]).then(
        (found) => console.log(JSON.stringify({ id: found.workspaceId })),
        ({ code, message }) => console.log(JSON.stringify({ code, message })))`;
      const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, APPDATA: home };
      for (const name of ['TASKTRAIL_SALT', 'XDG_CONFIG_HOME']) delete env[name];
      const { stdout } = spawnSync(process.execPath, ['-e', code, folder], {
        cwd: __dirname,
        env: { ...env, ...environment },
        encoding: 'utf8',
      });
      return JSON.parse(stdout);
    };
    const { id } = ask({});
    assert.match(id ?? '', /^ws_/);
    assert.equal(ask({}).id, id);
    assert.equal(ask({ TASKTRAIL_SALT: '' }).id, id, 'an empty variable is none');
    if (process.platform === 'linux') {
      assert.equal(statSync(join(home, '.config/tasktrail/salt')).mode & 0o777, 0o600);
      assert.notEqual(ask({ XDG_CONFIG_HOME: join(folder, 'other') }).id, id);
      writeFileSync(join(folder, 'file'), '');
      const refused = ask({ XDG_CONFIG_HOME: join(folder, 'file') });
      assert.equal(refused.code, 'TT_WORKSPACE_INVALID');
      assert.ok(refused.message?.includes(join(folder, 'file')), refused.message);
    }
    assert.equal(ask({ TASKTRAIL_SALT: salt }).id, deriveWorkspaceId(folder, salt));
    assert.equal(ask({ TASKTRAIL_SALT: 'short' }).code, 'TT_WORKSPACE_INVALID');
  });
});
