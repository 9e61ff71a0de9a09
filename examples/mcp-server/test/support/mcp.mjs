// The MCP server as a process of its own, with the official client at its other end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { KEY } from '../../../../tests/e2e/api-process.mjs';

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
export const SALT = 'a-salt-of-the-tests';

/** Pids of servers: what a failed test leaves running would keep its file from ending. */
const started = new Set();
after(() => {
  for (const pid of started) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
});

/** The environment of a server: nothing of who runs the tests but what a process needs. */
export function environment(folder, url, more = {}) {
  return {
    PATH: process.env.PATH,
    HOME: folder,
    XDG_STATE_HOME: `${folder}/state`,
    TASKTRAIL_SALT: SALT,
    STATE_TRACKING_API_URL: url,
    STATE_TRACKING_API_KEY: KEY,
    ...more,
  };
}

/** Starts a server on stdio and connects to it. */
export async function connectStdio({ folder, url, env = {}, args = [], cwd = folder }) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [MAIN, ...args],
    env: environment(folder, url, env),
    cwd,
    stderr: 'pipe',
  });
  const client = new Client({ name: 'tests', version: '1.2.3' });
  const said = [];
  transport.stderr.on('data', (chunk) => said.push(String(chunk)));
  const faults = [];
  client.onerror = (fault) => faults.push(fault);
  await client.connect(transport);
  const { pid } = transport;
  started.add(pid);
  transport.onclose = chain(transport.onclose, () => started.delete(pid));
  return {
    client,
    pid,
    /** What is on stdout and is no MCP, and what else went wrong. */
    faults,
    stderr: () => said.join(''),
    call: (name, args = {}, meta) => call(client, name, args, meta),
    close: () => client.close(),
  };
}

const chain = (first, second) => () => {
  first?.();
  second();
};

/** A tool's answer: `{ ok }` or `{ error, text }`. */
export async function call(client, name, args = {}, meta) {
  const answer = await client.callTool({ name, arguments: args, ...(meta && { _meta: meta }) });
  const text = answer.content[0].text;
  if (answer.isError) return { error: answer._meta['tasktrail/error'], text };
  return { ok: answer.structuredContent, text };
}

/** Starts a server by hand, to look at its streams and its end. */
export function startServer({ folder, url, env = {}, args = [], cwd = folder }) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: environment(folder, url, env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  started.add(child.pid);
  child.once('exit', () => started.delete(child.pid));
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  const lines = createInterface(child.stderr);
  lines.on('line', (line) => (stderr += `${line}\n`));
  return { child, ended, lines, stdout: () => stdout, stderr: () => stderr };
}

/** Starts a server on HTTP and resolves to its address. */
export async function startHttp(options) {
  const server = startServer({ ...options, args: ['--http', '0', ...(options.args ?? [])] });
  const listening = new Promise((resolve) => {
    server.lines.on('line', (line) => {
      const said = line.startsWith('{') ? JSON.parse(line) : {};
      if (said.message === 'listening') resolve(said.url);
    });
  });
  const failed = server.ended.then(({ code }) => {
    throw new Error(`the server ended with ${code}: ${server.stderr()}`);
  });
  const address = await Promise.race([listening, failed]);
  failed.catch(() => {});
  return {
    ...server,
    address,
    async stop(signal = 'SIGTERM') {
      server.child.kill(signal);
      return server.ended;
    },
  };
}
