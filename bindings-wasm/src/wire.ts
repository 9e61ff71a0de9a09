// Names and shapes of the wire, generated from the Rust core by `cargo xtask generate`. Do not edit.

/**
 * What became of the call or event.
 */
export type Outcome = 'success' | 'failure' | 'denied' | 'aborted' | 'unknown';

/**
 * What kind of actor made the call.
 */
export type ActorType = 'api_key' | 'user' | 'agent' | 'system' | 'anonymous';

/**
 * The way in which the call or event came.
 */
export type Channel = 'http' | 'mcp' | 'agent' | 'system';

/**
 * How much of a call is kept.
 */
export type Level = 'none' | 'metadata' | 'summary';

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
  params?: { [key in string]: string };
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
export type KeyPlace = 'anywhere' | 'end' | 'whole';

/**
 * What a rule does with what it finds.
 */
export type SanitizerAction = 'remove' | 'mask' | 'hash' | 'keep';

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
export type Mode = 'relaxed' | 'durable' | 'strict';

/**
 * What gives way when the spool is full.
 */
export type WhenFull = 'keep' | 'dropOldest';

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
export type StoreHealth = 'open' | 'away' | 'connecting';

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
export type WorkspaceKind = 'repository' | 'worktree' | 'submodule' | 'bare' | 'folder';

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
  order?: 'asc' | 'desc';
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
  'issue.created': {
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
  'issue.updated': {
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
  'issue.closed': {
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
  'issue.deleted': {
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
  'project.created': {
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
  'project.updated': {
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
  'worktree.updated': {
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
  'task.started': {
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
  'task.completed': {
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
  'task.failed': {
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
  'task.progress': {
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
  'phase.started': {
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
  'phase.completed': {
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
  'orchestration.progress': {
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
  'project.completed': {
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
  place: 'spool' | 'store' | 'skipped';
}

/** The answer to a refused event. */
export interface EventRefused {
  accepted: false;
  error: string;
  code: ErrorCode;
  details: { path: string; message: string }[];
}

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

/** HTTP headers that carry context, by the call's field that they fill. */
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

export const ERROR_CODES = [
  'TT_URL_INVALID',
  'TT_OPTIONS_INVALID',
  'TT_CALL_INVALID',
  'TT_EVENT_INVALID',
  'TT_EVENT_TOO_LARGE',
  'TT_QUERY_INVALID',
  'TT_POLICY_INVALID',
  'TT_WORKSPACE_INVALID',
  'TT_RECORD_INVALID',
  'TT_HISTORY_INVALID',
  'TT_DELIVERY_TOO_LARGE',
  'TT_RECORD_NOT_FOUND',
  'TT_STORE_UNAVAILABLE',
  'TT_STORE_TIMEOUT',
  'TT_STORE_FAILED',
  'TT_STORE_PATH',
  'TT_SPOOL_PATH',
  'TT_SPOOL_FULL',
  'TT_SPOOL_FAILED',
  'TT_AUDIT_UNAVAILABLE',
  'TT_AUDIT_UNRECORDED',
  'TT_CLOSED',
  'TT_POISONED',
  'TT_PANIC',
] as const;

/** Stable reason of an error. */
export type ErrorCode = (typeof ERROR_CODES)[number];
