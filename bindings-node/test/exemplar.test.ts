// The exemplar, written into a store by Rust and read from it by JavaScript: every edge of every field (core/tests/exemplar.rs says which).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { Trail, type AuditRecord } from '@tasktrail/node';

const root = join(__dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'tasktrail-exemplar-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Has Rust write the exemplar into the store that `url` names. */
function write(url: string): void {
  const sqlite = ['--no-default-features', '--features', 'sqlite'];
  const run = ['run', '--quiet', '--locked', '--package', 'tasktrail', ...sqlite, '--example', 'write_exemplar', '--', url];
  execFileSync('cargo', run, { cwd: root });
}

it('reads every edge of every field as Rust wrote it', async () => {
  const expected = JSON.parse(readFileSync(join(root, 'tests/vectors/exemplar.json'), 'utf8')) as AuditRecord[];
  const url = `sqlite:${join(folder, 'exemplar.db')}`;
  write(url);
  const trail = await Trail.open(url);
  try {
    for (const record of expected) {
      const read = await trail.get(record.audit_id);
      assert.deepStrictEqual(read, record);
      // The order of the fields too, and numbers such as -0 that compare as equal.
      assert.equal(JSON.stringify(read), JSON.stringify(record));
      assert.ok(Number.isSafeInteger(read?.seq));
    }
    const page = await trail.query({ limit: 200 });
    const ids = new Set(page.items.map((item) => item.audit_id));
    assert.ok(expected.every((record) => ids.has(record.audit_id)));
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined, 'a key named __proto__ is a key');
  } finally {
    await trail.close();
  }
});
