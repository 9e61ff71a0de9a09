// Generated from src/ by `npm run build:ts`; do not edit.

/**
 * What became of the call or event.
 */
export type Outcome = "success" | "failure" | "denied" | "aborted" | "unknown";
/**
 * What kind of actor made the call.
 */
export type ActorType = "api_key" | "user" | "agent" | "system" | "anonymous";
/**
 * The way in which the call or event came.
 */
export type Channel = "http" | "mcp" | "agent" | "system";
/**
 * How much of a call is kept.
 */
export type Level = "none" | "metadata" | "summary";
/**
 * Why a call or task failed.
 */
export type RecordError = {
	/**
	 * Stable, machine-readable, at most 256 bytes; null when the source has none.
	 */
	code: string | null;
	/**
	 * For people; sanitized, at most 2 KiB.
	 */
	message: string;
};
/**
 * One rule that fired: which, where, how often. It never says what was there.
 */
export type Redaction = {
	/**
	 * Id of the rule, for example `key:password`.
	 */
	rule: string;
	/**
	 * Where it first fired: dotted path, `request_summary.user.password`.
	 */
	path: string;
	/**
	 * How many values it changed.
	 */
	count: number;
};
/**
 * The receipt of the sanitizer: proof that, where and by which rule something was cut out.
 */
export type Receipt = {
	/**
	 * Rules that fired, at most 32.
	 */
	rules: Redaction[];
	/**
	 * Size of the body as it came, in bytes; null when there was none.
	 */
	original_bytes: number | null;
	/**
	 * Whether anything was cut for length or because the body was not valid JSON to its end.
	 */
	truncated: boolean;
};
/**
 * What is stored for one state-changing call, one progress event, or one act of the trail itself.
 *
 * Field names are the wire's (snake_case). Free text is sanitized and bounded; a record encodes to at most 64 KiB. Times are whole
 * milliseconds in UTC, from the year 0000 to 9999; whole numbers stay within 2^53-1.
 */
export type AuditRecord = {
	/**
	 * Id, UUIDv7, or UUIDv8 for an event that its client named. Unique in the store.
	 */
	audit_id: string;
	/**
	 * Version of the shape that the writer wrote; 1 when it does not say.
	 */
	schema_version: number;
	/**
	 * When it happened: the beginning of a call, or what an event says.
	 */
	timestamp: string;
	/**
	 * When the writer took it in; retention counts from here.
	 */
	recorded_at: string;
	/**
	 * When it may be deleted; null keeps it for ever.
	 */
	expires_at: string | null;
	/**
	 * Which open trail wrote it; new at each open.
	 */
	writer_id: string;
	/**
	 * Position among that writer's records, from 1 to 2^53-1 without holes: a hole is covered by an `audit.gap` record.
	 */
	seq: number;
	/**
	 * What was done: `task.started`, `issue.updated`, `widget.created`; at most 128 bytes.
	 */
	operation_type: string;
	/**
	 * What became of it.
	 */
	outcome: Outcome | (string & {});
	/**
	 * Why it failed; null on success.
	 */
	error: RecordError | null;
	/**
	 * Path and sanitized query string, at most 2 KiB; null for what came by no endpoint.
	 */
	api_endpoint: string | null;
	/**
	 * HTTP method in capitals: POST, PUT, PATCH or DELETE; at most 16 bytes. Null for what came by no endpoint.
	 */
	http_method: string | null;
	/**
	 * HTTP status of the response; null when none was sent.
	 */
	response_status: number | null;
	/**
	 * From the call's first byte to the response's end, in milliseconds with fractions, 0 or more; null when nobody measured.
	 */
	duration_ms: number | null;
	/**
	 * Whose workspace, at most 256 bytes; `"unknown"` when nobody said.
	 */
	workspace_id: string;
	/**
	 * Workspace that launched the run, at most 256 bytes, where it is another one.
	 */
	origin_workspace_id: string | null;
	/**
	 * Git worktree in which the work happens: a path as its client writes it, at most 1 KiB.
	 */
	worktree_path: string | null;
	/**
	 * Project, 0 to 2^53-1.
	 */
	project_number: number | null;
	/**
	 * Phase within the project, 0 to 2^53-1.
	 */
	phase_number: number | null;
	/**
	 * Work item within the phase, at most 256 bytes.
	 */
	work_item_id: string | null;
	/**
	 * Task of the host, at most 256 bytes.
	 */
	task_id: string | null;
	/**
	 * Session of the host, at most 256 bytes.
	 */
	session_id: string | null;
	/**
	 * Orchestration run, at most 256 bytes.
	 */
	run_id: string | null;
	/**
	 * Agent on whose behalf it was done, at most 256 bytes.
	 */
	agent_id: string | null;
	/**
	 * Who: a key's fingerprint (`key_…`), a user or an agent, at most 256 bytes; `"anonymous"` when nobody was identified.
	 */
	actor: string;
	/**
	 * Kind of actor.
	 */
	actor_type: ActorType | (string & {});
	/**
	 * Kind of thing acted on, for example `task`; at most 256 bytes.
	 */
	target_type: string | null;
	/**
	 * Which one, at most 256 bytes.
	 */
	target_id: string | null;
	/**
	 * The way it came.
	 */
	channel: Channel | (string & {});
	/**
	 * Address of the client, at most 64 bytes.
	 */
	client_ip: string | null;
	/**
	 * User agent of the client, at most 512 bytes.
	 */
	user_agent: string | null;
	/**
	 * Request id of client or host, at most 256 bytes.
	 */
	request_id: string | null;
	/**
	 * Trace id of the W3C `traceparent`, 32 hex digits.
	 */
	trace_id: string | null;
	/**
	 * Name of the host service, at most 256 bytes.
	 */
	service: string | null;
	/**
	 * Which instance of it, at most 256 bytes.
	 */
	instance_id: string | null;
	/**
	 * Sanitized body as JSON, at most 4 KiB.
	 */
	request_summary: unknown;
	/**
	 * What else the source said, sanitized, at most 16 KiB of JSON; for an event, its data.
	 */
	metadata: Record<string, unknown> | null;
	/**
	 * What the sanitizer did; null when it changed nothing.
	 */
	redactions: Receipt | null;
};
/**
 * Why a call failed, as the host saw it.
 */
