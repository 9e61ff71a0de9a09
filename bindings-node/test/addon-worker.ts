// A worker with a trail of its own: it records 100 calls, says so, and ends in the way that it is told: 'closed', 'open', or 'never'.
import { parentPort, workerData } from 'node:worker_threads';
import { Trail } from '@tasktrail/node';

const [end, url] = workerData as [end: string, url: string];

async function work(): Promise<void> {
  const trail = await Trail.open(url);
  trail.subscribe({}, () => {});
  for (let n = 0; n < 100; n++) trail.record({ method: 'POST', path: `/things/${n}`, workspaceId: 'ws_worker' });
  parentPort?.postMessage('recorded');
  if (end === 'closed') await trail.close();
  // The port keeps the worker going, until somebody ends it in the middle of its work.
  if (end === 'never') {
    parentPort?.on('message', () => {});
    setInterval(() => trail.record({ method: 'POST', path: '/again', workspaceId: 'ws_worker' }), 1);
  }
}

void work();
