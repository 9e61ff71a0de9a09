// Whose history a window shows: the workspace of each of its folders, or the one that the user has named.
import { realpath } from 'node:fs/promises';
import { FileType, Uri, workspace, type WorkspaceFolder } from 'vscode';
import { discoverWorkspace, type WorkspaceFiles } from '@tasktrail/wasm';
import { userSalt } from './salt';
import { workspaceIdOverride } from './settings';

/** A workspace of this window. Several folders may be of one. */
export interface FoundWorkspace {
  id: string;
  /** The folders' names. */
  names: string[];
  /** Where files may be opened. */
  folders: Uri[];
  /** The user named the id. */
  given: boolean;
  warnings: string[];
}

export interface Found {
  workspaces: FoundWorkspace[];
  /** Folders without a workspace, and why. */
  faults: { name: string; reason: string }[];
}

const decoder = new TextDecoder();
/** Git's own pointers are short; more is none of them. */
const MOST_BYTES = 1024 * 1024;

/** Reads what tells where a repository is. Nothing else of a folder is read. */
const files: WorkspaceFiles = {
  async readTextFile(path) {
    const uri = Uri.file(path);
    const { type, size } = await workspace.fs.stat(uri);
    if (!(type & FileType.File) || size > MOST_BYTES) return undefined;
    return decoder.decode(await workspace.fs.readFile(uri));
  },
  realPath: (path) => realpath(path),
};

/** Finds the workspace of every folder. */
export async function findWorkspaces(folders: readonly WorkspaceFolder[] | undefined): Promise<Found> {
  const found: Found = { workspaces: [], faults: [] };
  const add = (id: string, name: string, folder: Uri | null, given: boolean, warnings: string[] = []): void => {
    const known = found.workspaces.find((one) => one.id === id);
    if (!known) {
      found.workspaces.push({ id, names: [name], folders: folder ? [folder] : [], given, warnings });
      return;
    }
    known.names.push(name);
    if (folder) known.folders.push(folder);
    known.warnings.push(...warnings);
  };
  if (!folders?.length) {
    const given = workspaceIdOverride();
    if (given) add(given, given, null, true);
    return found;
  }
  let salt: string | undefined;
  for (const folder of folders) {
    const given = workspaceIdOverride(folder.uri);
    if (given) {
      add(given, folder.name, folder.uri, true);
      continue;
    }
    try {
      if (folder.uri.scheme !== 'file')
        throw new Error(`it is not on a disk (${folder.uri.scheme}:); name its workspace id in the settings`);
      salt ??= await userSalt();
      const { workspaceId, warnings } = await discoverWorkspace(folder.uri.fsPath, files, salt);
      add(workspaceId, folder.name, folder.uri, false, warnings);
    } catch (fault) {
      found.faults.push({ name: folder.name, reason: fault instanceof Error ? fault.message : String(fault) });
    }
  }
  return found;
}

/** The id of the workspace that a folder is in; null when it is not there. */
export async function workspaceOfFolder(path: string): Promise<string | null> {
  try {
    await realpath(path);
    const { workspaceId } = await discoverWorkspace(path, files, await userSalt());
    return workspaceId;
  } catch {
    return null;
  }
}