export type CallError = {
	/**
	 * Stable, machine-readable.
	 */
	code?: string;
	/**
	 * For people.
	 */
	message: string;
};
/**
 * What a call acted on, when the host knows better than the route.
 */
export type CallTarget = {
	/**
	 * Kind of thing, for example `task`.
	 */
	type?: string;
	/**
	 * Which one.
	 */
	id?: string;
};
/**
 * One state-changing call as a host saw it. Only `method` and `path` are required; all text is sanitized and bounded before
 * it is stored. The same shape without method and path is the context of an event.
 */
export type Call = {
	/**
	 * POST, PUT, PATCH or DELETE.
	 */
	method: string;
	/**
	 * Path with query string, as it was requested.
	 */
	path: string;
	/**
	 * The route that matched, as a template: `/tasks/:id/start`.
	 */
	route?: string;
	/**
	 * The values of the template's parameters.
	 */
	params?: {
		[key in string]: string;
	};
	/**
	 * HTTP status of the response.
	 */
	status?: number;
	/**
	 * How long it took, in milliseconds.
	 */
	durationMs?: number;
	/**
	 * When it began: RFC 3339 or milliseconds since 1970; now when absent.
	 */
	timestamp?: string | number;
	/**
	 * The client hung up before the response ended.
	 */
	aborted?: boolean;
	/**
	 * Workspace of the client.
	 */
	workspaceId?: string;
	/**
	 * Git worktree of the client.
	 */
	worktreePath?: string;
	/**
	 * Workspace that launched the run.
	 */
	originWorkspaceId?: string;
	/**
	 * Orchestration run.
	 */
	runId?: string;
	/**
	 * Session of the host.
	 */
	sessionId?: string;
	/**
	 * Agent on whose behalf it was made.
	 */
	agentId?: string;
	/**
	 * Request id of client or host.
	 */
	requestId?: string;
	/**
	 * W3C `traceparent` header.
	 */
	traceparent?: string;
	/**
	 * Project, 0 to 2^53-1.
	 */
	projectNumber?: number;
	/**
	 * Task of the host.
	 */
	taskId?: string;
	/**
	 * Phase within the project.
	 */
	phaseNumber?: number;
	/**
	 * Work item within the phase.
	 */
	workItemId?: string;
	/**
	 * Operation type, when the host knows better than the route.
	 */
	operation?: string;
	/**
	 * What it acted on, when the host knows better than the route.
	 */
	target?: CallTarget;
	/**
	 * Who made it, as the host identified them.
	 */
	actor?: string;
	/**
	 * Kind of actor.
	 */
	actorType?: ActorType;
	/**
	 * The API key presented. Only a fingerprint of it is ever kept.
	 */
	apiKey?: string;
	/**
	 * The way it came; `http` when absent.
	 */
	channel?: Channel;
	/**
	 * Address of the client.
	 */
	clientIp?: string;
	/**
	 * User agent of the client.
	 */
	userAgent?: string;
	/**
	 * Why it failed.
	 */
	error?: CallError;
	/**
	 * The body as JSON, where the host has no raw bytes of it.
	 */
	body?: unknown;
	/**
	 * Content type of the body.
	 */
	contentType?: string;
	/**
	 * Size of the whole body in bytes, when only its beginning is handed over.
	 */
	bodyBytes?: number;
	/**
	 * How much to keep; what the rule for its route says when absent.
	 */
	level?: Level;
	/**
	 * What else the host wants on the record.
	 */
	metadata?: Record<string, unknown>;
};
/**
 * A rule for calls of one route: what they do, whose fields their parameters fill, and how much of them is kept. Rules are asked in
 * order, before those for the routes of the seed's system; the first that says a thing decides it.
 */
export type OperationRule = {
	/**
	 * Its methods, `"POST PUT"` or `["POST", "PUT"]`; all when absent.
	 */
	methods?: string | Array<string>;
	/**
	 * Its path, as a template: `/widgets/:id/publish`, `/widgets/{id}/publish`, `/internal/*`. It also matches behind a prefix
	 * such as `/api/v1`. The case of letters does not matter. At most 24 segments and 1,024 bytes.
	 */
	path: string;
	/**
	 * What such a call does: two lower-case words with a dot, `widget.published`, at most 128 bytes. Without it later rules say so.
	 */
	operation?: string;
	/**
	 * Kind of thing acted on; the first word of `operation` when absent. Which one is the value of the parameter that is named
	 * after it (`:widget`, `:widgetId`), stands behind it (`/widgets/:id`), or is the first.
	 */
	target?: string;
	/**
	 * Fields of the record that parameters fill, by field: `{ "taskId": "id" }`; `targetId` is the target's. Parameters that are named like a field, or stand
	 * behind its word (`/tasks/:id`), fill it anyway.
	 */
	fields?: Record<string, string>;
	/**
	 * How much of such a call is kept. Without it later rules say so; `summary` when none does.
	 */
	level?: Level;
};
/** A call to be described. */
export interface OperationRequest {
	method: string;
	/** As it was requested, with or without query string. */
	path: string;
	/** The template that matched it: `/tasks/:id/start`. */
	route?: string;
	/** The values of the template's parameters. */
	params?: Record<string, string>;
	body?: unknown;
	/** Rules that go before those that ship. */
	operations?: OperationRule[];
}
/** What a call did, to what and whose; null where nothing says so. */
export interface OperationDescription {
	operationType: string;
	targetType: string | null;
	targetId: string | null;
	taskId: string | null;
	sessionId: string | null;
	projectNumber: number | null;
	phaseNumber: number | null;
	workItemId: string | null;
	workspaceId?: string;
	originWorkspaceId?: string;
	worktreePath?: string;
	runId?: string;
	/** How much of the call is kept, where a rule says so. */
	level?: Level;
}
/**
 * Where the words of a key rule must stand in a name.
 */
