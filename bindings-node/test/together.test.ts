// Calls that are recorded together with others.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Trail, type Call, type LateCall, type TrailOptions } from '@tasktrail/node';
import { until } from './until';

const folder = mkdtempSync(join(tmpdir(), 'tasktrail-together-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const call = (at: number): Call => ({ method: 'POST', path: `/things/${at}`, workspaceId: 'ws' });

class Late implements LateCall {
  told = 0;
  readonly faults: unknown[] = [];

  constructor(private readonly what: () => Call) {}

  tell() {
    this.told++;
    return { call: this.what(), body: Buffer.from('{"a":1}') };
  }

  failed(fault: unknown): void {
    this.faults.push(fault);
  }
}

const late = (at: number): Late => new Late(() => call(at));

async function paths(trail: Trail): Promise<string[]> {
  await trail.flush();
  const { items } = await trail.query({ workspaceId: 'ws' });
  return items.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0)).map((item) => item.api_endpoint as string);
}

describe('calls that are recorded together', () => {
  it('wait for others, and for no longer than a moment', async () => {
    await using trail = await Trail.open('memory:');
    const first = late(1);
    trail.recordTogether(first);
    assert.equal(first.told, 0);
    await until('it is told', () => first.told === 1);
    const many = Array.from({ length: 32 }, (_, at) => late(at + 2));
    for (const each of many) trail.recordTogether(each);
    // The last of them has not left the thread to anybody.
    assert.deepEqual(
      many.map(({ told }) => told),
      many.map(() => 1),
    );
    assert.deepEqual(
      await paths(trail),
      Array.from({ length: 33 }, (_, at) => `/things/${at + 1}`),
    );
  });

  for (const looks of ['stats', 'flush', 'close'] as const) {
    it(`are there for ${looks}()`, async () => {
      const trail = await Trail.open('memory:');
      trail.recordTogether(late(1));
      // Beside it there is the trail's own `audit.started`, and at a close its `audit.stopped`.
      assert.equal((await trail[looks]()).seen, looks === 'close' ? 3 : 2);
      await trail.close();
    });
  }

  for (const mode of ['durable', 'strict'] satisfies Array<TrailOptions['mode']>) {
    it(`are recorded at once in mode ${mode}`, async () => {
      const name = join(folder, mode);
      await using trail = await Trail.open(`sqlite:${name}.db`, { mode, spool: `${name}-spool` });
      const one = late(1);
      trail.recordTogether(one);
      assert.equal(one.told, 1);
      assert.deepEqual(await paths(trail), ['/things/1']);
    });
  }

  it('do not take others with them when they fail', async () => {
    await using trail = await Trail.open('memory:');
    const [throws, wrong] = [
      new Late(() => {
        throw new Error('nothing to tell');
      }),
      new Late(() => ({ method: 'POST', path: 7 }) as unknown as Call),
    ];
    const first = late(1);
    trail.recordTogether(first);
    trail.recordTogether(throws);
    trail.recordTogether(wrong);
    trail.recordTogether(late(2));
    assert.deepEqual(await paths(trail), ['/things/1', '/things/2']);
    assert.match(String(throws.faults[0]), /nothing to tell/);
    // Read on a thread of the trail: who comes next is told, or this group where it was read by then.
    const next = late(3);
    trail.recordTogether(next);
    trail.stats();
    assert.match(JSON.stringify([...first.faults, ...next.faults]), /"code":"TT_CALL_INVALID"[^]*"field":"path"/);
    assert.deepEqual(await paths(trail), ['/things/1', '/things/2', '/things/3']);
  });
});
