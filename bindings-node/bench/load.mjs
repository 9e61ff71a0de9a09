// The load: a process of its own, so that its work is not on the measured thread. It takes `{ port, path?, connections, bodyBytes?,
// requests? | ms?, rate? }`: as many requests, or so long; with a rate a second as a clock gives it, else each connection sends the next
// one when it has the answer to the last. It answers `{ answered, seconds, p50, p99 }`, the latter in ms, once each had its 201.
import net from 'node:net';
import { quantile } from '../../tests/bench/js/row.mjs';

const task = {
  title: 'Write the migration for the orders table',
  projectNumber: 42,
  assignee: { name: 'agent-7', password: 'hunter2-hunter2', email: 'agent7@example.com' },
  labels: ['backend', 'database', 'phase-2'],
  description: '',
};
const OVERHEAD = Buffer.byteLength(JSON.stringify(task));
const BODY = 1_024;
const END = Buffer.from('"done"}');
const CREATED = Buffer.from('HTTP/1.1 201');

function requestOf(path, bodyBytes) {
  const body = JSON.stringify({ ...task, description: 'x'.repeat(bodyBytes - OVERHEAD) });
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Api-Key: bench-key-0123456789',
    'X-Workspace-Id: ws_bench',
    'X-Worktree-Path: /home/dev/project-wt/42',
    'X-Request-Id: 3f6c8f9e-7f0b-4f0e-9a6e-2f0f6d1c9a55',
    'User-Agent: tasktrail-bench/1',
  ];
  return Buffer.from([...head, '', body].join('\r\n'));
}

function run({ port, path = '/tasks', connections, bodyBytes = BODY, requests = Infinity, ms = Infinity, rate }) {
  const request = requestOf(path, bodyBytes);
  const latencies = [];
  const idle = [];
  const began = performance.now();
  let asked = 0;
  let open = 0;
  let timer;
  const isOver = () => asked >= requests || performance.now() - began >= ms;
  return new Promise((resolve, reject) => {
    const send = (connection, due) => {
      asked++;
      connection.due = due;
      connection.socket.write(request);
    };
    const finish = () => {
      for (const { socket } of idle) socket.end();
    };
    const next = (connection) => {
      if (rate === undefined && !isOver()) return send(connection, performance.now());
      idle.push(connection);
      if (rate === undefined || (timer === undefined && isOver())) connection.socket.end();
    };
    // From when each was due, so that a stall shows in all that had to wait for it.
    const tick = () => {
      const due = Math.min(requests, Math.floor(((performance.now() - began) / 1_000) * rate) + 1);
      while (asked < due && idle.length > 0) send(idle.pop(), began + (asked / rate) * 1_000);
      if (!isOver()) return;
      clearInterval(timer);
      timer = undefined;
      finish();
    };
    for (let n = 0; n < connections; n++) {
      const socket = net.connect(port, '127.0.0.1').setNoDelay(true);
      const connection = { socket, due: 0 };
      let answer = Buffer.alloc(0);
      open++;
      socket.on('connect', () => next(connection));
      socket.on('data', (chunk) => {
        answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
        if (!answer.subarray(-END.length).equals(END)) return;
        if (!answer.subarray(0, CREATED.length).equals(CREATED)) return reject(new Error(answer.toString()));
        latencies.push(performance.now() - connection.due);
        answer = Buffer.alloc(0);
        next(connection);
      });
      socket.on('error', reject);
      socket.on('close', () => {
        if (--open > 0) return;
        const seconds = (performance.now() - began) / 1_000;
        resolve({
          answered: latencies.length,
          seconds,
          p50: quantile(latencies, 0.5),
          p99: quantile(latencies, 0.99),
        });
      });
    }
    if (rate !== undefined) timer = setInterval(tick, 1);
  });
}

process.on('message', async (message) => {
  process.send(await run(message).catch((fault) => ({ fault: String(fault) })));
});
process.on('disconnect', () => process.exit());
process.send({ bodyBytes: BODY });