export type KeyPlace = "anywhere" | "end" | "whole";
/**
 * What a rule does with what it finds.
 */
export type SanitizerAction = "remove" | "mask" | "hash" | "keep";
/**
 * One rule of a host's. Exactly one of `key`, `value` and `rule` says what it looks for; with none of them it is everything at `where`.
 */
export type SanitizerRule = {
	/**
	 * Its name in receipts and errors: 1 to 64 of `a-z`, `0-9`, `_`, `.`, `-`.
	 */
	id: string;
	/**
	 * Which places it holds for, as a selector such as `request_summary.**.email`; everywhere when absent. The first part is the
	 * record's field; `*` stands for one name or array position, `**` for any number of them, `\` takes the next character as it is.
	 */
	where?: string;
	/**
	 * Words of a name whose value it takes: `badge number` is found in `employeeBadgeNumber`, `BADGE_NUMBER` and `badge-number`.
	 */
	key?: string;
	/**
	 * Where in the name the words of `key` must stand. Default `anywhere`.
	 */
	place?: KeyPlace;
	/**
	 * Pattern of a secret wherever it stands in a text: regular expressions without going back (no `.`, `^`, `$`; repetition keeps all
	 * that it took), between word boundaries.
	 */
	value?: string;
	/**
	 * Pattern of what must stand in front of `value`; it stays.
	 */
	after?: string;
	/**
	 * Fewest bits of entropy per character that `value` must have, 0 to 8. Default 0.
	 */
	entropy?: number;
	/**
	 * Id of a rule that ships (`key:password`, `value:email`): `action` says what becomes of its finds, and a rule that is off is on.
	 */
	rule?: string;
	/**
	 * What becomes of it. Default `remove`.
	 */
	action?: SanitizerAction;
};
/**
 * A host's rules, which go before those that ship, and bounds. The first rule that matches decides.
 */
export type SanitizerPolicy = {
	/**
	 * At most 200.
	 */
	rules?: Array<SanitizerRule>;
	/**
	 * Bound of a body's summary in bytes of JSON, 256 to 12,288. Default 4,096.
	 */
	summaryBytes?: number;
	/**
	 * Bound of a record's metadata in bytes of JSON, 256 to 16,384. Default 16,384.
	 */
	metadataBytes?: number;
};
/** A policy where there is no trail. */
export interface PurePolicy extends SanitizerPolicy {
	/** Keys the action `hash`. */
	hashKey?: string;
}
/**
 * When [`crate::Trail::record`] has done its part, and so what an accident can cost; `docs/guarantees.md` has the table.
 */
export type Mode = "relaxed" | "durable" | "strict";
/**
 * What gives way when the spool is full.
 */
export type WhenFull = "keep" | "dropOldest";
/**
 * Settings of a trail; each has a default.
 */
export type TrailOptions = {
	/**
	 * Name of the host service, on every record; at most 256 bytes.
	 */
	service?: string;
	/**
	 * Which instance of it; at most 256 bytes.
	 */
	instanceId?: string;
	/**
	 * How long opening may take, in milliseconds. Default 5,000.
	 */
	openTimeoutMs?: number;
	/**
	 * Open even while the store is away: what comes is kept in memory and sent once it is reached. Default false.
	 */
	degradedStart?: boolean;
	/**
	 * Days for which records are kept; null keeps them for ever. Default 90.
	 */
	retentionDays?: number | null;
	/**
	 * Key of the actor fingerprints. Without it they are stable but not secret to who can guess keys.
	 */
	hashKey?: string;
	/**
	 * Key of the API at an `http:` or `https:` store, sent as `X-Api-Key`: 1 to 1,024 visible ASCII characters. Default the
	 * environment's STATE_TRACKING_API_KEY. Other stores do not look at it.
	 */
	apiKey?: string;
	/**
	 * Rules of the sanitizer that go before those that ship, and bounds of what it keeps.
	 */
	sanitizer?: SanitizerPolicy;
	/**
	 * How long the records of a workspace are kept, by its id: days, or null for ever (a legal hold). Others follow `retentionDays`.
	 */
	retentionByWorkspace?: Record<string, number | null>;
	/**
	 * What an accident can cost. Default "relaxed".
	 */
	mode?: Mode;
	/**
	 * Folder of the spool, which keeps records on disk while the store cannot take them; created when it lacks. Several trails
	 * may share one. Default none.
	 */
	spool?: string;
	/**
	 * Bytes of records that the trail's own file in the spool may hold, 1 MiB to 1 TiB. Default 1 GiB.
	 */
	spoolMaxBytes?: number;
	/**
	 * What gives way when the spool is full. Default "keep".
	 */
	spoolWhenFull?: WhenFull;
	/**
	 * Bytes of memory for records that wait, 1 MiB to 4 GiB. Default 64 MiB.
	 */
	queueMaxBytes?: number;
	/**
	 * Records that are kept in memory while the store cannot take them, 100 to 1,000,000. Default 10,000.
	 */
	fallbackCapacity?: number;
	/**
	 * Records of one write, 1 to 10,000. Default 500.
	 */
	batchSize?: number;
	/**
	 * How long a batch is gathered, in milliseconds, at most 10,000. Default 50.
	 */
	batchDelayMs?: number;
	/**
	 * How often the progress of one task (`task.progress`) becomes a record, in milliseconds, at most 60,000: the first at once, and then
	 * the newest of each interval. 0 makes a record of each. Default 1,000.
	 */
	progressIntervalMs?: number;
	/**
	 * Rules for the host's own routes: what their calls do and how much of them is kept. They come before those for the routes of
	 * the seed's system.
	 */
	operations?: Array<OperationRule>;
};
/**
 * Records lost, by reason.
 */
