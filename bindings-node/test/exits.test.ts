// What is saved of 1,000 queued records, by the way in which a process ends.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Trail } from '@tasktrail/node';
import { until } from './until';

const folder = mkdtempSync(join(tmpdir(), 'tasktrail-exits-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const RECORDS = 1_000;
const WAYS = ['natural', 'exit', 'throw', 'handled SIGTERM', 'worker'];

/** How many of a process's records are in its store, or drained from its spool. */
async function saved(way: string, url: string, spool: string): Promise<number> {
  const host = spawnSync(process.execPath, [join(__dirname, 'exit-host.js'), way, url, spool], { timeout: 30_000 });
  assert.equal(host.error, undefined);
  await using trail = await Trail.open(url, { spool });
  await trail.flush(10_000);
  await until('the spool is empty', () => trail.stats().spooled === 0, 10_000);
  return (await trail.query({ workspaceId: 'ws', limit: 1 })).total;
}

describe('a process that ends', () => {
  for (const [at, way] of WAYS.entries()) {
    it(`loses nothing: ${way}`, async () => {
      const name = join(folder, String(at));
      assert.equal(await saved(way, `sqlite:${name}.db`, `${name}-spool`), RECORDS);
    });
  }

  it('by a signal that nobody handles loses what was in memory, which is told', async (test) => {
    const name = join(folder, 'killed');
    const [url, spool] = [`sqlite:${name}.db`, `${name}-spool`];
    const kept = await saved('SIGTERM', url, spool);
    test.diagnostic(`${kept} of ${RECORDS} records were saved`);
    await using trail = await Trail.open(url);
    const gaps = (await trail.query({ operationType: 'audit.gap' })).items;
    assert.ok(
      gaps.some(({ metadata }) => JSON.stringify(metadata).includes('unclean_stop')),
      JSON.stringify(gaps),
    );
  });
});
