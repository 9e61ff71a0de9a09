// Asks the store itself, after the API has stopped: `cargo xtask demo --check` runs this last. TASKTRAIL_URL names the store.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Trail } from '@tasktrail/node';
import { allPages, checkExactlyOnce, readManifest } from './exactly-once.mjs';
import { check, finish, guarded } from './report.mjs';

const text = { type: 'string' };
const { values: options } = parseArgs({ options: { folder: text, workspace: text, 'other-workspace': text } });

await guarded('the store can be read after the API has stopped', async () => {
  const trail = await Trail.open(process.env.TASKTRAIL_URL);
  try {
    const writers = new Set();
    for (const [name, workspace] of [
      ['the workspace', options.workspace],
      ['the second workspace', options['other-workspace']],
    ]) {
      const records = await allPages((cursor) =>
        trail.query({ workspaceId: workspace, limit: 200, ...(cursor && { cursor }) }),
      );
      checkExactlyOnce(
        `${name}, in the store after the stop`,
        readManifest(join(options.folder, `${workspace}.ndjson`)),
        records,
      );
      for (const record of records) writers.add(record.writer_id);
    }
    // The trail writes this record itself, and only when it is closed in order.
    const stops = await allPages((cursor) =>
      trail.query({ operationType: 'audit.stopped', limit: 200, ...(cursor && { cursor }) }),
    );
    const open = [...writers].filter((writer) => !stops.some((stop) => stop.writer_id === writer));
    check(
      'the API closed its trail before it ended',
      writers.size > 0 && open.length === 0,
      `left open: ${open.join(', ')}`,
    );
  } finally {
    await trail.close(5000);
  }
});
finish();