export type Dropped = {
	/**
	 * Memory was full; the oldest went.
	 */
	queueFull: number;
	/**
	 * The spool was full and the oldest on disk had to go (`spoolWhenFull: "dropOldest"`).
	 */
	spoolFull: number;
	/**
	 * A file of the spool was damaged.
	 */
	spoolDamaged: number;
	/**
	 * The trail was closed already, or its deadline for closing passed.
	 */
	closed: number;
	/**
	 * The writer had failed.
	 */
	poisoned: number;
};
/**
 * Records left out on purpose, by reason.
 */
export type Skipped = {
	/**
	 * The route's level is `none`.
	 */
	level: number;
	/**
	 * What the recorder itself said or did: it never records itself.
	 */
	own: number;
	/**
	 * Progress that newer progress of the same task has overtaken before it was recorded.
	 */
	coalesced: number;
};
/**
 * Counts of one open trail:
 * `seen + adopted = stored + queued + inFlight + spooled + deadLettered + dropped + skipped`, each counted on its own, at any instant.
 */
export type Ledger = {
	/**
	 * Records that hosts handed over, and those of the trail about itself.
	 */
	seen: number;
	/**
	 * Records that a dead process had left in the spool and this trail took over.
	 */
	adopted: number;
	/**
	 * Records that the store holds, repeats of what it held already included.
	 */
	stored: number;
	/**
	 * Records that wait in memory.
	 */
	queued: number;
	/**
	 * Records of batches on their way to the store, retries included, that are on no disk.
	 */
	inFlight: number;
	/**
	 * Records on disk which the store has not acknowledged.
	 */
	spooled: number;
	/**
	 * Records that the store refuses for good.
	 */
	deadLettered: number;
	/**
	 * Records lost, by reason.
	 */
	dropped: Dropped;
	/**
	 * Records left out on purpose, by reason.
	 */
	skipped: Skipped;
	/**
	 * Of those stored, repeats that the store held already.
	 */
	duplicates: number;
	/**
	 * Of those seen, records for which nobody said a workspace.
	 */
	unknownWorkspace: number;
};
/**
 * Values by size, in the form of a Prometheus histogram.
 */
export type Histogram = {
	/**
	 * Upper bounds, inclusive; a last one, without bound, is understood.
	 */
	bounds: Array<number>;
	/**
	 * Values at or under each bound and over the one before it, and last those over all of them.
	 */
	counts: Array<number>;
	/**
	 * Sum of the values.
	 */
	sum: number;
};
/**
 * What a trail measures of itself; beside the [`super::Ledger`], which counts records.
 */
export type Metrics = {
	/**
	 * Bytes of records that wait in memory, now.
	 */
	queuedBytes: number;
	/**
	 * Bytes of records on disk, now.
	 */
	spooledBytes: number;
	/**
	 * Tries to bring a batch to the store that failed or took too long.
	 */
	failedInserts: number;
	/**
	 * Times that the store went away.
	 */
	outages: number;
	/**
	 * Commits to the spool.
	 */
	spoolCommits: number;
	/**
	 * Records of a batch for the store.
	 */
	batchSize: Histogram;
	/**
	 * Time that the store took for a batch, in milliseconds.
	 */
	insertMs: Histogram;
	/**
	 * Time from a record's arrival until it was stored, in milliseconds.
	 */
	lagMs: Histogram;
};
/**
 * How the store is.
 */
export type StoreHealth = "open" | "away" | "connecting";
/**
 * How much the store holds, as it was found when it was last looked at; null for what the store cannot tell.
 */
export type StoreSize = {
	/**
	 * Records, those included that have expired and are not deleted yet.
	 */
	records: number | null;
	/**
	 * Whether their number is an estimate.
	 */
	recordsIsEstimate: boolean;
	/**
	 * Bytes on disk, indexes included; of memory, for a store in memory.
	 */
	bytes: number | null;
	/**
	 * Of these, bytes of indexes.
	 */
	indexBytes: number | null;
	/**
	 * When that was: RFC 3339.
	 */
	at: string;
	/**
	 * Bytes a day by which it grew, over the last day or what is known of it; null in the first hour. Negative when it shrinks.
	 */
	bytesPerDay: number | null;
};
/**
 * A record that an API will never take.
 */
export type RefusedRecord = {
	/**
	 * Its position in the delivery, from 0.
	 */
	index: number;
	/**
	 * Why, as [`Code::as_str`] has it.
	 */
	code: string;
	/**
	 * Why, for people.
	 */
	message: string;
};
/**
 * What became of a delivery. `stored + duplicates + refused.len()` is the number of its records.
 */
export type Ingested = {
	/**
	 * Records that the API took now.
	 */
	stored: number;
	/**
	 * Records that it had already: an earlier try had reached it.
	 */
	duplicates: number;
	/**
	 * Whether what it took is safe there. Otherwise its sender keeps it and sends it again.
	 */
	durable: boolean;
	/**
	 * Records that it will never take.
	 */
	refused: Array<RefusedRecord>;
};
/**
 * The ledger and what it belongs to.
 */
