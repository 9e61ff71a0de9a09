import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { contextOfEnvironment, type Context } from './context.js';
import { isLogLevel, type LogLevel } from './log.js';

export const USAGE = `tasktrail-mcp: an MCP server for a Tasktrail API, on stdio or, with --http, on streamable HTTP

  --api URL               API without /api          (STATE_TRACKING_API_URL, http://localhost:8167)
  --api-key-file FILE     file with the API's key   (STATE_TRACKING_API_KEY holds the key itself)
  --workspace ID          workspace                 (WORKSPACE_ID, found from the folder)
  --worktree PATH         git worktree              (WORKTREE_PATH, found from the folder)
  --run ID                orchestration run         (RUN_ID)
  --origin-workspace ID   workspace of the launch   (ORIGIN_WORKSPACE_ID)
  --session ID            session                   (SESSION_ID)
  --agent ID              agent                     (AGENT_ID)
  --folder PATH           where a workspace is looked for (the current folder)
  --spool FOLDER|none     where events wait while the API is away (TASKTRAIL_SPOOL, one folder for each API in the user's state)
  --api-timeout MS        how long tasks, sessions and reads wait for the API (5000)
  --http PORT             serve streamable HTTP on this port, 0 for a free one; prints its address on stderr
  --host ADDRESS          with --http: listen here (127.0.0.1); beyond loopback TASKTRAIL_MCP_TOKEN is needed
  --allow-host NAME       with --http: a name that clients may call this server by, beside this machine's; may be given again
  --max-sessions N        with --http: sessions at a time (64)
  --log-level LEVEL       error, warn or info (info)
  --help, --version`;

/** What flags and environment decide. */
export interface Options {
  apiUrl: string;
  apiKey: string | undefined;
  /** What flags say, and what the environment says. */
  configured: Context;
  environment: Context;
  traceparent: string | undefined;
  folder: string;
  /** `undefined` is the store's own folder, `null` none. */
  spool: string | null | undefined;
  apiTimeoutMs: number;
  http: HttpOptions | undefined;
  logLevel: LogLevel;
}

export interface HttpOptions {
  port: number;
  host: string;
  maxSessions: number;
  /** Names that a request may call this server by, beside those of loopback. */
  names: readonly string[];
  token: string | undefined;
}

/** Wrong usage, said in a sentence. */
export class UsageError extends Error {}

/** What was asked for in place of a server. */
export type Asked = { options: Options } | { print: 'help' | 'version' };

export function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): Asked {
  const values = parse(argv);
  if (values.help) return { print: 'help' };
  if (values.version) return { print: 'version' };
  const logLevel = values['log-level'] ?? 'info';
  if (!isLogLevel(logLevel)) throw new UsageError(`--log-level is error, warn or info, not ${logLevel}`);
  const host = values.host ?? '127.0.0.1';
  const token = env.TASKTRAIL_MCP_TOKEN || undefined;
  const http = values.http === undefined ? undefined : { port: whole('--http', values.http, 0, 65_535), host, token };
  if (http && !isLoopback(host) && !token)
    throw new UsageError(
      `--host ${host} is not loopback: set TASKTRAIL_MCP_TOKEN, which clients then send as a bearer token`,
    );
  const spool = values.spool ?? (env.TASKTRAIL_SPOOL || undefined);
  const maxSessions = whole('--max-sessions', values['max-sessions'] ?? '64', 1, 10_000);
  return {
    options: {
      apiUrl: address(values.api || env.STATE_TRACKING_API_URL || 'http://localhost:8167'),
      apiKey: key(values['api-key-file'], env),
      configured: {
        workspaceId: values.workspace,
        worktreePath: values.worktree,
        runId: values.run,
        originWorkspaceId: values['origin-workspace'],
        sessionId: values.session,
        agentId: values.agent,
      },
      environment: contextOfEnvironment(env),
      traceparent: env.TRACEPARENT,
      folder: values.folder ?? process.cwd(),
      spool: spool === 'none' ? null : spool,
      apiTimeoutMs: whole('--api-timeout', values['api-timeout'] ?? '5000', 1, 600_000),
      http: http && { ...http, maxSessions, names: values['allow-host'] ?? [] },
      logLevel,
    },
  };
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: {
        api: text,
        'api-key-file': text,
        workspace: text,
        worktree: text,
        run: text,
        'origin-workspace': text,
        session: text,
        agent: text,
        folder: text,
        spool: text,
        'api-timeout': text,
        http: text,
        host: text,
        'allow-host': { type: 'string', multiple: true },
        'max-sessions': text,
        'log-level': text,
        help: { type: 'boolean' },
        version: { type: 'boolean' },
      },
    }).values;
  } catch (fault) {
    throw new UsageError((fault as Error).message);
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`${name} is a whole number from ${least} to ${most}, not ${text}`);
}

function address(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UsageError('--api (STATE_TRACKING_API_URL) is an address such as http://localhost:8167');
  return text.replace(/\/+$/, '');
}

/** Never an argument: those can be read by every user of the machine. */
function key(file: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  if (file === undefined) return env.STATE_TRACKING_API_KEY || undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (fault) {
    throw new UsageError(`--api-key-file cannot be read: ${(fault as Error).message}`);
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
