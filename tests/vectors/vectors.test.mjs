// The shared vectors against both builds of the core: native (the Node addon) and WebAssembly. What a server accepts, derives and
// cuts out, a client must too.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import * as native from '@tasktrail/node';
import * as wasm from '@tasktrail/wasm';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const vectors = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8'));

await wasm.init();

for (const [build, core] of Object.entries({ native, wasm })) {
  test(`${build}: workspace ids`, () => {
    const { salt, pinned, same, different, refused } = vectors('workspace-ids');
    const id = (path) => core.deriveWorkspaceId(path, salt);
    for (const [path, expected] of Object.entries(pinned)) assert.equal(id(path), expected, path);
    for (const paths of same) assert.equal(new Set(paths.map(id)).size, 1, paths.join(' = '));
    assert.equal(new Set(different.map(id)).size, different.length);
    assert.notEqual(id('/work/app'), core.deriveWorkspaceId('/work/app', `${salt}.`));
    for (const path of refused) assert.throws(() => id(path), { code: 'TT_WORKSPACE_INVALID' }, path);
  });

  test(`${build}: operation types`, () => {
    for (const [method, path, expected] of vectors('operation-types')) {
      assert.equal(core.operationType(method, path), expected, `${method} ${path}`);
    }
  });

  test(`${build}: what is cut out`, () => {
    for (const { name, value, expected, secrets = [], kept = [] } of vectors('sanitize')) {
      const cleaned = core.sanitize(value);
      if (expected !== undefined) assert.deepEqual(cleaned, expected, name);
      const values = leaves(cleaned);
      for (const secret of secrets) assert.ok(!values.includes(secret), `${name}: ${JSON.stringify(cleaned)}`);
      for (const text of kept) assert.ok(values.includes(text), `${name}: ${JSON.stringify(cleaned)}`);
    }
  });

  test(`${build}: events`, () => {
    for (const { name, event, data, faults } of vectors('events')) {
      const verdict = core.validateEvent(event, NOW);
      if (data) assert.deepEqual(verdict.event?.data, data, name);
      else assert.deepEqual(verdict.accepted || verdict.details.map((detail) => detail.path), faults, name);
    }
  });
}

test('both builds say the same of each vector', () => {
  for (const { event } of vectors('events'))
    assert.deepEqual(wasm.validateEvent(event, NOW), native.validateEvent(event, NOW));
  for (const { value } of vectors('sanitize')) assert.deepEqual(wasm.sanitize(value), native.sanitize(value));
});

function leaves(value) {
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(leaves) : [value];
}
