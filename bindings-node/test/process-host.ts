// A host in a process of its own: `node process-host.js STORE_URL SPOOL PORT`. It says its port when it listens, and ends when told.
import { startHost } from './kinds';

const [url = '', spool = '', port = '0'] = process.argv.slice(2);

void startHost(
  'express',
  { url, spool, rateLimit: { reads: false, events: false }, openTimeoutMs: 20_000 },
  { controllers: [], port: Number(port) },
).then((host) => {
  process.stdout.write(`${host.port}\n`);
  process.stdin.once('end', () => void host.close().then(() => process.exit(0)));
  process.stdin.resume();
});
