// The git repository that the work happens in, and its worktrees.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
/** Nobody's settings but these: what a user has set must not sign, run hooks or start a collection. */
const SETTINGS = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'Orchestrator',
  GIT_AUTHOR_EMAIL: 'orchestrator@localhost',
  GIT_COMMITTER_NAME: 'Orchestrator',
  GIT_COMMITTER_EMAIL: 'orchestrator@localhost',
};

/** Runs git in a folder and resolves to what it says. */
export async function git(folder, ...args) {
  const { stdout } = await execute('git', ['-c', 'gc.auto=0', ...args], {
    cwd: folder,
    env: { ...process.env, ...SETTINGS },
    maxBuffer: 16 * 1_024 * 1_024,
  });
  return stdout.trim();
}

/** A repository with one commit, and the worktree of a project in it. */
export class Repository {
  /** Git looks through all worktrees when it adds one, and stumbles over one that is half made: one after the other. */
  #adding = Promise.resolve();

  constructor(folder, number) {
    this.root = join(folder, 'repository');
    this.trees = join(folder, 'worktrees');
    this.branch = `project/${number}`;
    this.project = join(this.trees, `project-${number}`);
  }

  static async create(folder, number) {
    const made = new Repository(folder, number);
    await mkdir(made.root, { recursive: true });
    await git(made.root, 'init', '-q', '-b', 'main');
    await writeFile(join(made.root, 'README.md'), '# The repository of a run\n');
    await git(made.root, 'add', '.');
    await git(made.root, 'commit', '-qm', 'Begin');
    await git(made.root, 'worktree', 'add', '-q', '-b', made.branch, made.project);
    return made;
  }

  /** A worktree for one agent, where nobody else's index is in its way; begins where the project is. */
  async worktree(agent) {
    const path = join(this.trees, agent);
    const added = this.#adding.then(() =>
      git(this.root, 'worktree', 'add', '-q', '-b', `agent/${agent}`, path, this.branch),
    );
    this.#adding = added.catch(() => {});
    await added;
    return path;
  }

  /** Brings what agents have committed into the project. */
  async merge(agents) {
    for (const agent of agents) await git(this.project, 'merge', '-q', '--no-edit', `agent/${agent}`);
  }
}
