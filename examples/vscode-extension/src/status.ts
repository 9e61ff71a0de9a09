// The status bar item: how the current run is doing, seen from everywhere. A notification comes only for what nobody would see otherwise.
import { StatusBarAlignment, window, type Disposable, type StatusBarItem } from 'vscode';
import { nameOf, type Run, type Runs } from './runs';
import type { TaskHistoryView } from './view';
import type { WindowHistory } from './window-history';

const SHOW = 'Show Task History';

export class Status implements Disposable {
  readonly #item: StatusBarItem;
  readonly #runs: Runs;
  readonly #history: WindowHistory;
  readonly #view: TaskHistoryView;
  readonly #disposables: Disposable[];

  constructor(runs: Runs, history: WindowHistory, view: TaskHistoryView) {
    this.#runs = runs;
    this.#history = history;
    this.#view = view;
    this.#item = window.createStatusBarItem('tasktrail.run', StatusBarAlignment.Left, 0);
    this.#item.name = 'Task History';
    this.#item.command = 'tasktrail.focus';
    this.#disposables = [
      this.#item,
      runs.onDidChange(() => this.#draw()),
      runs.onDidFail((run) => void this.#tell(run)),
      history.onDidChange(() => this.#draw()),
    ];
    this.#draw();
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #draw(): void {
    const { current, connection } = this.#runs;
    const offline = connection?.state === 'offline';
    if (!this.#history.own) {
      this.#item.hide();
      return;
    }
    const link = offline ? '$(debug-disconnect) ' : '';
    if (!current) {
      this.#item.text = `${link || '$(history) '}Task History`;
      this.#item.tooltip = offline ? 'Tasktrail: the API cannot be reached' : 'Tasktrail: no run yet';
      this.#item.accessibilityInformation = { label: `Task History, ${offline ? 'offline' : 'no run yet'}` };
    } else {
      const parts = partsOf(current);
      this.#item.text = link + parts.map(({ icon, items }) => `$(${icon}) ${items}`).join('  ');
      const told = parts.map(({ items, label }) => `${items} ${label}`).join(', ');
      this.#item.tooltip = `${nameOf(current)}: ${told} of ${current.total}${offline ? '. Offline: this may be out of date' : ''}`;
      this.#item.accessibilityInformation = { label: `${nameOf(current)}: ${told}${offline ? ', offline' : ''}` };
    }
    this.#item.show();
  }

  async #tell(run: Run): Promise<void> {
    const looking = this.#view.visible && window.state.focused;
    if (looking || !this.#history.settings.notifyOnFailure) return;
    const items = run.failed === 1 ? '1 item' : `${run.failed} items`;
    const chosen = await window.showErrorMessage(
      `${nameOf(run)} failed: ${items} of ${run.total} did not succeed.`,
      SHOW,
    );
    if (chosen === SHOW) await this.#view.focus();
  }
}

function partsOf(run: Run): { icon: string; items: number; label: string }[] {
  const running = run.inProgress - run.stalled;
  return [
    // The wheel turns while something is at work.
    { icon: running > 0 ? 'sync~spin' : 'sync', items: running, label: 'running' },
    ...(run.stalled > 0 ? [{ icon: 'debug-pause', items: run.stalled, label: 'stalled' }] : []),
    { icon: 'pass', items: run.completed, label: 'done' },
    { icon: 'error', items: run.failed, label: 'failed' },
  ];
}
