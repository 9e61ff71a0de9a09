// The load: a process of its own, so that its work is not on the measured thread. It takes { port, requests, connections } and
// answers { done } when every request was answered with 201.
import net from 'node:net';

const body = JSON.stringify({
  title: 'Write the migration for the orders table',
  projectNumber: 42,
  assignee: { name: 'agent-7', password: 'hunter2-hunter2', email: 'agent7@example.com' },
  labels: ['backend', 'database', 'phase-2'],
  description: 'x'.repeat(760),
});
const request = Buffer.from(
  [
    'POST /tasks HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Api-Key: bench-key-0123456789',
    'X-Workspace-Id: ws_bench',
    'X-Worktree-Path: /home/dev/project-wt/42',
    'X-Request-Id: 3f6c8f9e-7f0b-4f0e-9a6e-2f0f6d1c9a55',
    'User-Agent: tasktrail-bench/1',
    '',
    body,
  ].join('\r\n'),
);
const END = Buffer.from('"done"}');

process.on('message', ({ port, requests, connections }) => {
  let left = requests;
  let open = 0;
  for (let n = 0; n < connections; n++) {
    const socket = net.connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    open++;
    let answer = Buffer.alloc(0);
    const next = () => {
      if (left-- > 0) socket.write(request);
      else socket.end();
    };
    socket.on('connect', next);
    socket.on('data', (chunk) => {
      answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk]);
      if (!answer.subarray(-END.length).equals(END)) return;
      if (!answer.subarray(0, 12).equals(Buffer.from('HTTP/1.1 201'))) {
        process.send({ fault: answer.toString() });
        process.exit(1);
      }
      answer = Buffer.alloc(0);
      next();
    });
    socket.on('error', (fault) => {
      process.send({ fault: String(fault) });
      process.exit(1);
    });
    socket.on('close', () => {
      if (--open === 0) process.send({ done: true });
    });
  }
});
process.send({ bytes: Buffer.byteLength(body) });