export type Stats = {
	/**
	 * What the trail measures of itself.
	 */
	metrics: Metrics;
	/**
	 * This open trail.
	 */
	writerId: string;
	/**
	 * The store, without credentials.
	 */
	storeUrl: string;
	/**
	 * How it is.
	 */
	store: StoreHealth;
	/**
	 * Share of the records seen and not left out whose workspace is known, 0 to 1; null before the first.
	 */
	workspaceCoverage: number | null;
	/**
	 * How much the store holds, looked at once a minute; null before the first look, and for a store that cannot tell (another
	 * Tasktrail's API).
	 */
	size: StoreSize | null;
	/**
	 * Records that hosts handed over, and those of the trail about itself.
	 */
	seen: number;
	/**
	 * Records that a dead process had left in the spool and this trail took over.
	 */
	adopted: number;
	/**
	 * Records that the store holds, repeats of what it held already included.
	 */
	stored: number;
	/**
	 * Records that wait in memory.
	 */
	queued: number;
	/**
	 * Records of batches on their way to the store, retries included, that are on no disk.
	 */
	inFlight: number;
	/**
	 * Records on disk which the store has not acknowledged.
	 */
	spooled: number;
	/**
	 * Records that the store refuses for good.
	 */
	deadLettered: number;
	/**
	 * Records lost, by reason.
	 */
	dropped: Dropped;
	/**
	 * Records left out on purpose, by reason.
	 */
	skipped: Skipped;
	/**
	 * Of those stored, repeats that the store held already.
	 */
	duplicates: number;
	/**
	 * Of those seen, records for which nobody said a workspace.
	 */
	unknownWorkspace: number;
};
/**
 * What a folder belongs to.
 */
export type WorkspaceKind = "repository" | "worktree" | "submodule" | "bare" | "folder";
/**
 * The workspace of a folder. Its paths are this machine's own: they are for showing and for `X-Worktree-Path`; the id tells nothing of them.
 */
