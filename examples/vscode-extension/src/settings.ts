import { workspace, type ConfigurationScope } from 'vscode';

export const SECTION = 'tasktrail';

/** What the user has set, checked: a value that cannot be used counts as not set. */
export interface Settings {
  /** Without a slash at its end. */
  apiUrl: string;
  /** Why `apiUrl` cannot be used. */
  apiUrlFault: string | null;
  /** Most records that the view keeps. */
  limit: number;
  /** How far back the view reaches, milliseconds; null for all. */
  ageMs: number | null;
  notifyOnFailure: boolean;
}

const MOST_RECORDS = 500;
const DAY_MS = 24 * 60 * 60 * 1000;

export function readSettings(): Settings {
  const configuration = workspace.getConfiguration(SECTION);
  const apiUrl = configuration.get<string>('apiUrl', '').trim().replace(/\/+$/, '');
  const limit = configuration.get<number>('history.limit', MOST_RECORDS);
  const days = configuration.get<number>('history.days', 0);
  return {
    apiUrl,
    apiUrlFault: faultOf(apiUrl),
    limit: Number.isInteger(limit) && limit >= 50 ? Math.min(limit, MOST_RECORDS) : MOST_RECORDS,
    ageMs: Number.isFinite(days) && days > 0 ? days * DAY_MS : null,
    notifyOnFailure: configuration.get<boolean>('notifyOnFailure', true),
  };
}

/** The workspace id that the user has set for a folder, or for a window without one. */
export function workspaceIdOverride(scope?: ConfigurationScope): string | null {
  return workspace.getConfiguration(SECTION, scope).get<string>('workspaceId', '').trim() || null;
}

function faultOf(address: string): string | null {
  try {
    const { protocol, username, password } = new URL(address);
    if (protocol !== 'http:' && protocol !== 'https:') return 'it must begin with http:// or https://';
    // Settings are synchronised and committed: no place for a password.
    if (username || password) return 'it must not hold a user name or password';
    return null;
  } catch {
    return 'it is no address such as http://localhost:8167';
  }
}
