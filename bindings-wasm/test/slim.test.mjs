import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { test } from 'node:test';
import * as slim from '@tasktrail/wasm/slim';
import { scene, task } from './support/records.mjs';

const NOW = Date.parse('2026-11-22T10:00:00Z');

/** What a script of its own process prints, so that its modules are its own. */
function printed(script) {
  const options = { cwd: new URL('..', import.meta.url), encoding: 'utf8' };
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], options);
  assert.equal(stderr, '');
  return stdout.trim().split('\n');
}

test('the slim entry has the history, and shows what the full one shows', async () => {
  assert.throws(() => new slim.TaskHistory(), { code: 'TT_WASM_NOT_INITIALISED' });
  await Promise.all([slim.init(), slim.init()]);
  const history = new slim.TaskHistory({ workspaceId: 'ws_demo' });
  const records = scene(NOW);
  history.apply(records, NOW);
  history.setFilter({ text: 'REPLAY' }, NOW);
  assert.throws(() => history.setFilter({ status: ['done'] }), { code: 'TT_QUERY_INVALID', field: 'status[0]' });
  const slimView = history.view();
  assert.ok(slimView.summary.shown > 0 && slimView.summary.shown < slimView.summary.rows);
  const script = `
    import { init, TaskHistory } from '@tasktrail/wasm';
    await init();
    const history = new TaskHistory({ workspaceId: 'ws_demo' });
    history.apply(${JSON.stringify(records)}, ${NOW});
    history.setFilter({ text: 'REPLAY' }, ${NOW});
    console.log(JSON.stringify(history.view()));`;
  assert.deepEqual(JSON.parse(printed(script)[0]), JSON.parse(JSON.stringify(slimView)));
});

test('the case of no letter matters in a search', async () => {
  await slim.init();
  const history = new slim.TaskHistory();
  history.apply([task('started', '1.1', 'ÜBERSICHT über ΟΔΟΣ'), task('started', '1.2', 'Overview')], NOW);
  const found = (text) => {
    history.setFilter({ text }, NOW);
    return history.view().rows.filter((row) => row.kind === 'item').length;
  };
  assert.deepEqual(['übersicht', 'ÜBER', 'οδος', 'OVER', 'ubersicht'].map(found), [1, 1, 1, 1, 0]);
});

test('what the slim entry has not got, it says where to find', () => {
  for (const name of ['validateEvent', 'deriveWorkspaceId', 'discoverWorkspace', 'sanitize']) {
    assert.throws(
      () => slim[name]({}),
      (fault) =>
        fault.code === 'TT_WASM_SLIM' &&
        fault.message === `@tasktrail/wasm/slim has no ${name}: import it from @tasktrail/wasm`,
    );
  }
});

test('with only the slim module loaded, the full entry asks for its own, which then takes its place', () => {
  const script = `
    import * as full from '@tasktrail/wasm';
    import * as slim from '@tasktrail/wasm/slim';
    await slim.init();
    const before = new full.TaskHistory({ capacity: 1 });
    try { full.sanitize({}); } catch (fault) { console.log(fault.code, fault.message.includes('slim')); }
    await full.init();
    await slim.init();
    console.log(full.sanitize('a'), before.cursor().full);`;
  assert.deepEqual(printed(script), ['TT_WASM_NOT_INITIALISED true', 'a false']);
});

test('a module that is not the pair of its script is refused', () => {
  const wrong = (entry, file) =>
    printed(`
      import { readFile } from 'node:fs/promises';
      import { init } from '${entry}';
      try { await init(readFile('pkg/${file}')); } catch (fault) { console.log(fault.code, fault.message); }`);
  assert.deepEqual(wrong('@tasktrail/wasm', 'slim/tasktrail_wasm_slim_bg.wasm'), [
    'TT_WASM_VERSION the WebAssembly module is the slim one, the JavaScript of @tasktrail/wasm wants the full one',
  ]);
  // It imports what the slim script does not have.
  const [said] = wrong('@tasktrail/wasm/slim', 'web/tasktrail_wasm_bg.wasm');
  assert.match(said, /^TT_WASM_VERSION the WebAssembly module is not the one that the slim JavaScript /);
});

test('a module of another version is refused, and both versions are said', () => {
  const other = printed(`
    import { readFile } from 'node:fs/promises';
    import { VERSION, init } from '@tasktrail/wasm/slim';
    const module = await readFile('pkg/slim/tasktrail_wasm_slim_bg.wasm');
    // The version is a text among the module's data, as long as it is.
    const newer = VERSION.replace(/.$/, (digit) => (Number(digit) + 1) % 10);
    let found = 0;
    for (let at = module.indexOf(VERSION); at >= 0; at = module.indexOf(VERSION, at + 1)) found += module.write(newer, at) && 1;
    try { await init(module); } catch (fault) { console.log(found > 0, fault.code, fault.message.includes(newer) && fault.message.includes(VERSION)); }`);
  assert.deepEqual(other, ['true TT_WASM_VERSION true']);
});

test('the entries for pages and for Node are the same package', () => {
  const script = `
    import * as all from '@tasktrail/wasm';
    import * as web from '@tasktrail/wasm/web';
    import * as node from '@tasktrail/wasm/node';
    import * as slim from '@tasktrail/wasm/slim';
    import * as slimWeb from '@tasktrail/wasm/slim/web';
    const names = (entry) => Object.keys(entry).sort().join();
    console.log(names(all) === names(web) && names(all) === names(node) && names(slim) === names(slimWeb));
    console.log(all.TaskHistory === web.TaskHistory && all.TaskHistory === slim.TaskHistory);
    await node.init();
    await web.init();
    console.log(web.sanitize('a'));`;
  assert.deepEqual(printed(script), ['true', 'true', 'a']);
});

test('the page ships the slim module alone', async () => {
  const ui = new URL('../dist/ui/', import.meta.url);
  assert.ok((await stat(new URL('tasktrail_wasm_slim_bg.wasm', ui))).isFile());
  await assert.rejects(stat(new URL('tasktrail_wasm_bg.wasm', ui)), { code: 'ENOENT' });
  const script = await readFile(new URL('task-history.js', ui), 'utf8');
  assert.ok(script.includes('tasktrail_wasm_slim_bg.wasm') && !script.includes('tasktrail_wasm_bg.wasm'));
});
