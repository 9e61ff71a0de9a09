// The subscribers, in a process of their own: `listeners.mjs PORT WORKSPACES CLIENTS`. When asked to, they wait for as many events as were
// posted since the last question and answer what came, how late, and what did not.
import { createRequire } from 'node:module';
import { quantile } from '../../tests/bench/js/row.mjs';

const { io } = createRequire(import.meta.url)('socket.io-client');
const [port, workspaces, clients] = process.argv.slice(2).map(Number);
const PATIENCE_MS = 10_000;

let latencies = [];
let heard = [];
let last = performance.now();

const now = () => Number(process.hrtime.bigint()) / 1e6;

async function listen(workspaceId) {
  const seen = new Set();
  heard.push(seen);
  const socket = io(`http://127.0.0.1:${port}`, { path: '/orchestration', transports: ['websocket'], forceNew: true });
  socket.on('task.history', ({ entries }) => {
    const at = now();
    last = performance.now();
    for (const { audit_id: id, metadata } of entries) {
      if (metadata?.sentAt === undefined) continue;
      latencies.push(at - metadata.sentAt);
      seen.add(id);
    }
  });
  const { ok } = await socket.emitWithAck('subscribe', { workspaceId });
  if (!ok) throw new Error('a subscription was refused');
}

for (let workspace = 0; workspace < workspaces; workspace++) {
  for (let client = 0; client < clients; client++) await listen(`ws_${workspace}`);
}

const different = () => heard.reduce((sum, seen) => sum + seen.size, 0);

process.on('message', async ({ expect }) => {
  const wanted = expect * clients;
  last = performance.now();
  while (different() < wanted && performance.now() - last < PATIENCE_MS) await new Promise((go) => setTimeout(go, 20));
  // What comes twice comes behind the first.
  await new Promise((go) => setTimeout(go, 500));
  const came = different();
  process.send({
    p50: quantile(latencies, 0.5) ?? NaN,
    p99: quantile(latencies, 0.99) ?? NaN,
    most: latencies.reduce((most, latency) => Math.max(most, latency), 0),
    missing: wanted - came,
    repeated: latencies.length - came,
  });
  latencies = [];
  for (const seen of heard) seen.clear();
});
process.on('disconnect', () => process.exit());
process.send({});
