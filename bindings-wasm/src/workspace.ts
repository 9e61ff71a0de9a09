import { full } from './module.js';
import type { Workspace } from './wire.js';

type Answer = string | null | undefined;

/** How `discoverWorkspace` reads: by absolute paths with forward slashes (`/home/a`, `C:/x`, `//server/share`), never by URIs. */
export interface WorkspaceFiles {
  /** The text of a file. Nothing, or a rejection, when it is not there or is a folder. */
  readTextFile(path: string): Answer | Promise<Answer>;
  /**
   * The path of a folder without symbolic links, as of `fs.promises.realpath`. Left out, paths are taken as they are spelled: a folder
   * that is reached through a link then has another id than by its real path.
   */
  realPath?(path: string): Answer | Promise<Answer>;
}

type Step = { readText: string } | { realPath: string } | { done: Workspace };

/**
 * The workspace that a folder is in: the git repository, with one id for all of its worktrees, or the folder itself outside git.
 *
 * A `.git` that is broken is no error: the folder then stands for itself, and `warnings` says why.
 *
 * @param path any folder of it: an absolute path, or a `file:` or `vscode-remote:` URI.
 * @param files reads, at once or later. What it throws means that there is no such file, except for a `TypeError`, `ReferenceError`,
 *   `RangeError` or `SyntaxError`: those are mistakes of the program and end the search.
 * @param salt the user's own random text of at least 8 bytes.
 * @throws TasktrailError `TT_WORKSPACE_INVALID` naming `path` or `salt`.
 */
export async function discoverWorkspace(path: string, files: WorkspaceFiles, salt: string): Promise<Workspace> {
  const instance = full();
  // Another call may trap while files are read: the search begins anew in the next instance.
  for (;;) {
    const discovery = instance.run((module) => new module.WorkspaceDiscovery(path, salt));
    const { generation } = instance;
    try {
      while (instance.holds(generation)) {
        const step: Step = JSON.parse(instance.run(() => discovery.step()));
        if ('done' in step) return step.done;
        const answer = await answerTo(step, files);
        if (instance.holds(generation)) instance.run(() => discovery.answer(answer));
      }
    } finally {
      if (instance.holds(generation)) discovery.free();
    }
  }
}

async function answerTo(step: Exclude<Step, { done: Workspace }>, files: WorkspaceFiles): Promise<string | undefined> {
  let answer: unknown;
  try {
    if ('readText' in step) answer = await files.readTextFile(step.readText);
    else answer = files.realPath ? await files.realPath(step.realPath) : step.realPath;
  } catch (fault) {
    if (isMistake(fault)) throw fault;
    return undefined;
  }
  if (typeof answer === 'string') return answer;
  if (answer === undefined || answer === null) return undefined;
  const name = 'readText' in step ? 'readTextFile' : 'realPath';
  throw new TypeError(`\`${name}\` must give a string, or nothing when there is no such file, not ${typeof answer}`);
}

/** What a program throws because it is wrong, not because a file is absent. */
function isMistake(fault: unknown): boolean {
  return [TypeError, ReferenceError, RangeError, SyntaxError].some((mistake) => fault instanceof mistake);
}