export type Workspace = {
	/**
	 * `ws_` and 26 characters of base32: of the git common folder, which all worktrees of a clone share, or of the folder outside git.
	 */
	workspaceId: string;
	/**
	 * What the folder belongs to.
	 */
	kind: WorkspaceKind;
	/**
	 * Absolute path, with forward slashes: top of the working tree, a bare repository's own folder, or the folder outside git.
	 */
	root: string;
	/**
	 * Top of the working tree, for `X-Worktree-Path`; null where there is none.
	 */
	worktreePath: string | null;
	/**
	 * The branch that is checked out; null with a detached `HEAD`, outside git, and where git keeps it in a reftable.
	 */
	branch: string | null;
	/**
	 * What was found broken and how it was taken, for people; empty as a rule.
	 */
	warnings: Array<string>;
};
/** A question to the history; every filter narrows. */
export interface HistoryQuery {
	/** Records of this workspace, its worktrees, and the runs that it launched. */
	workspaceId?: string;
	/** Records of this project. */
	projectNumber?: number | string;
	/** Records of this type or one of these; `task.*` takes all that begin with `task.`. */
	operationType?: string | string[];
	/** Records of this task. */
	taskId?: string;
	/** Records of this session. */
	sessionId?: string;
	/** Records of this run. */
	runId?: string;
	/** Records of this actor. */
	actor?: string;
	/** Records with this outcome. */
	outcome?: Outcome;
	/** Earliest time, inclusive: RFC 3339, a date, or milliseconds since 1970. */
	startTime?: string | number;
	/** Latest time, exclusive. */
	endTime?: string | number;
	/** Oldest or newest first; newest first by default. */
	order?: "asc" | "desc";
	/** Items on a page: 50 by default, clamped to 200. */
	limit?: number | string;
	/** Records to skip; a cursor is quicker and stable. */
	offset?: number | string;
	/** The `nextCursor` of an earlier page. */
	cursor?: string;
	/** Catch up by arrival, oldest first: `0`, `now` (no items, and where to go on), or the `nextCursor` of a page read with `after`. */
	after?: string;
}
/** One page of the history. */
export interface Page {
	items: AuditRecord[];
	/** Records that match; a lower bound when `totalIsLowerBound`. */
	total: number;
	totalIsLowerBound?: boolean;
	limit: number;
	offset: number;
	/** Where the next page begins; null at the end. */
	nextCursor: string | null;
}
/** Consecutive entries of one live room. */
export interface LiveBatch {
	room: string;
	/** Numbers are comparable only within one epoch. */
	epoch: string;
	/** Number of the first entry; the next message's is `seq + entries.length`. */
	seq: number;
	/** Whether something that was asked for is gone from the ring and must come from REST. */
	missed: boolean;
	/** How many entries were lost, where that is known. */
	lagged?: number;
	entries: AuditRecord[];
}
/** Data of each event type; unknown fields are kept. */
export interface EventData {
	/** An issue was made. */
	"issue.created": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** An issue was changed. */
	"issue.updated": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** An issue was closed. */
	"issue.closed": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** An issue was deleted. */
	"issue.deleted": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** A project was made. */
	"project.created": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** A project was changed. */
	"project.updated": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** A worktree was changed. */
	"worktree.updated": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** Work on an item began. */
	"task.started": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Phase within the project, 0 to 2^53-1. */
		phaseNumber: number;
		/** Work item within the phase, at most 256 bytes. */
		workItemId: string | number;
		/** Title of the work item, at most 16 KiB. */
		workItemTitle: string;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** Work on an item came to a good end. */
	"task.completed": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Phase within the project, 0 to 2^53-1. */
		phaseNumber: number;
		/** Work item within the phase, at most 256 bytes. */
		workItemId: string | number;
		/** Title of the work item, at most 16 KiB. */
		workItemTitle: string;
		/** What came of it: a text, or any JSON. */
		result?: unknown;
		/** Files that it changed: at most 1,000 paths of at most 4 KiB each. */
		filesChanged?: string[];
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** Work on an item failed. */
	"task.failed": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Phase within the project, 0 to 2^53-1. */
		phaseNumber: number;
		/** Work item within the phase, at most 256 bytes. */
		workItemId: string | number;
		/** Title of the work item, at most 16 KiB. */
		workItemTitle: string;
		/** Why it failed: a text, or an object with `code` and `message`. */
		error: unknown;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** Work on an item goes on. */
	"task.progress": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Phase within the project, 0 to 2^53-1. */
		phaseNumber: number;
		/** Work item within the phase, at most 256 bytes. */
		workItemId: string | number;
		/** What is going on, for people; at most 16 KiB. */
		message?: string;
		/** How far it is, 0 to 100. */
		percent?: number;
		/** Title of the work item, at most 16 KiB. */
		workItemTitle?: string;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** A phase began. */
	"phase.started": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Phase within the project, 0 to 2^53-1. */
		phaseNumber: number;
		/** Name of the phase, at most 16 KiB. */
		phaseName: string;
		/** Work items in all. */
		totalItems: number;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** A phase ended. */
	"phase.completed": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Phase within the project, 0 to 2^53-1. */
		phaseNumber: number;
		/** Name of the phase, at most 16 KiB. */
		phaseName: string;
		/** Work items completed so far. */
		completedItems: number;
		/** Work items in all. */
		totalItems: number;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** How far the whole orchestration is. */
	"orchestration.progress": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Phases in all. */
		totalPhases: number;
		/** Phases completed so far. */
		completedPhases: number;
		/** Work items in all. */
		totalItems: number;
		/** Work items completed so far. */
		completedItems: number;
		/** Work items that are being worked on. */
		inProgressItems: number;
		/** Work items that failed. */
		failedItems: number;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
	/** A project is done. */
	"project.completed": {
		/** Project, 0 to 2^53-1. */
		projectNumber: number;
		/** Work items completed so far. */
		completedItems?: number;
		/** Work items in all. */
		totalItems?: number;
		/** How long it took, in milliseconds. */
		durationMs?: number;
		/** Agent that did it, at most 256 bytes. */
		agentId?: string | number;
		/** Agent that sent that agent, at most 256 bytes. */
		parentAgentId?: string | number;
		/** Workspace in which it happened, at most 256 bytes. */
		workspaceId?: string | number;
		/** Git worktree in which it happened, at most 4 KiB. */
		worktreePath?: string;
		/** Workspace that launched the run, at most 256 bytes. */
		originWorkspaceId?: string | number;
		/** Orchestration run, at most 256 bytes. */
		runId?: string | number;
		/** Session of the host, at most 256 bytes. */
		sessionId?: string | number;
		/** Task of the host, at most 256 bytes. */
		taskId?: string | number;
		[field: string]: unknown;
	};
}
/** Type of a progress event. */
export type EventType = keyof EventData;
/** A progress event as `POST /api/events/project` takes it. */
export type ProjectEvent<T extends EventType = EventType> = {
	[K in T]: {
		type: K;
		data: EventData[K];
		/** When it happened; now when absent. */
		timestamp?: string | number;
		/** The client's own name for it, which makes sending it again harmless. */
		eventId?: string;
	};
}[T];
/** The answer to an accepted event. */
export interface EventAccepted {
	accepted: true;
	type: EventType;
	projectNumber: number;
	timestamp: string;
	auditId: string;
	/** Its number among the trail's records; null while it is kept back. */
	seq: number | null;
	/** Whether it is on disk or in the store; otherwise keep it and send it again with the same `eventId`, unless it is `coalesced`. */
	durable: boolean;
	/** There for progress that is kept back for a moment: it becomes a record, unless the same task reports newer progress before that. */
	coalesced?: true;
}
/** The answer to a durable record. */
export interface DurableReceipt {
	auditId: string;
	/** Its number among this trail's records; 0 when it was skipped. */
	seq: number;
	/** Where it is safe; `skipped` when its route's level is `none`. */
	place: "spool" | "store" | "skipped";
}
/** The answer to a refused event. */
export interface EventRefused {
	accepted: false;
	error: string;
	code: ErrorCode;
	details: {
		path: string;
		message: string;
	}[];
}
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
/** HTTP headers that carry context, by the call's field that they fill. */
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
export declare const ERROR_CODES: readonly [
	"TT_URL_INVALID",
	"TT_OPTIONS_INVALID",
	"TT_CALL_INVALID",
	"TT_EVENT_INVALID",
	"TT_EVENT_TOO_LARGE",
	"TT_QUERY_INVALID",
	"TT_POLICY_INVALID",
	"TT_WORKSPACE_INVALID",
	"TT_RECORD_INVALID",
	"TT_HISTORY_INVALID",
	"TT_DELIVERY_TOO_LARGE",
	"TT_RECORD_NOT_FOUND",
	"TT_STORE_UNAVAILABLE",
	"TT_STORE_TIMEOUT",
	"TT_STORE_FAILED",
	"TT_STORE_PATH",
	"TT_SPOOL_PATH",
	"TT_SPOOL_FULL",
	"TT_SPOOL_FAILED",
	"TT_AUDIT_UNAVAILABLE",
	"TT_AUDIT_UNRECORDED",
	"TT_CLOSED",
	"TT_POISONED",
	"TT_PANIC"
];
/** Stable reason of an error. */
export type ErrorCode = (typeof ERROR_CODES)[number];
declare const FIELDS: readonly [
	"workspaceId",
	"worktreePath",
	"originWorkspaceId",
	"runId",
	"sessionId",
	"agentId",
	"projectNumber",
	"taskId",
	"phaseNumber",
	"workItemId",
	"operation",
	"target",
	"actor",
	"actorType",
	"metadata"
];
/**
 * What a handler knows better than the request: it goes onto the record of the call that is being handled, in the place of what
 * headers and route say.
 */
