import { randomUUID } from 'node:crypto';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type CallToolResult,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type { Call } from './call.js';
import { contextOfArguments, contextOfBaggage, contextOfHeaders, firstOf, type Context } from './context.js';
import { ToolFailure } from './failure.js';
import type { Log } from './log.js';
import type { Outcomes } from './outcome.js';
import type { Arguments, Tool } from './tools/tool.js';
import { childTrace, type GivenTrace } from './trace.js';
import { NAME, VERSION } from './version.js';

const INSTRUCTIONS = `Tools of an audited project API. Report progress as it happens with task_started, task_progress, task_completed, task_failed, phase_started, \
phase_completed, orchestration_progress and project_completed: a person watches it live. These never wait for the API and need no check of \
their answer; only an answer with isError wants a corrected call. Workspace, worktree, run, session and agent are known to the server: \
leave those arguments out unless you act for another.`;

/** In an answer's `_meta`: the `request_id` of the record that the call has left, for who compares. */
const REQUEST_ID = 'tasktrail/requestId';

export interface ServerParts {
  tools: readonly Tool[];
  outcomes: Outcomes;
  /** What is known without a call, the nearest first: flags, environment, discovery. */
  standing: readonly Context[];
  traceparent: string | undefined;
  log: Log;
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** Calls that are being worked on, for a shutdown to wait for. */
export class InFlight {
  readonly #calls = new Set<Promise<unknown>>();

  track<T>(call: Promise<T>): Promise<T> {
    const settled = call.catch(() => undefined).finally(() => this.#calls.delete(settled));
    this.#calls.add(settled);
    return call;
  }

  /** Waits for all, those included that begin meanwhile, at most `ms`. */
  async settle(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, ms, 'late')));
    while (this.#calls.size > 0 && (await Promise.race([Promise.all(this.#calls), late])) !== 'late');
    clearTimeout(timer);
  }
}

/** One MCP server, for one connection. */
export function createServer(parts: ServerParts, inFlight: InFlight): Server {
  const server = new Server(
    { name: NAME, version: VERSION },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  const tools = new Map(parts.tools.map((tool) => [tool.name, tool]));
  const listed = parts.tools.map(({ name, title, description, annotations, inputSchema, outputSchema }) => ({
    name,
    title,
    description,
    annotations: { title, ...annotations },
    inputSchema,
    outputSchema,
  }));
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: listed }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => {
    const tool = tools.get(params.name);
    if (!tool) throw new McpError(ErrorCode.InvalidParams, `there is no tool ${params.name}`);
    return inFlight.track(callTool(parts, server, tool, params.arguments ?? {}, extra));
  });
  server.onerror = (fault) => parts.log('warn', 'a message could not be handled', { cause: fault.message });
  return server;
}

async function callTool(
  parts: ServerParts,
  server: Server,
  tool: Tool,
  args: Arguments,
  extra: Extra,
): Promise<CallToolResult> {
  const about = tool.contextIn?.(args) ?? args;
  const call = describeCall(parts, server, about, extra);
  const startedAt = Date.now();
  const began = performance.now();
  try {
    const structuredContent = await tool.run(args, call);
    return {
      content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
      structuredContent,
      _meta: { [REQUEST_ID]: call.requestId },
    };
  } catch (fault) {
    const failure = ToolFailure.from(fault);
    const durationMs = performance.now() - began;
    parts.log('warn', 'a tool failed', { tool: tool.name, code: failure.code, requestId: call.requestId });
    await parts.outcomes.failed({ tool: tool.name, args, about, failure, startedAt, durationMs }, call);
    // As structured content it would have to be what a success is.
    return {
      isError: true,
      content: [{ type: 'text', text: failure.text }],
      _meta: { [REQUEST_ID]: call.requestId, 'tasktrail/error': failure.toJSON() },
    };
  }
}

/** Whose call it is: what is said nearest to it goes first. */
function describeCall(
  parts: ServerParts,
  server: Server,
  about: Arguments,
  { _meta, requestInfo, signal }: Extra,
): Call {
  const headers = requestInfo?.headers;
  const meta = traceIn(_meta);
  const client = server.getClientVersion();
  return {
    requestId: randomUUID(),
    context: firstOf(
      contextOfArguments(about),
      contextOfBaggage(meta.baggage),
      contextOfHeaders(headers),
      contextOfBaggage(traceIn(headers).baggage),
      ...parts.standing,
    ),
    trace: childTrace(traceIn(about), meta, traceIn(headers), { traceparent: parts.traceparent }),
    userAgent: header(`${NAME}/${VERSION}${client ? ` (${client.name}/${client.version})` : ''}`),
    signal,
  };
}

function traceIn(values: object | undefined): GivenTrace {
  const text = (name: keyof GivenTrace): string | undefined => {
    const value: unknown = (values as Record<string, unknown> | undefined)?.[name];
    return typeof value === 'string' ? value : undefined;
  };
  return { traceparent: text('traceparent'), tracestate: text('tracestate'), baggage: text('baggage') };
}

/** As a header can hold it: a client names itself as it likes. */
function header(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 256);
}
