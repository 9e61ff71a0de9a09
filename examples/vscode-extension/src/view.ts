// The view: a page that has no network and gets everything from here.
import { randomBytes } from 'node:crypto';
import {
  Uri,
  commands,
  env,
  window,
  type Disposable,
  type LogOutputChannel,
  type Webview,
  type WebviewView,
  type WebviewViewProvider,
} from 'vscode';
import { Channel } from './channel';
import { openFile, openWorktree } from './open';
import type { Copied, FromView, ToView } from './protocol';
import { SECTION } from './settings';
import type { WindowHistory } from './window-history';

export const VIEW = 'tasktrail.taskHistory';

export class TaskHistoryView implements WebviewViewProvider, Disposable {
  readonly #extension: Uri;
  readonly #history: WindowHistory;
  readonly #log: LogOutputChannel;
  readonly #changes: Disposable;
  #view: WebviewView | undefined;
  #channel: Channel | undefined;
  #generation = 0;
  /** The page has said that it is there. */
  #greeted = false;

  constructor(extension: Uri, history: WindowHistory, log: LogOutputChannel) {
    this.#extension = extension;
    this.#history = history;
    this.#log = log;
    this.#changes = history.onDidChange(() => this.#show());
  }

  get visible(): boolean {
    return this.#view?.visible ?? false;
  }

  resolveWebviewView(view: WebviewView): void {
    this.#forget();
    this.#view = view;
    const dist = Uri.joinPath(this.#extension, 'dist', 'webview');
    view.webview.options = { enableScripts: true, localResourceRoots: [dist] };
    const disposables = [
      view.webview.onDidReceiveMessage((message: FromView) => this.#hear(message)),
      // A hidden page is gone; the feed goes on and has everything ready for the next one.
      view.onDidChangeVisibility(() => {
        if (!view.visible) this.#forget();
      }),
    ];
    view.onDidDispose(() => {
      if (this.#view === view) {
        this.#forget();
        this.#view = undefined;
      }
      for (const disposable of disposables) disposable.dispose();
    });
    view.webview.html = page(view.webview, dist);
  }

  async focus(): Promise<void> {
    await commands.executeCommand(`${VIEW}.focus`);
  }

  clearFilters(): void {
    const { state } = this.#history.memory.choices;
    if (state) this.#history.memory.choose({ state: { ...state, filter: {} } });
    this.#post({ type: 'clearFilters' });
  }

  dispose(): void {
    this.#forget();
    this.#changes.dispose();
  }

  #forget(): void {
    this.#greeted = false;
    this.#channel?.close();
    this.#channel = undefined;
    this.#history.rest();
  }

  /** Tells the page what it is to show; it answers by listening. */
  #show(): void {
    this.#channel?.close();
    this.#channel = undefined;
    if (!this.#greeted) return;
    const { scene, memory } = this.#history;
    const { state } = memory.choices;
    this.#post({ type: 'scene', generation: ++this.#generation, scene, ...(state ? { state } : {}) });
  }

  #post(message: ToView | Copied): void {
    if (this.#greeted) void this.#view?.webview.postMessage(message);
  }

  #hear(message: FromView): void {
    switch (message.type) {
      case 'hello':
        this.#greeted = true;
        this.#show();
        break;
      case 'listening':
        this.#listen(message.generation);
        break;
      case 'taken':
        if (message.generation === this.#generation) this.#channel?.taken();
        break;
      case 'older':
        if (message.generation === this.#generation) void this.#channel?.older(message.before);
        break;
      case 'refresh':
        this.#history.refresh();
        break;
      case 'state':
        this.#history.memory.choose({ state: message.state });
        break;
      case 'allWorkspaces':
        this.#history.showAllWorkspaces(message.all);
        break;
      case 'copy':
        void this.#copy(message.text, message.id);
        break;
      case 'openFile':
        void this.#told(openFile(message.path, message.worktreePath, this.#history.workspaces));
        break;
      case 'openWorktree':
        void this.#told(openWorktree(message.path, this.#history.workspaces));
        break;
      case 'command':
        void this.#told(this.#command(message.command));
        break;
      case 'fault':
        this.#log.error(message.message);
        break;
    }
  }

  #listen(generation: number): void {
    const feed = this.#history.shown();
    if (generation !== this.#generation || !feed || !this.#view) return;
    this.#channel?.close();
    this.#channel = new Channel(this.#view.webview, generation, feed, this.#history.settings.limit);
  }

  async #copy(text: string, id: number): Promise<void> {
    try {
      await env.clipboard.writeText(text);
      this.#post({ type: 'copied', id });
    } catch (fault) {
      this.#post({ type: 'copied', id, failed: fault instanceof Error ? fault.message : String(fault) });
    }
  }

  async #command(name: string): Promise<void> {
    const known: Record<string, [string, ...unknown[]]> = {
      trust: ['workbench.trust.manage'],
      openFolder: ['workbench.action.files.openFolder'],
      settings: ['workbench.action.openSettings', SECTION],
      apiKey: ['tasktrail.setApiKey'],
    };
    const command = Object.hasOwn(known, name) ? known[name] : undefined;
    if (command) await commands.executeCommand(...command);
  }

  async #told(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (fault) {
      const message = fault instanceof Error ? fault.message : String(fault);
      this.#log.warn(message);
      void window.showWarningMessage(message);
    }
  }
}

function page(webview: Webview, dist: Uri): string {
  const uri = (name: string): string => webview.asWebviewUri(Uri.joinPath(dist, name)).toString();
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'wasm-unsafe-eval'`,
    `style-src ${webview.cspSource}`,
    // The WebAssembly module, and nothing else.
    `connect-src ${webview.cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en" data-id="tasktrail">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Task History</title>
    <link rel="stylesheet" href="${uri('view.css')}" />
    <script type="module" nonce="${nonce}" src="${uri('view.js')}" data-module="${uri('tasktrail_wasm_slim_bg.wasm')}"></script>
  </head>
  <body>
    <task-history></task-history>
  </body>
</html>`;
}
