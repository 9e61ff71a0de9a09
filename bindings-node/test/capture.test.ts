import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runKinds, type Framework, type Row } from './kinds';

const folder = mkdtempSync(join(tmpdir(), 'tasktrail-capture-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type Options = Parameters<typeof runKinds>[1];
const stores: Array<[name: string, options: (framework: Framework) => Options]> = [
  ['memory', () => ({ url: 'memory:' })],
  ['memory, each response held', () => ({ url: 'memory:', flushBeforeResponse: 500 })],
  ['sqlite', (framework) => ({ url: `sqlite:${join(folder, `${framework}.db`)}` })],
  [
    'sqlite, strict',
    (framework) => ({
      url: `sqlite:${join(folder, `${framework}-strict.db`)}`,
      mode: 'strict',
      failClosed: true,
      spool: join(folder, `${framework}-spool`),
    }),
  ],
];
const mongodb = process.env.TASKTRAIL_TEST_MONGODB;
if (mongodb) {
  const [base, query] = mongodb.split('?');
  const server = (base as string).replace(/(^mongodb:\/\/[^/]+).*/, '$1');
  stores.push([
    'mongodb',
    (framework) => ({ url: `${server}/tt_node_${framework}_${process.pid}${query ? `?${query}` : ''}` }),
  ]);
}

for (const framework of ['express', 'fastify'] as const) {
  for (const [store, options] of stores) {
    describe(`capture on ${framework}, ${store}`, async () => {
      const rows: Row[] = await runKinds(framework, options(framework));
      for (const { kind, records } of rows) {
        it(`${kind.name}: ${kind.record ? 'exactly one record' : 'no record'}`, () => {
          assert.equal(records.length, kind.record ? 1 : 0, JSON.stringify(records, null, 1));
          if (!kind.record) return;
          const record = records[0]!;
          for (const [name, expected] of Object.entries(kind.record)) {
            assert.deepEqual(record[name as keyof typeof record], expected, `${name} of ${JSON.stringify(record)}`);
          }
          assert.equal(record.http_method, kind.method ?? 'POST');
          assert.equal(record.actor_type, 'api_key');
          assert.ok(!JSON.stringify(record).includes('key-1'), 'the API key is not on the record');
          assert.ok(!JSON.stringify(record).includes('hunter2'), 'the password is not on the record');
          assert.match(record.request_id ?? '', /^r-\d+$/);
          if (typeof kind.error === 'string') assert.equal(record.error?.message, kind.error);
          else if (kind.error) assert.match(record.error?.message ?? '', kind.error);
          else if (record.outcome === 'success') assert.equal(record.error, null);
        });
      }
    });
  }
}
