// Opens what a record names. Records are written by others, so a path counts only inside the window's folders, or inside a worktree
// that git itself says is one of theirs.
import { isAbsolute, join, relative, resolve } from 'node:path';
import { Uri, commands, workspace } from 'vscode';
import { workspaceOfFolder, type FoundWorkspace } from './workspaces';

/** Opens a file that an item changed: a path in its worktree, or in one of the folders. */
export async function openFile(
  path: string,
  worktreePath: string | null,
  workspaces: readonly FoundWorkspace[],
): Promise<void> {
  const folders = workspaces.flatMap(({ folders }) => folders.map(({ fsPath }) => fsPath));
  const roots = [...(worktreePath && (await isTheirs(worktreePath, workspaces)) ? [worktreePath] : []), ...folders];
  for (const root of roots) {
    const file = isAbsolute(path) ? path : join(root, path);
    if (!isInside(root, file)) continue;
    const uri = Uri.file(file);
    try {
      await workspace.fs.stat(uri);
    } catch {
      continue;
    }
    // Whatever kind of file it is.
    await commands.executeCommand('vscode.open', uri, { preview: true });
    return;
  }
  throw new Error(
    worktreePath && roots.length === folders.length
      ? `${path} is not in the folders of this window, and ${worktreePath} is not a worktree of theirs.`
      : `${path} is not there any more: it may have been in a worktree that has gone, or on another machine.`,
  );
}

/** Opens a worktree in a window of its own. */
export async function openWorktree(path: string, workspaces: readonly FoundWorkspace[]): Promise<void> {
  if (!(await isTheirs(path, workspaces)))
    throw new Error(`${path} is not there, or is not a worktree of this window's folders.`);
  await commands.executeCommand('vscode.openFolder', Uri.file(path), { forceNewWindow: true });
}

async function isTheirs(path: string, workspaces: readonly FoundWorkspace[]): Promise<boolean> {
  // A path to another machine would be asked for over the network before anybody could know whose it is.
  if (!isAbsolute(path) || /^[\\/]{2}/.test(path)) return false;
  if (workspaces.some(({ folders }) => folders.some((folder) => isInside(folder.fsPath, path)))) return true;
  const id = await workspaceOfFolder(path);
  return id !== null && workspaces.some((known) => known.id === id);
}

function isInside(root: string, path: string): boolean {
  const way = relative(resolve(root), resolve(path));
  return way === '' || (!/^\.\.(?:[\\/]|$)/.test(way) && !isAbsolute(way));
}
