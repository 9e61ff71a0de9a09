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

const { RECORDS, WAYS, exitHost } = require(join(__dirname, '..', 'exit-host.cjs')) as {
  RECORDS: number;
  WAYS: string[];
  exitHost: string;
};

/** Lets a process end, and opens its store and spool behind it. */
async function opened(way: string, url: string, spool: string): Promise<Trail> {
  const host = spawnSync(process.execPath, [exitHost, way, url, spool], { timeout: 30_000 });
  assert.equal(host.error, undefined);
  return Trail.open(url, { spool });
}

const saved = async (trail: Trail): Promise<number> => (await trail.query({ workspaceId: 'ws', limit: 1 })).total;

describe('a process that ends', () => {
  for (const [at, way] of WAYS.entries()) {
    it(`loses nothing: ${way}`, async () => {
      const name = join(folder, String(at));
      await using trail = await opened(way, `sqlite:${name}.db`, `${name}-spool`);
      // What was left in the spool is drained behind the opening.
      await until('every record is saved', async () => (await saved(trail)) === RECORDS);
    });
  }

  it('by a signal that nobody handles loses what was in memory, which is told', async (test) => {
    const name = join(folder, 'killed');
    await using trail = await opened('SIGTERM', `sqlite:${name}.db`, `${name}-spool`);
    await until('the gap is told', async () => {
      const { items } = await trail.query({ operationType: 'audit.gap' });
      return items.some(({ metadata }) => JSON.stringify(metadata).includes('unclean_stop'));
    });
    test.diagnostic(`${await saved(trail)} of ${RECORDS} records were saved`);
  });
});
