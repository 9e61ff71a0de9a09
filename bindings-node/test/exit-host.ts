// A process that records 1,000 calls and ends at once, in the way that it is told: `node exit-host.js WAY STORE_URL [SPOOL]`.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Trail } from '@tasktrail/node';

const RECORDS = 1_000;
const [way = '', url = '', spool] = isMainThread ? process.argv.slice(2) : (workerData as string[]);

async function record(): Promise<Trail> {
  const trail = await Trail.open(url, { spool });
  for (let n = 0; n < RECORDS; n++) trail.record({ method: 'POST', path: `/things/${n}`, workspaceId: 'ws' });
  return trail;
}

async function end(): Promise<void> {
  if (way === 'worker' && isMainThread) {
    new Worker(__filename, { workerData: [way, url, spool] });
    return;
  }
  const trail = await record();
  if (way === 'exit') process.exit(0);
  if (way === 'throw')
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
  if (way === 'handled SIGTERM') {
    process.once('SIGTERM', () => void trail.close().then(() => process.exit(0)));
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => {}, 10_000);
  }
  if (way === 'SIGTERM') process.kill(process.pid, 'SIGTERM');
  // 'natural' and 'worker' have nothing more to do.
}

void end();
