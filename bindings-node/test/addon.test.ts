// The loaded addon: in threads that come and go, several times in one thread, and with many trails at once.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { TasktrailError, Trail } from '@tasktrail/node';
import { until } from './until';

const folder = mkdtempSync(join(tmpdir(), 'tasktrail-addon-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let stores = 0;
const freshUrl = (): string => `sqlite:${join(folder, `audit-${stores++}.db`)}`;

async function total(trail: Trail, workspaceId: string): Promise<number> {
  return (await trail.query({ workspaceId, limit: 1 })).total;
}

/** How many records a store has that nobody else uses any more. */
async function kept(url: string, workspaceId: string): Promise<number> {
  await using trail = await Trail.open(url);
  return await total(trail, workspaceId);
}

const startWorker = (end: 'closed' | 'open' | 'never', url: string): Worker =>
  new Worker(join(__dirname, 'addon-worker.js'), { workerData: [end, url] });

async function endedByItself(worker: Worker): Promise<void> {
  const [code] = await once(worker, 'exit');
  assert.equal(code, 0);
}

/** The threads of this process, where the system tells. */
const threads = (): number => (process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0);

describe('the addon in workers', () => {
  for (const end of ['closed', 'open'] as const) {
    it(`keeps what each of 12 wrote whose trail was ${end} at its end`, async () => {
      for (let round = 0; round < 4; round++) {
        const urls = [freshUrl(), freshUrl(), freshUrl()];
        await Promise.all(urls.map((url) => endedByItself(startWorker(end, url))));
        for (const url of urls) assert.equal(await kept(url, 'ws_worker'), 100);
      }
    });
  }

  it('goes with each that is ended in the middle of its work, and stays in this thread', async () => {
    await using mine = await Trail.open(freshUrl());
    const endOne = async (): Promise<void> => {
      const url = freshUrl();
      const worker = startWorker('never', url);
      await once(worker, 'message');
      assert.equal(await worker.terminate(), 1);
      // Nobody holds the file any more: it can be opened, read and written.
      await using trail = await Trail.open(url);
      await total(trail, 'ws_worker');
      trail.record({ method: 'POST', path: '/after', workspaceId: 'ws_after' });
      await trail.flush();
      assert.equal(await total(trail, 'ws_after'), 1);
    };
    // What is made once and for all is there after the first few.
    for (let n = 0; n < 4; n++) await endOne();
    const before = threads();
    for (let n = 0; n < 12; n++) await endOne();
    await until(`${before} threads, as before`, () => threads() <= before, 10_000);
    mine.record({ method: 'POST', path: '/mine', workspaceId: 'ws_mine' });
    await mine.flush();
    assert.equal(await total(mine, 'ws_mine'), 1);
  });
});

describe('the addon in one thread', () => {
  it('works twice when its package is loaded twice, as test runners do', async () => {
    const ours = Object.keys(require.cache).filter((file) => file.includes('bindings-node') && !file.includes('test'));
    assert.ok(
      ours.some((file) => file.endsWith('.node')),
      ours.join('\n'),
    );
    for (const file of ours) delete require.cache[file];
    const again = require('@tasktrail/node') as typeof import('@tasktrail/node');
    assert.notEqual(again.Trail, Trail);
    const url = freshUrl();
    await using first = await Trail.open(url);
    await using second = await again.Trail.open(url);
    for (const trail of [first, second]) {
      trail.record({ method: 'POST', path: '/twice', workspaceId: 'ws_twice' });
      await trail.flush();
    }
    assert.deepEqual([await total(first, 'ws_twice'), await total(second, 'ws_twice')], [2, 2]);
  });

  it('keeps 32 trails apart, also while some of them end', async () => {
    const trails = await Promise.all(Array.from({ length: 32 }, (_, n) => Trail.open(n % 2 ? 'memory:' : freshUrl())));
    const heldBy = new Map(trails.map((trail, n) => [trail, `ws_${n}`]));
    const recordInEach = async (): Promise<void> => {
      for (const [trail, workspaceId] of heldBy) trail.record({ method: 'POST', path: '/x', workspaceId });
      await Promise.all(trails.map((trail) => trail.flush()));
    };
    const assertEachHas = async (records: number): Promise<void> => {
      for (const [trail, workspaceId] of heldBy) {
        const { items } = await trail.query({ operationType: 'x.created' });
        assert.deepEqual(
          items.map((item) => item.workspace_id),
          Array.from({ length: records }, () => workspaceId),
        );
      }
    };
    await recordInEach();
    await assertEachHas(1);
    const ending = trails.splice(0, 16);
    await Promise.all(ending.map((trail) => trail.close()));
    for (const trail of ending) heldBy.delete(trail);
    await recordInEach();
    await assertEachHas(2);
    await Promise.all(trails.map((trail) => trail.close()));
  });

  it('gives back the threads of 40 trails that were opened and closed', async () => {
    const openAndClose = async (): Promise<void> => {
      await using trail = await Trail.open(freshUrl());
      trail.record({ method: 'POST', path: '/x' });
    };
    for (let n = 0; n < 8; n++) await openAndClose();
    const before = threads();
    for (let n = 0; n < 40; n++) await openAndClose();
    await until(`${before} threads, as before`, () => threads() <= before, 10_000);
  });
});

describe('`await using` and `using`', () => {
  it('close a trail when its scope ends, with what was recorded in it', async () => {
    const url = freshUrl();
    let trail: Trail;
    {
      await using inside = await Trail.open(url);
      for (let n = 0; n < 100; n++) inside.record({ method: 'POST', path: '/x', workspaceId: 'ws_using' });
      trail = inside;
    }
    await assert.rejects(trail.query(), (fault) => fault instanceof TasktrailError && fault.code === 'TT_CLOSED');
    assert.equal(await kept(url, 'ws_using'), 100);
  });

  it('close it when its scope throws, and let the error through', async () => {
    const url = freshUrl();
    let trail: Trail | undefined;
    const scope = async (): Promise<void> => {
      await using inside = await Trail.open(url);
      inside.record({ method: 'POST', path: '/x', workspaceId: 'ws_using' });
      trail = inside;
      throw new Error("the host's own");
    };
    await assert.rejects(scope, { message: "the host's own" });
    await assert.rejects(async () => trail?.query(), { code: 'TT_CLOSED' });
    assert.equal(await kept(url, 'ws_using'), 1);
  });

  it('end a subscription when its scope ends', async () => {
    await using trail = await Trail.open('memory:');
    const heard: unknown[] = [];
    const record = async (): Promise<void> => {
      trail.record({ method: 'POST', path: '/x' });
      await trail.flush();
    };
    {
      using subscription = trail.subscribe({}, (batch) => heard.push(...batch.entries));
      await record();
      await until('the first', () => heard.length === 1);
      assert.equal(subscription.dropped, 0);
    }
    const later: unknown[] = [];
    trail.subscribe({}, (batch) => later.push(...batch.entries));
    await record();
    await until('another hears the second', () => later.length === 1);
    assert.equal(heard.length, 1);
  });
});
