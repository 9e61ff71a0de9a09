import { extensions, version, workspace } from 'vscode';
import { VERSION } from '@tasktrail/wasm';
import type { TaskHistoryView } from './view';
import type { WindowHistory } from './window-history';

/** What helps to find out why something is not shown. No key, no path and no record is in it. */
export async function diagnostics(history: WindowHistory, view: TaskHistoryView): Promise<string> {
  const { own, settings, workspaces, faults, scene } = history;
  const connection = own?.connection;
  const time = (at: number | null | undefined): string | null => (at == null ? null : new Date(at).toISOString());
  return JSON.stringify(
    {
      extension: extensions.getExtension('stokedconsulting.tasktrail-task-history')?.packageJSON.version,
      tasktrail: VERSION,
      vscode: version,
      platform: `${process.platform} ${process.arch}, Node ${process.versions.node}`,
      trusted: workspace.isTrusted,
      folders: workspace.workspaceFolders?.map(({ uri }) => uri.scheme) ?? [],
      api: { address: settings.apiUrl, fault: settings.apiUrlFault, keySet: (await history.apiKey()) !== undefined },
      workspaces: workspaces.map(({ id, given, warnings }) => ({ id, given, warnings: warnings.length })),
      foldersWithoutWorkspace: faults.length,
      obstacle: scene.obstacle?.kind ?? null,
      view: {
        visible: view.visible,
        allWorkspaces: history.allWorkspaces,
        limit: settings.limit,
        ageMs: settings.ageMs,
      },
      connection: connection && {
        state: connection.state,
        since: time(connection.since),
        completeThrough: time(own?.completeThrough),
        saved: connection.saved ?? false,
        error: connection.error && { code: connection.error.code, message: connection.error.message },
      },
      records: own?.records.size ?? 0,
    },
    null,
    2,
  );
}
