// Prints, for each kind of end of a state-changing request, the record it left:
// `npm run capture-table [-- --framework express|fastify] [--url STORE]` after `npm run build` and `npm test`.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { framework: { type: 'string', default: 'express' }, url: { type: 'string', default: 'memory:' } },
});
const kinds = join(dirname(fileURLToPath(import.meta.url)), '..', 'test', 'dist', 'kinds.js');
if (!existsSync(kinds)) {
  console.error('the tests are not compiled: run `npm test` first');
  process.exit(1);
}
const { runKinds } = await import(kinds);
const rows = await runKinds(values.framework, { url: values.url });
console.log(
  `| kind (${values.framework}, ${values.url.split(':')[0]}) | answer | records | operation_type | outcome | response_status | error |`,
);
console.log('| --- | --- | --- | --- | --- | --- | --- |');
let holds = true;
for (const { kind, status, records } of rows) {
  const [record] = records;
  holds &&= records.length === (kind.record ? 1 : 0);
  const error = record?.error ? `${record.error.code}: ${record.error.message}`.slice(0, 80) : '';
  const cells = [
    kind.name,
    status ?? 'hung up',
    records.length,
    record?.operation_type,
    record?.outcome,
    record?.response_status,
    error,
  ];
  console.log(`| ${cells.map((cell) => cell ?? '').join(' | ')} |`);
}
if (!holds) console.error('some kind left more or fewer records than it must');
process.exit(holds ? 0 : 1);
