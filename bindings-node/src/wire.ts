// Names and shapes of the wire (DESIGN.md, section 4).

export type Outcome = 'success' | 'failure' | 'denied' | 'aborted' | 'unknown';
export type ActorType = 'api_key' | 'user' | 'agent' | 'system' | 'anonymous';
export type Channel = 'http' | 'mcp' | 'agent' | 'system';
export type Level = 'none' | 'metadata' | 'summary';

export interface RecordError {
  code: string | null;
  message: string;
}

export interface Redaction {
  rule: string;
  path: string;
  count: number;
}

export interface Receipt {
  rules: Array<Redaction>;
  original_bytes: number | null;
  truncated: boolean;
}

export interface AuditRecord {
  audit_id: string;
  schema_version: number;
  timestamp: string;
  recorded_at: string;
  expires_at: string | null;
  writer_id: string;
  seq: number;
  operation_type: string;
  outcome: Outcome;
  error: RecordError | null;
  api_endpoint: string | null;
  http_method: string | null;
  response_status: number | null;
  duration_ms: number | null;
  workspace_id: string;
  origin_workspace_id: string | null;
  worktree_path: string | null;
  project_number: number | null;
  phase_number: number | null;
  work_item_id: string | null;
  task_id: string | null;
  session_id: string | null;
  run_id: string | null;
  agent_id: string | null;
  actor: string;
  actor_type: ActorType;
  target_type: string | null;
  target_id: string | null;
  channel: Channel;
  client_ip: string | null;
  user_agent: string | null;
  request_id: string | null;
  trace_id: string | null;
  service: string | null;
  instance_id: string | null;
  request_summary: unknown;
  metadata: Record<string, unknown> | null;
  redactions: Receipt | null;
}

export interface CallError {
  code?: string;
  message: string;
}

export interface Call {
  method: string;
  path: string;
  route?: string;
  params?: { [key in string]?: string };
  status?: number;
  durationMs?: number;
  timestamp?: string | number;
  aborted?: boolean;
  workspaceId?: string;
  worktreePath?: string;
  originWorkspaceId?: string;
  runId?: string;
  sessionId?: string;
  agentId?: string;
  requestId?: string;
  traceparent?: string;
  projectNumber?: number;
  taskId?: string;
  phaseNumber?: number;
  workItemId?: string;
  operation?: string;
  actor?: string;
  actorType?: ActorType;
  apiKey?: string;
  channel?: Channel;
  clientIp?: string;
  userAgent?: string;
  error?: CallError;
  body?: unknown;
  contentType?: string;
  bodyBytes?: number;
  level?: Level;
  metadata?: Record<string, unknown>;
}

export interface ProjectEvent {
  type: EventType;
  data: { projectNumber: number; [field: string]: unknown };
  timestamp?: string | number;
  eventId?: string;
}

export interface HistoryQuery {
  workspaceId?: string;
  projectNumber?: number | string;
  operationType?: string | string[];
  taskId?: string;
  sessionId?: string;
  runId?: string;
  actor?: string;
  outcome?: Outcome;
  startTime?: string | number;
  endTime?: string | number;
  order?: 'asc' | 'desc';
  limit?: number | string;
  offset?: number | string;
  cursor?: string;
  after?: string;
}

export interface Page {
  items: AuditRecord[];
  total: number;
  totalIsLowerBound?: boolean;
  limit: number;
  offset: number;
  nextCursor: string | null;
}

export const HEADERS = {
  workspaceId: 'x-workspace-id',
  worktreePath: 'x-worktree-path',
  runId: 'x-run-id',
  originWorkspaceId: 'x-origin-workspace-id',
  sessionId: 'x-session-id',
  agentId: 'x-agent-id',
  requestId: 'x-request-id',
  traceparent: 'traceparent',
} as const;

export const EVENT_TYPES = [
  'issue.created',
  'issue.updated',
  'issue.closed',
  'issue.deleted',
  'project.created',
  'project.updated',
  'worktree.updated',
  'task.started',
  'task.completed',
  'task.failed',
  'task.progress',
  'phase.started',
  'phase.completed',
  'orchestration.progress',
  'project.completed',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const ERROR_CODES = [
  'TT_URL_INVALID',
  'TT_OPTIONS_INVALID',
  'TT_CALL_INVALID',
  'TT_EVENT_INVALID',
  'TT_EVENT_TOO_LARGE',
  'TT_QUERY_INVALID',
  'TT_WORKSPACE_INVALID',
  'TT_RECORD_NOT_FOUND',
  'TT_STORE_UNAVAILABLE',
  'TT_STORE_TIMEOUT',
  'TT_STORE_FAILED',
  'TT_STORE_PATH',
  'TT_CLOSED',
  'TT_PANIC',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];
