// The real VS Code workbench without a window: code-server with the extension installed from its package, driven through Chromium.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { launch } from '../../../../tests/support/chromium.mjs';
import { freePort, start, stop, until } from './processes.mjs';

const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  'window.autoDetectColorScheme': false,
  'window.autoDetectHighContrast': false,
  'git.openRepositoryInParentFolders': 'never',
  'chat.commandCenter.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

const GUIDE = new Set(['history-dark', 'details-light', 'filters-dark', 'offline-saved', 'history-high-contrast']);

function named(variable) {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: these tests are run by \`cargo xtask test vscode\``);
  return value;
}

/** A machine of its own: home, configuration, folders, a browser. One for each file of tests. */
export class Machine {
  folder = mkdtempSync(join(tmpdir(), 'tasktrail-vscode-'));
  screenshots = process.env.TASKTRAIL_SCREENSHOTS ?? join(this.folder, 'screenshots');
  #browser;
  #servers = [];

  async start() {
    for (const folder of [this.screenshots, join(this.folder, 'home')]) mkdirSync(folder, { recursive: true });
    this.#browser = await launch();
    return this;
  }

  get browser() {
    return this.#browser;
  }

  /** What every program of this machine's user is started with. */
  get environment() {
    const { PATH, LANG = 'C.UTF-8' } = process.env;
    const own = Object.entries(process.env).filter(
      ([name]) => !name.startsWith('VSCODE_') && name !== 'TASKTRAIL_SALT',
    );
    return {
      ...Object.fromEntries(own),
      PATH,
      LANG,
      HOME: join(this.folder, 'home'),
      XDG_CONFIG_HOME: join(this.folder, 'config'),
    };
  }

  /** A git repository with one commit. */
  repository(name) {
    const path = join(this.folder, name);
    mkdirSync(join(path, 'src'), { recursive: true });
    writeFileSync(join(path, 'src', 'main.ts'), `export const name = '${name}';\n`);
    writeFileSync(join(path, 'README.md'), `# ${name}\n`);
    this.git(path, 'init', '--quiet', '--initial-branch=main');
    this.git(path, 'add', '.');
    this.git(path, '-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '--quiet', '--message', 'First');
    return path;
  }

  git(folder, ...args) {
    execFileSync('git', args, { cwd: folder, env: this.environment, stdio: ['ignore', 'ignore', 'inherit'] });
  }

  /** The id of a folder's workspace, as the core finds it: with the salt that the extension reads too. */
  workspaceId(folder) {
    const addon = createRequire(import.meta.url).resolve('@tasktrail/node');
    const program = `require(process.argv[1]).discoverWorkspace(process.argv[2]).then((found) => console.log(found.workspaceId))`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', program, addon, folder], {
      env: this.environment,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`no workspace id for ${folder}: ${stderr}`);
    return stdout.trim();
  }

  /** Starts VS Code with the extension installed. */
  async workbench(name, settings, { trust = false } = {}) {
    const server = new Workbench(this, join(this.folder, name));
    this.#servers.push(server);
    return server.start(settings, trust);
  }

