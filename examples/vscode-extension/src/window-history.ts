// The history of a window: who is asked for it, what is in the way of it, and what has come of it.
import { EventEmitter, workspace, type Disposable, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { TasktrailClient } from '@tasktrail/wasm/client';
import type { Obstacle } from '@tasktrail/wasm/ui/embedded';
import { Feed } from './feed';
import { Memory } from './memory';
import type { Scene } from './protocol';
import { RecentRecords } from './recent-records';
import { SECTION, readSettings, type Settings } from './settings';
import { findWorkspaces, type Found, type FoundWorkspace } from './workspaces';

/** How often records that have become too old are looked for. */
const EXPIRE_EVERY_MS = 60 * 60 * 1_000;

export class WindowHistory implements Disposable {
  readonly memory: Memory;
  readonly #context: ExtensionContext;
  readonly #log: LogOutputChannel;
  readonly #changed = new EventEmitter<void>();
  readonly #disposables: Disposable[];
  #settings: Settings = readSettings();
  #found: Found = { workspaces: [], faults: [] };
  #client: TasktrailClient | undefined;
  #own: Feed | undefined;
  #all: Feed | undefined;
  #obstacle: Obstacle | null = null;
  #starts = 0;
  readonly #expiry = setInterval(() => this.#expire(), EXPIRE_EVERY_MS);

  /** The feed to show, or what is in its way, is another one. */
  readonly onDidChange = this.#changed.event;

  constructor(context: ExtensionContext, log: LogOutputChannel) {
    this.#context = context;
    this.#log = log;
    this.memory = new Memory(context.workspaceState);
    const restart = (): void => void this.start();
    this.#disposables = [
      this.#changed,
      workspace.onDidChangeWorkspaceFolders(restart),
      workspace.onDidGrantWorkspaceTrust(restart),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(SECTION)) restart();
      }),
      context.secrets.onDidChange(({ key }) => {
        if (key === secretOf(this.#settings.apiUrl)) restart();
      }),
    ];
  }

  get settings(): Settings {
    return this.#settings;
  }
  get workspaces(): readonly FoundWorkspace[] {
    return this.#found.workspaces;
  }
  get faults(): Found['faults'] {
    return this.#found.faults;
  }
  get client(): TasktrailClient | undefined {
    return this.#client;
  }
  /** The window's own workspaces, whatever the view shows. */
  get own(): Feed | undefined {
    return this.#own;
  }
  get allWorkspaces(): boolean {
    return this.memory.choices.allWorkspaces === true;
  }

  get scene(): Scene {
    return {
      workspaces: this.#found.workspaces.map(({ id, names }) => ({ id, name: names.join(', ') })),
      allWorkspaces: this.allWorkspaces,
      obstacle: this.#obstacle,
      limit: this.#settings.limit,
    };
  }

  /** What the view shows. All workspaces are asked for from the first time on that somebody wants them. */
  shown(): Feed | undefined {
    if (!this.allWorkspaces || !this.#client) return this.#own;
    this.#all ??= new Feed(this.#client.sourceOfAll({ capacity: this.#settings.limit }), this.#records());
    return this.#all;
  }

  /** Nobody sees all workspaces any more, so nobody asks for them. */
  rest(): void {
    this.#all?.close();
    this.#all = undefined;
  }

  showAllWorkspaces(all: boolean): void {
    if (all === this.allWorkspaces) return;
    this.memory.choose({ allWorkspaces: all });
    this.rest();
    this.#changed.fire();
  }

  /** Looks at everything anew: trust, folders, settings, key. */
  async start(): Promise<void> {
    const start = ++this.#starts;
    await this.#stop();
    this.#settings = readSettings();
    this.#found = { workspaces: [], faults: [] };
    this.#obstacle = await this.#prepare(start);
    if (start !== this.#starts) return;
    for (const { name, reason } of this.#found.faults) this.#log.warn(`${name} has no workspace id: ${reason}`);
    for (const { id, warnings } of this.#found.workspaces)
      for (const warning of warnings) this.#log.warn(`${id}: ${warning}`);
    this.#changed.fire();
  }

  /** Asks for everything once more, at once. */
  refresh(): void {
    if (this.#own && !this.#found.faults.length) this.shown()?.refresh();
    else void this.start();
  }

  async apiKey(): Promise<string | undefined> {
    return this.#context.secrets.get(secretOf(this.#settings.apiUrl));
  }

  /** Kept for this API alone: a folder's settings cannot have it sent elsewhere. */
  async setApiKey(key: string): Promise<void> {
    const name = secretOf(this.#settings.apiUrl);
    if (key) await this.#context.secrets.store(name, key);
    else await this.#context.secrets.delete(name);
  }

  async #prepare(start: number): Promise<Obstacle | null> {
    if (!workspace.isTrusted) return RESTRICTED;
    const { apiUrl, apiUrlFault } = this.#settings;
    if (apiUrlFault) {
      return {
        kind: 'settings',
        title: 'The address of the API cannot be used',
        text: `${apiUrl || 'The setting tasktrail.apiUrl'}: ${apiUrlFault}.`,
        action: { label: 'Open settings', command: 'settings' },
      };
    }
    const found = await findWorkspaces(workspace.workspaceFolders);
    const apiKey = await this.apiKey();
    if (start !== this.#starts) return null;
    this.#found = found;
    if (found.workspaces.length === 0) return found.faults.length > 0 ? unknown(found.faults) : NO_FOLDER;
    this.#connect(apiKey);
    return null;
  }

  #connect(apiKey: string | undefined): void {
    const { apiUrl, limit } = this.#settings;
    const ids = this.#found.workspaces.map(({ id }) => id);
    const client = new TasktrailClient({
      baseUrl: apiUrl,
      ...(apiKey ? { apiKey } : {}),
      ...(ids.length === 1 && ids[0] ? { context: { workspaceId: ids[0] } } : {}),
    });
    this.#client = client;
    const origin = JSON.stringify([apiUrl, [...ids].sort()]);
    const feed = new Feed(client.source(ids, { capacity: limit }), this.#records(), this.memory.copyOf(origin));
    this.#own = feed;
    const save = (): void => {
      // What the API has not confirmed is the copy itself.
      if (feed.isReady)
        this.memory.saveSoon(() => ({
          origin,
          records: feed.records.all(),
          completeThrough: feed.completeThrough,
        }));
    };
    feed.connect({
      records: save,
      ready: save,
      connection: ({ state, error }) => {
        if (error) this.#log.warn(`${state}: ${error.message} (${error.code})`);
        else this.#log.info(state);
        save();
      },
    });
  }

  #records(): RecentRecords {
    const { limit, ageMs } = this.#settings;
    return new RecentRecords(limit, ageMs === null ? undefined : () => Date.now() - ageMs);
  }

  async #stop(): Promise<void> {
    await this.memory.flush();
    this.rest();
    this.#own?.close();
    this.#own = undefined;
    this.#client?.close();
    this.#client = undefined;
  }

  /** A view that stays open for days shows no more of them than it is to. */
  #expire(): void {
    const expired = [this.#own, this.#all].filter((feed) => feed?.records.expire());
    if (expired.length > 0) this.#changed.fire();
  }

  dispose(): void {
    clearInterval(this.#expiry);
    this.#starts++;
    void this.#stop();
    for (const disposable of this.#disposables) disposable.dispose();
  }
}

function secretOf(apiUrl: string): string {
  try {
    return `apiKey ${new URL(apiUrl).origin}`;
  } catch {
    return 'apiKey';
  }
}

const RESTRICTED: Obstacle = {
  kind: 'restricted',
  title: 'This folder is not trusted yet',
  text: 'In Restricted Mode nothing of the folder is read and nothing is sent. Trust it to see what its agents do.',
  action: { label: 'Manage trust', command: 'trust' },
};

const NO_FOLDER: Obstacle = {
  kind: 'no-folder',
  title: 'No folder is open',
  text: 'The history is that of a workspace: open the folder or the git worktree in which your agents work.',
  action: { label: 'Open folder', command: 'openFolder' },
};

function unknown(faults: Found['faults']): Obstacle {
  return {
    kind: 'no-workspace-id',
    title: 'The workspace is not known',
    text: faults.map(({ name, reason }) => `${name}: ${reason}.`).join(' '),
    action: { label: 'Open settings', command: 'settings' },
  };
}
