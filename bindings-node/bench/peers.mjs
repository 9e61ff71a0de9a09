// What a host writes without us, behind the same kind of hook. Each keeps fewer fields, summarizes nothing and redacts less, which is in its favour.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

const DAY_MS = 86_400_000;

/** What all of them record of a request. */
function entryOf(request, response, began, summary) {
  const { headers } = request;
  return {
    timestamp: new Date(),
    api_endpoint: request.originalUrl,
    http_method: request.method,
    workspace_id: headers['x-workspace-id'],
    worktree_path: headers['x-worktree-path'],
    project_number: request.body?.projectNumber,
    request_id: headers['x-request-id'],
    operation_type: 'task.created',
    request_summary: summary,
    response_status: response.statusCode,
    duration_ms: performance.now() - began,
    actor: 'api-key',
    expires_at: new Date(Date.now() + 90 * DAY_MS),
  };
}

function fatal(fault) {
  console.error(fault);
  process.exit(1);
}

const until = async (isDone) => {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 2));
};

/** The cheapest hook that there is: a listener that does nothing. */
async function middleware() {
  return { record: () => {}, settle: async () => {}, waiting: () => 0, stored: async () => 0 };
}

/** A model with the indexes of a hand-made audit, `create()` not awaited. */
async function mongoose(url) {
  const mongoose = require('mongoose');
  const connection = await mongoose.createConnection(url).asPromise();
  const schema = new mongoose.Schema(
    {
      timestamp: { type: Date, index: true },
      api_endpoint: String,
      http_method: String,
      workspace_id: { type: String, index: true },
      worktree_path: String,
      project_number: { type: Number, index: true },
      request_id: String,
      operation_type: String,
      request_summary: mongoose.Schema.Types.Mixed,
      response_status: Number,
      duration_ms: Number,
      actor: String,
      expires_at: { type: Date, expires: 0 },
    },
    { collection: 'audit_history', versionKey: false },
  );
  const Audit = connection.model('Audit', schema);
  await Audit.init();
  let pending = 0;
  return {
    record: (request, response, began) => {
      pending++;
      Audit.create(entryOf(request, response, began, request.body)).then(() => pending--, fatal);
    },
    settle: () => until(() => pending === 0),
    waiting: () => pending,
    stored: () => Audit.countDocuments(),
  };
}

/** pino's own redaction of five paths, into nothing. */
async function pino() {
  const pino = require('pino');
  const destination = pino.destination({ dest: '/dev/null', sync: false });
  const body = (field) => `request_summary.${field}`;
  const logger = pino(
    { redact: ['password', 'token', 'assignee.password', 'assignee.email', 'credentials.secret'].map(body) },
    destination,
  );
  let logged = 0;
  return {
    record: (request, response, began) => {
      logged++;
      logger.info(entryOf(request, response, began, request.body));
    },
    settle: async () => {},
    waiting: () => 0,
    stored: async () => logged,
  };
}

const SECRET = /pass(word|wd)?|secret|token|api_?key|authorization|cookie|credential/i;
const LONGEST = 4_096;

/** A copy without secrets, as it is written by hand. */
function redact(value, depth = 0) {
  if (typeof value === 'string') return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 8) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  const copy = {};
  for (const key of Object.keys(value)) copy[key] = SECRET.test(key) ? '[redacted]' : redact(value[key], depth + 1);
  return copy;
}

const BATCH = 500;
const LINGER_MS = 50;

/** An array that is inserted at 500 entries or after 50 ms: what a careful team writes. Its collection has our indexes. */
async function buffer(url) {
  const { Trail } = require('@tasktrail/node');
  await (await Trail.open(url)).close();
  const { mongo } = require('mongoose');
  const client = await new mongo.MongoClient(url).connect();
  const collection = client.db().collection('audit_history');
  const before = await collection.countDocuments();
  let entries = [];
  let timer;
  let pending = 0;
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    const batch = entries;
    entries = [];
    pending += batch.length;
    collection.insertMany(batch, { ordered: false }).then(() => (pending -= batch.length), fatal);
  };
  return {
    record: (request, response, began) => {
      const entry = entryOf(request, response, began, JSON.stringify(redact(request.body)));
      entry.scopes = [entry.workspace_id];
      entries.push(entry);
      if (entries.length >= BATCH) write();
      else timer ??= setTimeout(write, LINGER_MS);
    },
    settle: () => until(() => entries.length === 0 && pending === 0),
    waiting: () => entries.length + pending,
    stored: async () => (await collection.countDocuments()) - before,
  };
}

export const peers = { middleware, mongoose, pino, buffer };
