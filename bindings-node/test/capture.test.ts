import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Trail, defaultSpool } from '@tasktrail/node';
import { until } from './until';
import { runKinds, runShutdown, shutdowns, type Framework, type Row } from './kinds';

const folder = mkdtempSync(join(tmpdir(), 'tasktrail-capture-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type Options = Parameters<typeof runKinds>[1];
type Named = [name: string, options: (framework: Framework) => Options];
const held: Named = [
  'sqlite, each response held',
  (framework) => ({ url: `sqlite:${join(folder, `${framework}-held.db`)}`, flushBeforeResponse: 500 }),
];
/** Stores that can be read when their trail has closed. */
const lasting: Named[] = [
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
  lasting.push([
    'mongodb',
    (framework) => ({ url: `${server}/tt_node_${framework}_${process.pid}${query ? `?${query}` : ''}` }),
  ]);
}

const stores: Named[] = [
  ['memory', () => ({ url: 'memory:' })],
  ['memory, each response held', () => ({ url: 'memory:', flushBeforeResponse: 500 })],
  ...lasting,
];

for (const framework of ['express', 'fastify'] as const) {
  for (const [store, options] of stores) {
    describe(`capture on ${framework}, ${store}`, async () => {
      const rows: Row[] = await runKinds(framework, options(framework));
      for (const { kind, status, text, records } of rows) {
        it(`${kind.name}: ${kind.record ? 'exactly one record' : 'no record'}`, () => {
          assert.equal(records.length, kind.record ? 1 : 0, JSON.stringify(records, null, 1));
          if (!kind.record) return;
          const record = records[0]!;
          for (const [name, expected] of Object.entries(kind.record)) {
            assert.deepEqual(record[name as keyof typeof record], expected, `${name} of ${JSON.stringify(record)}`);
          }
          if (status !== null) assert.equal(record.response_status, status, 'as the client saw it');
          if (kind.answer !== undefined) assert.equal(text, kind.answer);
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
  for (const [store, options] of [held, ...lasting]) {
    describe(`shutdown on ${framework}, ${store}`, () => {
      for (const shutdown of shutdowns) {
        it(`${shutdown.name}: exactly one record, stored`, async () => {
          const { status, workspace } = await runShutdown(framework, options(framework), shutdown);
          assert.equal(status, shutdown.status);
          const { url, spool = defaultSpool(url) } = options(framework);
          // A store that was busy when the trail closed has its record from the spool.
          await using trail = await Trail.open(url, spool ? { spool } : {});
          const stored = async () => (await trail.query({ workspaceId: workspace })).items;
          await until('the record is stored', async () => (await stored()).length > 0);
          const items = await stored();
          assert.equal(items.length, 1, JSON.stringify(items, null, 1));
          for (const [name, expected] of Object.entries(shutdown.record)) {
            assert.deepEqual(items[0]![name as keyof (typeof items)[0]], expected, name);
          }
        });
      }
    });
  }
}
