// The page: hosts <task-history> and hands messages on. Everything that it shows comes from the extension host.
import { TasktrailError } from '@tasktrail/wasm/slim';
import type {
  HistoryConnection,
  HistoryListener,
  HistorySource,
  OlderRecords,
  TaskHistoryElement,
} from '@tasktrail/wasm/ui/embedded';
import '@tasktrail/wasm/ui/embedded';
import type { Copied, FromView, SentConnection, SentError, ToView } from '../src/protocol';

const api = acquireVsCodeApi();
const post = (message: FromView): void => api.postMessage(message);
const history = document.querySelector<TaskHistoryElement>('task-history');
const module = document.querySelector<HTMLScriptElement>('script[data-module]')?.dataset.module;
if (!history || !module) throw new Error('the page of the Task History is not whole');

/** The records of one generation, as they come in messages. */
class Messages implements HistorySource {
  readonly generation: number;
  #listener: HistoryListener | undefined;
  #page: { resolve: (page: OlderRecords) => void; reject: (fault: TasktrailError) => void } | undefined;

  constructor(generation: number) {
    this.generation = generation;
  }

  connect(listener: HistoryListener): HistoryConnection {
    this.#listener = listener;
    post({ type: 'listening', generation: this.generation });
    return {
      refresh: () => post({ type: 'refresh' }),
      older: (before) =>
        new Promise((resolve, reject) => {
          this.#page = { resolve, reject };
          post({ type: 'older', generation: this.generation, before });
        }),
      close: () => {
        this.#listener = undefined;
      },
    };
  }

  hear(message: Extract<ToView, { generation: number }>): void {
    switch (message.type) {
      case 'records':
        this.#listener?.records(message.records);
        // A frame later: the next message comes when these have been drawn.
        requestAnimationFrame(() => post({ type: 'taken', generation: this.generation }));
        break;
      case 'ready':
        this.#listener?.ready();
        break;
      case 'connection':
        this.#listener?.connection(received(message.connection));
        break;
      case 'older':
        if ('code' in message.page) this.#page?.reject(thrown(message.page));
        else this.#page?.resolve(message.page);
        break;
      case 'clock':
        this.#listener?.clock?.(message.offsetMs);
        break;
    }
  }
}

function received({ error, ...connection }: SentConnection): Parameters<HistoryListener['connection']>[0] {
  return error ? { ...connection, error: thrown(error) } : connection;
}

function thrown(error: SentError): TasktrailError {
  return new TasktrailError(error.code, error.message, error);
}

let messages: Messages | undefined;
let copies = 0;
const copying = new Map<number, { resolve: () => void; reject: (fault: Error) => void }>();

history.module = module;
history.host = {
  copy: (text) =>
    new Promise((resolve, reject) => {
      copying.set(++copies, { resolve, reject });
      post({ type: 'copy', text, id: copies });
    }),
  openFile: (path, worktreePath) => post({ type: 'openFile', path, worktreePath }),
  openWorktree: (path) => post({ type: 'openWorktree', path }),
  keep: (state) => post({ type: 'state', state }),
  showAllWorkspaces: (all) => post({ type: 'allWorkspaces', all }),
  setApiKey: () => post({ type: 'command', command: 'apiKey' }),
  act: (command) => post({ type: 'command', command }),
};

function show({ generation, scene, state }: Extract<ToView, { type: 'scene' }>): void {
  if (!history) return;
  const [first, ...others] = scene.workspaces;
  history.limit = scene.limit;
  history.obstacle = scene.obstacle;
  history.allWorkspaces = scene.allWorkspaces;
  // Several workspaces come as one stream, which the extension host has already chosen.
  history.workspace = first && others.length === 0 && !scene.allWorkspaces ? first.id : null;
  history.workspaceNames = Object.fromEntries(scene.workspaces.map(({ id, name }) => [id, name]));
  if (state) history.viewState = state;
  messages = new Messages(generation);
  history.source = messages;
}

addEventListener('message', ({ data }: MessageEvent<ToView | Copied>) => {
  switch (data.type) {
    case 'scene':
      show(data);
      break;
    case 'clearFilters':
      history?.clearFilters();
      break;
    case 'copied': {
      const copy = copying.get(data.id);
      copying.delete(data.id);
      if (data.failed === undefined) copy?.resolve();
      else copy?.reject(new Error(data.failed));
      break;
    }
    default:
      if (data.generation === messages?.generation) messages.hear(data);
  }
});
addEventListener('error', ({ message }) => post({ type: 'fault', message }));
addEventListener('unhandledrejection', ({ reason }) => post({ type: 'fault', message: String(reason) }));
post({ type: 'hello' });
