import { asynchronous } from './errors';
import { native } from './native';
import type { Workspace } from './wire';

/**
 * The workspace that a folder is in: the git repository, with one id for all of its worktrees, or the folder itself outside git.
 *
 * It only reads a few files of git's and starts nothing. A `.git` that is broken is no error: the folder then stands for itself, and
 * `warnings` says why.
 *
 * @param path any folder of it, absolute or relative to the current one, or a `file:` or `vscode-remote:` URI.
 * @param options `salt`: text of at least 8 bytes in place of the user's own. That is `TASKTRAIL_SALT`, or the file `tasktrail/salt` in the
 *   user's configuration folder, made the first time.
 * @throws TasktrailError `TT_WORKSPACE_INVALID` naming `path` or `salt`.
 */
export async function discoverWorkspace(path: string, options: { salt?: string } = {}): Promise<Workspace> {
  return JSON.parse(await asynchronous(() => native.discoverWorkspace(path, options.salt)));
}
