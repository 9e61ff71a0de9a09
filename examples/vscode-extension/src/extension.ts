import { readFile } from 'node:fs/promises';
import { commands, env, Uri, window, type ExtensionContext } from 'vscode';
import { init } from '@tasktrail/wasm';
import { diagnostics } from './diagnostics';
import { exportHistory } from './export';
import { Runs } from './runs';
import { Status } from './status';
import { TaskHistoryView, VIEW } from './view';
import { WindowHistory } from './window-history';

let history: WindowHistory | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const log = window.createOutputChannel('Tasktrail', { log: true });
  context.subscriptions.push(log);
  await init(readFile(Uri.joinPath(context.extensionUri, 'dist', 'tasktrail_wasm_bg.wasm').fsPath));

  history = new WindowHistory(context, log);
  const view = new TaskHistoryView(context.extensionUri, history, log);
  const runs = new Runs((message) => log.error(`the runs cannot be counted: ${message}`));
  const own = history;
  context.subscriptions.push(
    history,
    view,
    runs,
    history.onDidChange(() => followOwn(runs, own)),
    new Status(runs, history, view),
    window.registerWebviewViewProvider(VIEW, view),
  );

  const register = (name: string, work: () => unknown): void => {
    context.subscriptions.push(
      commands.registerCommand(`tasktrail.${name}`, async () => {
        try {
          await work();
        } catch (fault) {
          const message = fault instanceof Error ? fault.message : String(fault);
          log.error(`${name}: ${message}`);
          void window.showErrorMessage(message);
        }
      }),
    );
  };
  register('focus', () => view.focus());
  register('refresh', () => own.refresh());
  register('clearFilters', () => view.clearFilters());
  register('export', () => exportHistory(own));
  register('setApiKey', () => askForKey(own));
  register('copyDiagnostics', async () => {
    await env.clipboard.writeText(await diagnostics(own, view));
    window.setStatusBarMessage('Tasktrail: diagnostics copied', 3_000);
  });
  await history.start();
}

/** Saves what is due: the window may close before its time comes. */
export async function deactivate(): Promise<void> {
  await history?.memory.flush();
}

/** What the view shows may change without the window's own feed being another one. */
function followOwn(runs: Runs, history: WindowHistory): void {
  if (runs.followed !== history.own) runs.follow(history.own, history.settings.limit);
}

async function askForKey(history: WindowHistory): Promise<void> {
  const { apiUrl, apiUrlFault } = history.settings;
  if (apiUrlFault)
    throw new Error(`The address of the API cannot be used: ${apiUrlFault}. Set tasktrail.apiUrl first.`);
  const key = await window.showInputBox({
    title: 'Tasktrail: API key',
    prompt: `Kept in the secret storage and sent to ${new URL(apiUrl).origin} alone. Leave it empty to forget it.`,
    password: true,
    ignoreFocusOut: true,
  });
  if (key !== undefined) await history.setApiKey(key.trim());
}
