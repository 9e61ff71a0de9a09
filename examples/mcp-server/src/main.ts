#!/usr/bin/env node
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { defaultSpool, discoverWorkspace, onLog, TasktrailError, Trail, type TrailOptions } from '@tasktrail/node';
import { Api } from './api.js';
import type { Context } from './context.js';
import { Events } from './events.js';
import { stderrLog, type Log } from './log.js';
import { readOptions, USAGE, UsageError, type HttpOptions, type Options } from './options.js';
import { Outcomes } from './outcome.js';
import { createServer, InFlight, type ServerParts } from './server.js';
import { eventTools } from './tools/events.js';
import { historyTools } from './tools/history.js';
import { sessionTools } from './tools/sessions.js';
import { taskTools } from './tools/tasks.js';
import { NAME, VERSION } from './version.js';

/** What calls that are under way get at a shutdown, and then the events; what does not arrive meanwhile stays on disk. */
const CALLS_MS = 5_000;
const FLUSH_MS = 2_000;
/** Should something still hold the process then, it is ended. */
const LAST_MS = 15_000;

async function main(): Promise<void> {
  const asked = readOptions(process.argv.slice(2), process.env);
  if ('print' in asked) {
    process.stdout.write(`${asked.print === 'help' ? USAGE : `${NAME} ${VERSION}`}\n`);
    return;
  }
  const { options } = asked;
  const log = stderrLog(options.logLevel);
  const unlisten = onLog(({ level, message, fields }) => log(level, message, fields));
  const trail = await openTrail(options, log);
  const inFlight = new InFlight();
  const api = new Api({ url: options.apiUrl, key: options.apiKey, timeoutMs: options.apiTimeoutMs });
  const parts: ServerParts = {
    tools: [
      ...eventTools(new Events(trail, options.apiKey)),
      ...taskTools(api),
      ...sessionTools(api),
      ...historyTools(api),
    ],
    outcomes: new Outcomes(trail, options.apiKey, log),
    standing: [options.configured, options.environment, await discovered(options.folder, log)],
    traceparent: options.traceparent,
    log,
  };
  const stopServing = options.http
    ? await serveHttp(options.http, parts, inFlight, log)
    : await serveStdio(parts, inFlight);

  let stopping: Promise<void> | undefined;
  const stop = (why: string): void => {
    stopping ??= (async () => {
      setTimeout(() => process.exit(1), LAST_MS).unref();
      log('info', 'stopping', { why });
      // What has been read is handled in the next turn of the loop.
      await new Promise((resolve) => setImmediate(resolve));
      await inFlight.settle(CALLS_MS);
      await stopServing();
      const { queued, inFlight: sent, spooled } = await trail.close(FLUSH_MS);
      log('info', 'stopped', { waitingOnDisk: spooled, unsent: queued + sent });
      unlisten();
    })().catch((fault: Error) => {
      log('error', 'the shutdown failed', { cause: fault.message });
      process.exitCode = 1;
    });
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop(signal));
  if (!options.http) {
    process.stdin.once('end', () => stop('stdin ended')).once('close', () => stop('stdin closed'));
    process.stdout.once('error', () => stop('stdout closed'));
  }
}

/** Open whether or not the API is there. A folder for the spool that nobody asked for may fail; then events wait in memory. */
async function openTrail(options: Options, log: Log): Promise<Trail> {
  const { apiUrl, apiKey } = options;
  const spool = options.spool === undefined ? defaultSpool(apiUrl) : (options.spool ?? undefined);
  const about: TrailOptions = { service: NAME, degradedStart: true, ...(apiKey && { apiKey }) };
  try {
    return await Trail.open(apiUrl, { ...about, ...(spool && { spool }) });
  } catch (fault) {
    const isOfSpool = fault instanceof TasktrailError && fault.code.startsWith('TT_SPOOL_');
    if (!isOfSpool || options.spool !== undefined) throw fault;
    log('warn', 'events wait in memory only: the folder for the spool cannot be used; --spool names another', {
      cause: fault.message,
    });
    return Trail.open(apiUrl, about);
  }
}

/** The workspace of a folder; nothing where it cannot be found out, which the records then say. */
async function discovered(folder: string, log: Log): Promise<Context> {
  try {
    const { workspaceId, worktreePath, warnings } = await discoverWorkspace(folder);
    for (const warning of warnings) log('warn', warning);
    return { workspaceId, ...(worktreePath !== null && { worktreePath }) };
  } catch (fault) {
    log('warn', 'the workspace cannot be found out; WORKSPACE_ID names it', { cause: (fault as Error).message });
    return {};
  }
}

async function serveStdio(parts: ServerParts, inFlight: InFlight): Promise<() => Promise<void>> {
  const server = createServer(parts, inFlight);
  await server.connect(new StdioServerTransport());
  return () => server.close();
}

async function serveHttp(
  http: HttpOptions,
  parts: ServerParts,
  inFlight: InFlight,
  log: Log,
): Promise<() => Promise<void>> {
  // Most servers are on stdio, and start sooner without it.
  const { HttpServing } = await import('./http.js');
  const serving = new HttpServing(http, () => createServer(parts, inFlight), log);
  log('info', 'listening', { url: await serving.listen() });
  return () => serving.close();
}

main().catch((fault: NodeJS.ErrnoException) => {
  const isUsage = fault instanceof UsageError;
  process.stderr.write(`${NAME}: ${fault.message}\n${isUsage ? `\n${USAGE}\n` : ''}`);
  process.exitCode = isUsage ? 2 : 1;
});
