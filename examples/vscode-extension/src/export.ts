// The whole history of the window's workspaces, read page by page into a file of one record a line.
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProgressLocation, Uri, window, workspace } from 'vscode';
import { TasktrailError, type TasktrailClient } from '@tasktrail/wasm/client';
import type { WindowHistory } from './window-history';

const PAGE = 200;
const DEFAULT_WAIT_MS = 1_000;
const MOST_WAITS = 20;

/** Asks where to, and exports. */
export async function exportHistory(history: WindowHistory): Promise<void> {
  const { client, workspaces } = history;
  if (!client) throw new Error('There is no history to export: the Task History says what is missing.');
  const folder = workspaces[0]?.folders[0] ?? workspace.workspaceFolders?.[0]?.uri;
  const target = await window.showSaveDialog({
    title: 'Export the history',
    ...(folder ? { defaultUri: Uri.joinPath(folder, 'task-history.ndjson') } : {}),
    filters: { 'One JSON record a line': ['ndjson', 'jsonl'] },
  });
  if (!target) return;
  if (target.scheme !== 'file')
    throw new Error(`The history can be exported to a disk only, not to ${target.scheme}:.`);
  const ids = workspaces.map(({ id }) => id);
  const options = { location: ProgressLocation.Notification, title: 'Exporting the history', cancellable: true };
  const written = await window.withProgress(options, async (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    return write(target.fsPath, client, ids, abort.signal, (count) => progress.report({ message: `${count} records` }));
  });
  if (written !== null) void window.showInformationMessage(`Exported ${written} records to ${target.fsPath}.`);
}

/** Writes under another name first: a file that is there is whole. Null when it was cancelled. */
async function write(
  path: string,
  client: TasktrailClient,
  ids: readonly string[],
  signal: AbortSignal,
  told: (count: number) => void,
): Promise<number | null> {
  const draft = `${path}.part`;
  const file = createWriteStream(draft, { mode: 0o600 });
  // A run that another workspace launched is in the history of both.
  const seen = new Set<string>();
  let count = 0;
  try {
    await once(file, 'open');
    for (const id of ids) {
      let cursor: string | undefined;
      do {
        const page = await patiently(
          () => client.workspaceHistory(id, { limit: PAGE, ...(cursor ? { cursor } : {}) }, { signal }),
          signal,
        );
        for (const record of page.items) {
          if (ids.length > 1) {
            if (seen.has(record.audit_id)) continue;
            seen.add(record.audit_id);
          }
          count++;
          if (!file.write(`${JSON.stringify(record)}\n`)) await once(file, 'drain');
        }
        told(count);
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
    }
    file.end();
    await once(file, 'close');
    await rename(draft, path);
    return count;
  } catch (fault) {
    file.destroy();
    await rm(draft, { force: true });
    if (signal.aborted) return null;
    throw fault;
  }
}

/** Waits where the API says that it was asked too often. */
async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let waits = 0; ; waits++) {
    try {
      return await work();
    } catch (fault) {
      if (!(fault instanceof TasktrailError) || fault.code !== 'TT_RATE_LIMITED' || waits >= MOST_WAITS) throw fault;
      await sleep(fault.retryAfterMs ?? DEFAULT_WAIT_MS, undefined, { signal });
    }
  }
}
