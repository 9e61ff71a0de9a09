// A process that records 1,000 calls and ends at once, in the way that it is told: `node exit-host.cjs WAY STORE_URL [SPOOL]`.
const { isMainThread, Worker, workerData } = require('node:worker_threads');

/** How many records each process hands over. */
const RECORDS = 1_000;
/** The ways to end that leave something of the process to run; `SIGTERM` without a handler does not. */
const WAYS = ['natural', 'exit', 'throw', 'handled SIGTERM', 'worker'];

async function record(url, spool) {
  const { Trail } = require('@tasktrail/node');
  const trail = await Trail.open(url, { spool });
  for (let n = 0; n < RECORDS; n++) {
    const call = { method: 'POST', path: `/things/${n}`, workspaceId: 'ws' };
    // Some are still waiting for others at the end.
    if (n % 2 === 0) trail.record(call);
    else trail.recordTogether({ tell: () => ({ call }), failed: console.error });
  }
  return trail;
}

async function end([way, url, spool]) {
  if (way === 'worker' && isMainThread) {
    new Worker(__filename, { workerData: [way, url, spool] });
    return;
  }
  const trail = await record(url, spool);
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

if (!isMainThread) void end(workerData);
else if (require.main === module) void end(process.argv.slice(2));
module.exports = { RECORDS, WAYS, exitHost: __filename };
