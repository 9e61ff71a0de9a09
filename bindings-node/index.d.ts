// Generated from src/ by `npm run build:ts`; do not edit.

export type Outcome = "success" | "failure" | "denied" | "aborted" | "unknown";
export type ActorType = "api_key" | "user" | "agent" | "system" | "anonymous";
export type Channel = "http" | "mcp" | "agent" | "system";
export type Level = "none" | "metadata" | "summary";
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
	params?: {
		[key in string]?: string;
	};
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
	data: {
		projectNumber: number;
		[field: string]: unknown;
	};
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
	order?: "asc" | "desc";
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
export declare const HEADERS: {
	readonly workspaceId: "x-workspace-id";
	readonly worktreePath: "x-worktree-path";
	readonly runId: "x-run-id";
	readonly originWorkspaceId: "x-origin-workspace-id";
	readonly sessionId: "x-session-id";
	readonly agentId: "x-agent-id";
	readonly requestId: "x-request-id";
	readonly traceparent: "traceparent";
};
export declare const EVENT_TYPES: readonly [
	"issue.created",
	"issue.updated",
	"issue.closed",
	"issue.deleted",
	"project.created",
	"project.updated",
	"worktree.updated",
	"task.started",
	"task.completed",
	"task.failed",
	"task.progress",
	"phase.started",
	"phase.completed",
	"orchestration.progress",
	"project.completed"
];
export type EventType = (typeof EVENT_TYPES)[number];
export declare const ERROR_CODES: readonly [
	"TT_URL_INVALID",
	"TT_OPTIONS_INVALID",
	"TT_CALL_INVALID",
	"TT_EVENT_INVALID",
	"TT_EVENT_TOO_LARGE",
	"TT_QUERY_INVALID",
	"TT_WORKSPACE_INVALID",
	"TT_RECORD_NOT_FOUND",
	"TT_STORE_UNAVAILABLE",
	"TT_STORE_TIMEOUT",
	"TT_STORE_FAILED",
	"TT_STORE_PATH",
	"TT_CLOSED",
	"TT_PANIC"
];
export type ErrorCode = (typeof ERROR_CODES)[number];
/** What to listen to or ask for: one workspace, one project, or, with neither, everything. */
export interface Scope {
	/** Records of this workspace and of the runs that it launched. */
	workspaceId?: string;
	/** Records of this project. */
	projectNumber?: number;
}
/**
 * Where to begin: `null` from now, `'ring'` with all that the replay ring still holds, or behind the last entry seen.
 */
export type After = null | "ring" | {
	epoch: string;
	seq: number;
};
/** A batch of records of one room, in the order in which they were written. */
export interface HistoryBatch {
	/** `workspace:<id>`, `project:<n>` or `all`. */
	room: string;
	/** Changes when the room's numbering starts anew. */
	epoch: string;
	/** Number of the first entry, or of the next one to come; the next batch begins at `seq + entries.length`. */
	seq: number;
	/** Records before these that were asked for are gone from the ring (or passed a slow listener by): the store has them. */
	missed: boolean;
	/** How many, where that is known. */
	lagged?: number;
	/** The records. */
	entries: AuditRecord[];
}
/** A running subscription. It does not keep the process alive. */
export declare class Subscription {
	#private;
	/** Ends it. No batch is delivered afterwards; more calls do nothing. */
	unsubscribe(): void;
	/** Batches that found the listener's queue full. Their records are in the store; the gap shows in `seq`. */
	get dropped(): number;
	[Symbol.dispose](): void;
}
/** How a trail is opened. */
export interface TrailOptions {
	/** Name of the host service, on every record. */
	service?: string;
	/** Which instance of it, on every record. */
	instanceId?: string;
	/** How long `Trail.open` tries to reach the store; 5,000. */
	openTimeoutMs?: number;
	/** `true` opens at once and connects in the background; `false`, the default, fails when the store cannot be reached. */
	degradedStart?: boolean;
	/** Days until a record may be deleted; 90. `null` keeps records for ever. */
	retentionDays?: number | null;
	/** Keys the fingerprints of API keys, so that they cannot be guessed from outside. */
	hashKey?: string;
	/** Records held in memory while the store cannot take them, oldest dropped first; 10,000. */
	fallbackCapacity?: number;
	/** Most records in one write; 500. */
	batchSize?: number;
	/** How long a record waits for others to share its write; 50. */
	batchDelayMs?: number;
}
/** The answer to an accepted event. */
export interface EventAccepted {
	accepted: true;
	/** The event's type. */
	type: string;
	projectNumber: number;
	/** When it happened: the client's time, or that of acceptance. */
	timestamp: string;
	/** Id of its record. */
	auditId: string;
	/** Position among this writer's records. */
	seq: number | null;
	/** Whether the record was on disk or in the store before this answer; if not, keep a copy and send again. */
	durable: boolean;
}
/** Counts of every record by what became of it, and the state of the store. */
export interface TrailStats {
	/** Id of this open trail, on every record that it writes. */
	writerId: string;
	[name: string]: unknown;
}
/**
 * An open audit trail: records go in, pages and live batches come out.
 *
 * ```ts
 * const trail = await Trail.open('sqlite:audit.db');
 * trail.record({ method: 'POST', path: '/api/tasks', status: 201, workspaceId: 'ws_…' });
 * const page = await trail.query({ workspaceId: 'ws_…', limit: 20 });
 * await trail.close();
 * ```
 *
 * It does not keep the process alive. When the process exits, what is queued is written within two seconds.
 */
