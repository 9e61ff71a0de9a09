// Compares what a player says it called with what the trail holds.
import { readFileSync } from 'node:fs';
import { check } from './report.mjs';

/** The calls in a player's manifest. */
export function readManifest(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** Every page of a query; `next(cursor)` gives one page. */
export async function allPages(next) {
  const items = [];
  let pages = 0;
  let cursor;
  do {
    const page = await next(cursor);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
    pages += 1;
  } while (cursor && pages < 1000);
  return items;
}

/** Reports whether each call is there exactly once, as it was answered, and nothing else besides the trail's own records. */
export function checkExactlyOnce(where, calls, records) {
  const ofCalls = records.filter((record) => !record.operation_type.startsWith('audit.'));
  const byRequest = Map.groupBy ? Map.groupBy(ofCalls, (r) => r.request_id) : group(ofCalls, (r) => r.request_id);
  const missing = calls.filter((call) => !byRequest.has(call.requestId));
  const repeated = [...byRequest].filter(([, found]) => found.length > 1);
  const made = new Set(calls.map((call) => call.requestId));
  const strangers = ofCalls.filter((record) => !made.has(record.request_id));
  check(
    `${where}: each of ${calls.length} state-changing calls is stored exactly once`,
    calls.length > 0 &&
      missing.length === 0 &&
      repeated.length === 0 &&
      strangers.length === 0 &&
      ofCalls.length === calls.length,
    `${ofCalls.length} records, ${missing.length} calls missing (${sample(missing.map((c) => `${c.tool ?? `${c.method} ${c.path} ${c.status}`}`))}), ` +
      `${repeated.length} repeated, ${strangers.length} not called (${sample(strangers.map((r) => r.operation_type))})`,
  );
  const different = calls.filter((call) => {
    const [record] = byRequest.get(call.requestId) ?? [];
    if (!record) return false;
    // Who calls by MCP knows the tool, not the request.
    const same = call.tool || (record.http_method === call.method && record.response_status === call.status);
    return !same || (call.auditId !== undefined && call.auditId !== record.audit_id);
  });
  check(
    `${where}: each record is its call's`,
    different.length === 0,
    `${different.length} differ, such as ${JSON.stringify(different[0])} against ${JSON.stringify(byRequest.get(different[0]?.requestId)?.[0])}`,
  );
}

function group(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function sample(texts) {
  return texts.slice(0, 3).join(', ') || 'none';
}