  async stop() {
    await this.#browser?.close();
    for (const server of this.#servers) await server.stop();
    // The extension host may still write its last words.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

class Workbench {
  #machine;
  #folder;
  #port;
  #process;

  constructor(machine, folder) {
    this.#machine = machine;
    this.#folder = folder;
  }

  get #paths() {
    return ['--user-data-dir', join(this.#folder, 'data'), '--extensions-dir', join(this.#folder, 'extensions')];
  }

  async start(settings, trust) {
    mkdirSync(join(this.#folder, 'data', 'User'), { recursive: true });
    this.set(settings);
    const server = named('CODE_SERVER');
    const [command, first] = server.endsWith('.js') ? [process.execPath, [server]] : [server, []];
    const options = {
      cwd: this.#folder,
      env: { ...this.#machine.environment, EXTENSIONS_GALLERY: '{}' },
    };
    const installed = spawnSync(command, [...first, ...this.#paths, '--install-extension', named('TASKTRAIL_VSIX')], {
      ...options,
      encoding: 'utf8',
    });
    if (installed.status !== 0)
      throw new Error(`the extension was not installed: ${installed.stdout}${installed.stderr}`);
    this.#port = await freePort();
    const how = [
      '--bind-addr',
      `127.0.0.1:${this.#port}`,
      '--auth',
      'none',
      '--disable-telemetry',
      '--disable-update-check',
    ];
    how.push('--disable-getting-started-override', '--disable-proxy', ...(trust ? [] : ['--disable-workspace-trust']));
    this.#process = start(command, [...first, ...this.#paths, ...how], {
      ...options,
      log: join(this.#folder, 'server.log'),
    });
    await until('VS Code answers', async () => (await fetch(`http://127.0.0.1:${this.#port}/healthz`)).ok);
    return this;
  }

  /** The user's settings from now on. */
  set(settings) {
    const file = join(this.#folder, 'data', 'User', 'settings.json');
    writeFileSync(file, JSON.stringify({ ...QUIET, ...settings }, null, 2));
  }

  /** A window: on a folder, on a workspace file, or on nothing. A `script` runs in each of its frames first. */
  async open({ folder, workspace, script, ...options } = {}) {
    const context = await this.#machine.browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
    // Only so that a failure ends: a busy machine takes its time.
    context.setDefaultTimeout(90_000);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    if (script) await context.addInitScript(script);
    const page = await context.newPage();
    const what = folder
      ? `folder=${encodeURIComponent(folder)}`
      : workspace
        ? `workspace=${encodeURIComponent(workspace)}`
        : 'ew=true';
    const window = new Window(page);
    await page.goto(`http://127.0.0.1:${this.#port}/?${what}`);
    await window.isThere();
    return window;
  }

  stop() {
    return stop(this.#process);
  }
}

/** One window of VS Code. */
export class Window {
  constructor(page) {
    this.page = page;
    this.faults = [];
    page.on('pageerror', (fault) => this.faults.push(String(fault)));
    page.on('console', (message) => {
      // The view's own; the workbench has faults of its own.
      if (
        message.type() === 'error' &&
        /webview|Content Security Policy/i.test(`${message.text()} ${message.location().url}`)
      )
        this.faults.push(message.text());
    });
  }

  /** The workbench has started, and the extension has shown its item in the status bar or has a view that says why not. */
  async isThere() {
    await this.page.waitForSelector('.monaco-workbench .part.statusbar');
    await this.page.waitForFunction(() => document.querySelector('.statusbar-item') !== null);
  }

  /** Runs a command as a person would, from the palette. */
  async command(title) {
    await until(`${title} is in the palette`, async () => {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('F1');
      const input = this.page.locator('.quick-input-widget input.input');
      await input.waitFor({ timeout: 10_000 });
      await input.fill(`>${title}`);
      const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
      await row.waitFor({ timeout: 10_000 });
      await row.click();
      return true;
    });
  }

  /** Chooses a colour theme, as a person would. */
  async theme(name) {
    await this.command('Preferences: Color Theme');
    const input = this.page.locator('.quick-input-widget input.input');
    await input.fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row').getByText(name, { exact: true }).first().click();
  }

  /** Shows the view and waits until it says what it shows. */
  async show() {
    await this.command('Tasktrail: Focus the Task History');
    await this.history.waitFor({ state: 'attached' });
  }

  /** Hides the panel, and the view with it. */
  async hide() {
    await this.command('View: Hide Panel');
    await this.page.locator('iframe.webview').waitFor({ state: 'hidden' });
  }

  get frame() {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }
  get history() {
    return this.frame.locator('task-history');
  }

  /** Everything has been delivered and the connection is live. */
  async live() {
    try {
      await this.frame
        .locator('task-history[data-ready][data-connection=live]')
        // Whoever has read much within a minute is asked to wait for the next.
        .waitFor({ state: 'attached' });
    } catch (fault) {
      const said = await this.history.evaluate(({ dataset, shadowRoot }) => {
        const parts = shadowRoot.querySelectorAll('.connection, .notice, .message');
        return [dataset.connection, ...Array.from(parts, (part) => part.textContent)].join(' ').replace(/\s+/g, ' ');
      });
      throw new Error(`the view is not live, it says: ${said}`, { cause: fault });
    }
  }

  item(id) {
    return this.frame.locator(`[data-item-id="${id}"]`);
  }

  /** The items on the page, from top to bottom: `1.2 completed`. */
  items() {
    return this.frame
      .locator('[data-item-key]')
      .evaluateAll((rows) => rows.map(({ dataset }) => `${dataset.itemId} ${dataset.status}`));
  }

  async becomes(expected) {
    let items;
    await until(`the items are ${expected.join(', ')}`, async () => {
      items = await this.items();
      if (items.join() !== expected.join()) throw new Error(items.join(', '));
      return true;
    });
  }

  message(kind) {
    return this.frame.locator(`[data-message="${kind}"]`);
  }

  get status() {
    return this.page.locator('.statusbar-item[id*="tasktrail"]');
  }

  /** The view's own document, for what runs inside it. */
  async content() {
    const handle = await this.page.frameLocator('iframe.webview.ready').locator('iframe#active-frame').elementHandle();
    return handle.contentFrame();
  }

  async screenshot(folder, name, locator) {
    const path = join(folder, `${name}.png`);
    mkdirSync(dirname(path), { recursive: true });
    await (locator ?? this.page).screenshot({ path });
    // The handful that the guide shows, when they are to be taken anew.
    const guide = process.env.TASKTRAIL_GUIDE_IMAGES;
    if (guide && GUIDE.has(name)) copyFileSync(path, join(guide, `vscode-${name}.png`));
  }

  async close() {
    await this.page.context().close();
  }
}