export declare class Trail implements AsyncDisposable {
	#private;
	private constructor();
	/**
	 * Opens a trail on a store: `memory:`, `sqlite:path/to/audit.db`, `mongodb://…/db` or `mongodb+srv://…/db`.
	 *
	 * @throws TasktrailError `TT_URL_INVALID`, `TT_OPTIONS_INVALID`, `TT_STORE_PATH` (the path cannot be written),
	 *   `TT_STORE_UNAVAILABLE` or `TT_STORE_TIMEOUT` (within `openTimeoutMs`).
	 */
	static open(url: string, options?: TrailOptions): Promise<Trail>;
	/**
	 * Records one call: fire and forget. It is queued at once and written in the background; a store that is down never
	 * shows here.
	 *
	 * @param call what is known about it; only `method` and `path` are required.
	 * @param body the request body's raw bytes, or their beginning (say `bodyBytes` then); it is sanitized before it is kept.
	 * @returns the record's id.
	 * @throws TasktrailError `TT_CALL_INVALID` naming the field, or `TT_CLOSED`.
	 */
	record(call: Call, body?: Uint8Array): string;
	/**
	 * Validates a progress event, records it and tells everybody who listens.
	 *
	 * @param event the event, or its JSON text as it came.
	 * @param context the HTTP call or agent that brought it.
	 * @throws TasktrailError `TT_EVENT_INVALID` with all faults in `details`, `TT_EVENT_TOO_LARGE`, or `TT_CLOSED`.
	 */
	emit(event: ProjectEvent | string, context?: Partial<Call>): Promise<EventAccepted>;
	/**
	 * One page of records.
	 *
	 * @throws TasktrailError `TT_QUERY_INVALID` naming the parameter, `TT_STORE_UNAVAILABLE` or `TT_STORE_TIMEOUT`.
	 */
	query(query?: HistoryQuery): Promise<Page>;
	/** One record, or `null` when no record has this id. */
	get(auditId: string): Promise<AuditRecord | null>;
	/**
	 * Listens to new records.
	 *
	 * @param after from now when left out; see {@link After}.
	 */
	subscribe(scope: Scope, onEntries: (batch: HistoryBatch) => void, after?: After): Subscription;
	/** What the replay ring holds of a room, without subscribing. */
	replay(scope: Scope, after?: After): HistoryBatch;
	/** The ledger and the state of the store. */
	stats(): TrailStats;
	/** Waits, at most `ms`, until everything recorded so far is in the store. */
	flush(ms?: number): Promise<TrailStats>;
	/** Flushes within `ms` and closes. Later calls throw `TT_CLOSED`; closing again does nothing. */
	close(ms?: number): Promise<TrailStats>;
	[Symbol.asyncDispose](): Promise<void>;
}
/** One fault in a refused input: where, and what was wrong. */
export interface ErrorDetail {
	/** Path of the field, dotted: `data.filesChanged[2]`; empty for the input as a whole. */
	path: string;
	/** What was wrong and what is expected. */
	message: string;
}
/** Every error of this package: a stable `code`, a sentence for people, the field at fault, and whether a retry can help. */
export declare class TasktrailError extends Error {
	/** Stable and machine-readable (`TT_…`), the same in every language. */
	readonly code: ErrorCode;
	/** The field, parameter or option at fault, where there is one. */
	readonly field: string | undefined;
	/** Whether the same call can succeed later without a change. */
	readonly retryable: boolean;
	/** Every fault of a refused event. */
	readonly details: readonly ErrorDetail[];
	constructor(code: ErrorCode, message: string, more?: {
		field?: string;
		retryable?: boolean;
		details?: readonly ErrorDetail[];
	});
}
/** What `validateEvent` says. */
export type EventVerdict = {
	accepted: true;
	event: ProjectEvent;
} | {
	accepted: false;
	error: string;
	code: ErrorCode;
	details: ErrorDetail[];
};
/** Checks a progress event without recording it. A string is taken as the event's JSON text. */
export declare function validateEvent(event: unknown, nowMs?: number): EventVerdict;
/** The workspace id of a folder: the same for every path spelling, different for every salt, and free of the path itself. */
export declare function deriveWorkspaceId(path: string, salt: string): string;
/** The operation type that a call gets: `operationType('POST', '/api/tasks/:id/start')` is `task.started`. */
export declare function operationType(method: string, path: string): string;
/** What the sanitizer leaves of a value, as it would be recorded. */
export declare function sanitize(value: unknown): unknown;

export {};
