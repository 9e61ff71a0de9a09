// Posts events to all workspaces in turn at a fixed rate, and answers how many were accepted and by how much the clock was missed.
import http from 'node:http';
import { quantile } from '../../tests/bench/js/row.mjs';

const agent = new http.Agent({ keepAlive: true, maxSockets: 50 });
const now = () => Number(process.hrtime.bigint()) / 1e6;

function post(port, workspace, item, sentAt) {
  const body = JSON.stringify({
    type: 'task.started',
    data: {
      projectNumber: 42,
      phaseNumber: 1,
      workItemId: `1.${item}`,
      workItemTitle: 'Write the migration',
      workspaceId: `ws_${workspace}`,
      sentAt,
    },
  });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = http.request(
      { agent, port, host: '127.0.0.1', path: '/api/events/project', method: 'POST', headers },
      (response) => {
        response.resume();
        response.on('end', () =>
          response.statusCode === 202 ? resolve() : reject(new Error(`an event was answered ${response.statusCode}`)),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

async function run({ port, workspaces, perSecond, seconds }) {
  const began = now();
  const late = [];
  const answers = [];
  const wanted = perSecond * seconds;
  let item = 0;
  while (item < wanted) {
    const due = Math.min(wanted, Math.floor(((now() - began) / 1_000) * perSecond) + 1);
    for (; item < due; item++) {
      const sentAt = began + (item / perSecond) * 1_000;
      late.push(now() - sentAt);
      answers.push(post(port, item % workspaces, item, sentAt));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(answers);
  return { posted: wanted, late: quantile(late, 0.99) };
}

process.on('message', async (message) => {
  process.send(await run(message).catch((fault) => ({ fault: String(fault) })));
});
process.on('disconnect', () => process.exit());
process.send({});
