import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { discoverWorkspace, EVENT_TYPES } from '@tasktrail/node';
import { checkProject, inventProject, readProject } from './runner/project.mjs';
import { git, Repository } from './runner/repository.mjs';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tasktrail-orchestrator-')));
after(() => rmSync(folder, { recursive: true, force: true }));
const here = (name) => new URL(name, import.meta.url);

describe('a plan', () => {
  it('is the one of the demo', () => {
    const { number, phases } = readProject(here('plan.json'), 42);
    assert.equal(number, 42);
    const items = phases.flatMap(({ items }) => items);
    assert.deepEqual([phases.length, items.length, items.filter(({ fails }) => fails).length], [3, 12, 1]);
  });

  it('that is invented is the same for the same seed', () => {
    const asked = { phases: 4, items: 50, failures: 0.1, kills: 1 };
    const project = inventProject({ seed: 7, ...asked });
    assert.deepEqual(inventProject({ seed: 7, ...asked }), project);
    assert.notDeepEqual(inventProject({ seed: 8, ...asked }).phases, project.phases);
    const items = project.phases.flatMap(({ items }) => items);
    const of = (field) => items.filter((item) => item[field]).length;
    assert.deepEqual([project.phases.length, items.length, of('fails'), of('killed')], [4, 50, 5, 1]);
  });

  it('that cannot be worked on is refused with a sentence', () => {
    const plan = (item, more) => ({ number: 1, phases: [{ name: 'A', items: [{ id: 'a', ...item }] }], ...more });
    assert.doesNotThrow(() => checkProject(plan()));
    for (const [wrong, said] of [
      [plan({}, { number: undefined }), /needs a number/],
      [plan({}, { phases: [] }), /no phases/],
      [plan({}, { phases: [{ name: 'A', items: [] }] }), /phase A has no items/],
      [plan({ id: '../x' }), /is no id/],
      [plan({}, { agents: ['a', 'a'] }), /same id/],
      [plan({ files: ['../x'] }), /outside the worktree/],
    ]) {
      assert.throws(() => checkProject(wrong), said);
    }
  });
});

describe('the repository', () => {
  it('has one workspace, whatever worktree one is in, and brings all work together', async () => {
    const repository = await Repository.create(folder, 5);
    const trees = await Promise.all(['a', 'b'].map((name) => repository.worktree(name)));
    const salt = { salt: 'a-salt-of-this-test' };
    const found = await Promise.all(
      [repository.root, repository.project, ...trees].map((path) => discoverWorkspace(path, salt)),
    );
    assert.equal(new Set(found.map(({ workspaceId }) => workspaceId)).size, 1);
    assert.deepEqual(
      found.slice(2).map(({ worktreePath }) => worktreePath),
      trees,
    );
    for (const [at, tree] of trees.entries()) {
      writeFileSync(join(tree, `${at}.txt`), 'x');
      await git(tree, 'add', '.');
      await git(tree, 'commit', '-qm', `Work ${at}`);
    }
    await repository.merge(['a', 'b']);
    assert.deepEqual((await git(repository.project, 'ls-files')).split('\n'), ['0.txt', '1.txt', 'README.md']);
  });
});

describe('the command template', () => {
  const template = readFileSync(here('project-start.md'), 'utf8');
  const rows = [...template.matchAll(/^\|[^|]*\| `(\w+)` *\| `tasktrail emit (\S+) (.*)` *\|$/gm)];

  it('has a tool and a shell line for each type that an orchestration has', () => {
    const types = EVENT_TYPES.filter((type) => /^(task|phase|orchestration)\.|project\.completed/.test(type));
    assert.deepEqual(rows.map(([, , type]) => type).sort(), [...types].sort());
    for (const [, tool, type] of rows) assert.equal(tool, type.replace('.', '_'));
  });

  it('names in each shell line the fields that its type needs', () => {
    const schema = JSON.parse(readFileSync(here('../../docs/schema/event.schema.json'), 'utf8'));
    const options = { projectNumber: 'project', phaseNumber: 'phase', workItemId: 'item', workItemTitle: 'title' };
    const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    for (const [line, , type, given] of rows) {
      const known = schema.oneOf.find((variant) => variant.properties.type.const === type);
      for (const field of known.properties.data.required) {
        assert(given.includes(`--${options[field] ?? kebab(field)} `), `${field} in ${line}`);
      }
    }
  });

  it('hands the context down by the names that the servers read', () => {
    for (const name of ['RUN_ID', 'ORIGIN_WORKSPACE_ID', 'TASKTRAIL_AGENT_ID', 'TRACEPARENT'])
      assert(template.includes(`export ${name}=`), name);
  });
});