export type CallContext = Pick<Call, (typeof FIELDS)[number]>;
/** Whether captures are to keep contexts at hand. */
export declare function contextsAreWanted(): boolean;
/** From now on captures keep contexts at hand, for {@link Trail.context}. */
export declare function wantContexts(): void;
/** Runs something as a part of the handling of a call: for captures of a host's own. */
export declare function handling(context: CallContext, work: () => void): void;
/** Puts onto a call what its handler has said of it. */
export declare function applyContext(call: Call, context: CallContext): void;
/** How an export is written: a record a line as JSON, or RFC 4180 in which no cell can act as a formula. */
export type ExportFormat = "ndjson" | "csv";
/**
 * Everything that matches a query as text, a piece of whole lines at a time. The next piece is read from the store when it is asked
 * for, so memory stays as it is however much there is.
 */
export declare class ExportText implements AsyncIterableIterator<string> {
	#private;
	/** Records that were given out so far. */
	get records(): number;
	/** Where another export with the same filters goes on, behind all that was given out. */
	get cursor(): string | null;
	/** @throws TasktrailError as `Trail.query`; asked again, it goes on where it was. */
	next(): Promise<IteratorResult<string, undefined>>;
	[Symbol.asyncIterator](): this;
}
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
/** A running subscription. It does not keep the process alive. */
export declare class Subscription {
	#private;
	/** Ends it. No batch is delivered afterwards; more calls do nothing. */
	unsubscribe(): void;
	/** Batches that found the listener's queue full. Their records are in the store; the gap shows in `seq`. */
	get dropped(): number;
	[Symbol.dispose](): void;
}
/** A call, and its body's raw bytes or their beginning. */
export interface ToldCall {
	call: Call;
	body?: Uint8Array | undefined;
}
/** A call that says what it is when it is recorded. */
export interface LateCall {
	/** What is recorded; nothing where that was seen to otherwise. */
	tell(): ToldCall | undefined;
	/** It, or one that was recorded together with it, could not be recorded. */
	failed(fault: unknown): void;
}
/** What an export gives: everything that matches. */
export type ExportQuery = Omit<HistoryQuery, "limit" | "offset">;
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
	 * Opens a trail on a store: `memory:`, `sqlite:path/to/audit.db`, `mongodb://…/db`, `mongodb+srv://…/db`, or another
	 * Tasktrail's API, `http://localhost:8167` (with the option `apiKey`).
	 *
	 * @throws TasktrailError `TT_URL_INVALID`, `TT_OPTIONS_INVALID`, `TT_STORE_PATH` (the path cannot be written),
	 *   `TT_STORE_UNAVAILABLE` or `TT_STORE_TIMEOUT` (within `openTimeoutMs`), `TT_STORE_FAILED` (it does not know user or key).
	 */
	static open(url: string, options?: TrailOptions): Promise<Trail>;
	/**
	 * Records one call: fire and forget. It is queued at once and written in the background; a store that is down never
	 * shows here.
	 *
	 * @param call what is known about it; only `method` and `path` are required.
	 * @param body the request body's raw bytes, or their beginning (say `bodyBytes` then); it is sanitized before it is kept.
	 * @returns the record's id.
	 * @throws TasktrailError `TT_CALL_INVALID` naming the field. A call on a closed trail is counted as dropped.
	 */
	record(call: Call, body?: Uint8Array): string;
	/**
	 * Records a call together with others: within 10 ms, sooner when 32 wait, and before anything that looks at what was recorded
	 * ({@link Trail.flush}, {@link Trail.stats}, {@link Trail.close}, the end of the process). In the modes `durable` and `strict`
	 * at once. For captures of a host's own: {@link Trail.record} costs a busy thread several times as much.
	 */
	recordTogether(late: LateCall): void;
	/**
	 * The context of the call that is being handled, to be written to: what is put here goes onto that call's record.
	 *
	 * ```ts
	 * trail.context().target = { type: 'order', id: order.id };
	 * ```
	 *
	 * It is there while a host's capture (the NestJS module's, say) has the call in its hands, in whatever that calls and awaits;
	 * elsewhere what is written is not looked at.
	 */
	context(): CallContext;
	/**
	 * Records one call as {@link Trail.record} does, at once, and resolves when its record is on disk or in the store.
	 *
	 * @throws TasktrailError `TT_CALL_INVALID` naming the field, `TT_AUDIT_UNRECORDED` when it could not be made safe within
	 *   5 s (it may still be stored later), `TT_POISONED` or `TT_CLOSED`.
	 */
	recordDurable(call: Call, body?: Uint8Array): Promise<DurableReceipt>;
	/**
	 * Whether a record that is taken now can be made safe: for hosts that would rather refuse a call than not record it.
	 *
	 * @throws TasktrailError `TT_AUDIT_UNAVAILABLE` when neither spool nor store takes writes, `TT_POISONED` or `TT_CLOSED`.
	 */
	assertReady(): void;
	/**
	 * Validates a progress event, records it and tells everybody who listens. Of much `task.progress` of one task, the first and the
	 * newest of each second (`progressIntervalMs`); an answer with `coalesced` is to one that is kept back for so long.
	 *
	 * @param event the event, or its JSON text as it came.
	 * @param context the HTTP call or agent that brought it.
	 * @throws TasktrailError `TT_EVENT_INVALID` with all faults in `details`, `TT_EVENT_TOO_LARGE`, or `TT_CLOSED`.
	 */
	emit(event: ProjectEvent | string, context?: Partial<Call>): Promise<EventAccepted>;
	/**
	 * Takes records that another trail has made: what an API does with what reaches it from a trail that was opened on its URL.
	 * Each keeps its id, so that sending again does no harm, and is cleaned by this trail's rules. Whoever may call this may
	 * write records of anybody.
	 *
	 * @param delivery `{ records }`, or its JSON text as it came.
	 * @throws TasktrailError `TT_RECORD_INVALID` for what is no delivery, `TT_DELIVERY_TOO_LARGE`, `TT_AUDIT_UNAVAILABLE` while
	 *   neither store nor spool takes anything, or `TT_CLOSED`.
	 */
	ingest(delivery: {
		records: AuditRecord[];
	} | string): Promise<Ingested>;
	/**
	 * One page of records.
	 *
	 * @throws TasktrailError `TT_QUERY_INVALID` naming the parameter, `TT_STORE_UNAVAILABLE` or `TT_STORE_TIMEOUT`.
	 */
	query(query?: HistoryQuery): Promise<Page>;
	/**
	 * Every record that matches, in the query's order, however many there are. What is inserted or deleted meanwhile moves nothing.
	 *
	 * @param query without `limit` and `offset`; a cursor is where it goes on.
	 * @throws TasktrailError as {@link Trail.query}.
	 */
	export(query?: ExportQuery): AsyncGenerator<AuditRecord, void, undefined>;
	/** As {@link Trail.export}, as text for a file or a response. */
	exportText(query?: ExportQuery, format?: ExportFormat): ExportText;
	/** One record, or `null` when no record has this id. */
	get(auditId: string): Promise<AuditRecord | null>;
	/**
	 * Listens to new records.
	 *
	 * @param after from now when left out; see {@link After}.
	 */
	subscribe(scope: Scope, onEntries: (batch: LiveBatch) => void, after?: After): Subscription;
	/** What the replay ring holds of a room, without subscribing. */
	replay(scope: Scope, after?: After): LiveBatch;
	/** The ledger and the state of the store. */
	stats(): Stats;
	/** Waits, at most `ms`, until everything recorded so far is in the store. */
	flush(ms?: number): Promise<Stats>;
	/** Flushes within `ms` and closes. Later calls throw `TT_CLOSED`; closing again does nothing. */
	close(ms?: number): Promise<Stats>;
	[Symbol.asyncDispose](): Promise<void>;
}
/** Something that the library has to say to who runs it: a loss, a damaged file, a store that refuses a record. */
export interface LogLine {
	level: "error" | "warn" | "info";
	message: string;
	/** What it is about: `code`, `lost`, `file`, …; never what was recorded. */
	fields: Record<string, unknown>;
}
/**
 * Listens to what the library says of all trails of this process, for a host's own log. It does not keep the process alive; of a
 * flood the lines that find 256 waiting are lost.
 *
 * @returns ends it.
 */
