// What is saved of 1,000 queued records, by the way in which the process ends, in each store with a spool beside it.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import host from '../../test/exit-host.cjs';
import { row } from '../../../tests/bench/js/row.mjs';

const { exitHost, RECORDS, WAYS } = host;
const { Trail } = createRequire(import.meta.url)('@tasktrail/node');

/** How long records may take to come out of a spool. */
const PATIENCE_MS = 3_000;

async function saved(way, url, spool) {
  const { error } = spawnSync(process.execPath, [exitHost, way, url, spool], { timeout: 60_000 });
  if (error) throw error;
  const trail = await Trail.open(url, { spool });
  let total;
  const end = Date.now() + PATIENCE_MS;
  // What was left in the spool is drained behind the opening.
  do {
    await trail.flush(PATIENCE_MS);
    ({ total } = await trail.query({ workspaceId: 'ws', limit: 1 }));
  } while (total < RECORDS && Date.now() < end);
  await trail.close();
  return total;
}

export async function exit(bench) {
  const rows = [];
  const stores = {
    SQLite: (way) => `sqlite:${join(bench.folder, `exit-${way}.db`)}`,
    MongoDB: (way) => bench.database(`exit_${way}`),
  };
  for (const [store, url] of Object.entries(stores)) {
    for (const [at, way] of [...WAYS, 'SIGTERM'].entries()) {
      bench.progress(`${store}, ${way}`);
      const isKill = way === 'SIGTERM';
      rows.push(
        row({
          name: `saved at exit, ${store}: ${isKill ? 'SIGTERM without a handler' : way}`,
          ours: await saved(way, url(at), join(bench.folder, `exit-${store}-${at}`)),
          peerName: 'queued',
          peer: RECORDS,
          goal: isKill ? null : '>= 1',
          unit: 'records',
          note: isKill ? 'a kill: what is in memory goes, and an audit.gap tells it' : '',
        }),
      );
    }
  }
  return rows;
}