export declare function onLog(listen: (line: LogLine) => void): () => void;
/** Codes of this package beside those of the core. */
export type NodeErrorCode = ErrorCode
/** There is no addon for this platform, or its package is not installed. */
 | "TT_ADDON_MISSING"
/** The addon is there and cannot be used: it does not load, or is of another version than the package. */
 | "TT_ADDON_FAILED";
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
	readonly code: NodeErrorCode;
	/** The field, parameter or option at fault, where there is one. */
	readonly field: string | undefined;
	/** Whether the same call can succeed later without a change. */
	readonly retryable: boolean;
	/** Every fault of a refused event. */
	readonly details: readonly ErrorDetail[];
	constructor(code: NodeErrorCode, message: string, more?: {
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
/** What the sanitizer leaves of a value, as it would be recorded; by the rules that ship, or by a policy's rules before those. */
export declare function sanitize(value: unknown, policy?: PurePolicy): unknown;
/** As {@link sanitize}, with the receipt: which rules fired where and how often. */
export declare function sanitizeWithReceipt(value: unknown, policy?: PurePolicy): {
	output: unknown;
	receipt: Receipt;
};
/**
 * What a call did, to what and whose: from its method and path, the template of its route, its body, and the host's own rules.
 *
 * @throws TasktrailError `TT_CALL_INVALID`, or `TT_OPTIONS_INVALID` naming the rule.
 */
export declare function describeOperation(request: OperationRequest): OperationDescription;
/**
 * A stored or exported record as this version reads it: fields and values that a newer version wrote are kept.
 *
 * @throws TasktrailError `TT_RECORD_INVALID` naming the field.
 */
export declare function parseRecord(text: string): AuditRecord;
/** The folder of a store's spool when nobody names one: one for each store, in the user's folder for state; none for `memory:`. */
export declare function defaultSpool(url: string): string | undefined;
/** Every parameter of a history query, as REST takes it: its name, TypeScript type and meaning. */
export declare function queryParameters(): Array<{
	name: keyof HistoryQuery;
	type: string;
	description: string;
}>;
/**
 * The workspace that a folder is in: the git repository, with one id for all of its worktrees, or the folder itself outside git.
 *
 * It only reads a few files of git's and starts nothing. A `.git` that is broken is no error: the folder then stands for itself, and
 * `warnings` says why.
 *
 * @param path any folder of it, absolute or relative to the current one, or a `file:` or `vscode-remote:` URI.
 * @param options `salt`: text of at least 8 bytes in place of the user's own. That is `TASKTRAIL_SALT`, or the file `tasktrail/salt` in the
 *   user's configuration folder, made the first time.
 * @throws TasktrailError `TT_WORKSPACE_INVALID` naming `path` or `salt`.
 */
export declare function discoverWorkspace(path: string, options?: {
	salt?: string;
}): Promise<Workspace>;

export {};
