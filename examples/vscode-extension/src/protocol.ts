// What the extension host and the view say to each other. Both sides are built from this file, so they are always a pair.
import type { Connection, HistoryRecord, Obstacle, OlderRecords, ViewState } from '@tasktrail/wasm/ui/embedded';
import type { ClientErrorCode, Mark, TasktrailError } from '@tasktrail/wasm/slim';

/** An error as it crosses: it loses its class on the way. */
export interface SentError {
  code: ClientErrorCode;
  message: string;
  retryable: boolean;
}

/** A connection as it crosses. */
export interface SentConnection extends Omit<Connection, 'error'> {
  error?: SentError;
}

export function sendable({ code, message, retryable }: TasktrailError): SentError {
  return { code, message, retryable };
}

/** What the view is to show, apart from the records. */
export interface Scene {
  /** The window's own workspaces, and what their folders are called. */
  workspaces: { id: string; name: string }[];
  /** Whether the history of all workspaces is shown. */
  allWorkspaces: boolean;
  /** Why there is no history to show. */
  obstacle: Obstacle | null;
  /** Most records that are kept. */
  limit: number;
}

/** To the view. */
export type ToView =
  /** Counts up whenever the records are those of somebody else: everything before is void. */
  | { type: 'scene'; generation: number; scene: Scene; state?: ViewState }
  /** Each is answered with `taken` before the next is sent. */
  | { type: 'records'; generation: number; records: HistoryRecord[] }
  | { type: 'ready'; generation: number }
  | { type: 'connection'; generation: number; connection: SentConnection }
  | { type: 'clock'; generation: number; offsetMs: number }
  | { type: 'older'; generation: number; page: OlderRecords | SentError }
  | { type: 'clearFilters' };

/** From the view. */
export type FromView =
  | { type: 'hello' }
  /** The element listens for the records of this generation. */
  | { type: 'listening'; generation: number }
  | { type: 'taken'; generation: number }
  | { type: 'refresh' }
  /** Answered with `older`; one at a time. */
  | { type: 'older'; generation: number; before: Mark }
  | { type: 'state'; state: ViewState }
  | { type: 'allWorkspaces'; all: boolean }
  | { type: 'copy'; text: string; id: number }
  | { type: 'openFile'; path: string; worktreePath: string | null }
  | { type: 'openWorktree'; path: string }
  | { type: 'command'; command: string }
  /** Something in the view failed that a person should be able to report. */
  | { type: 'fault'; message: string };

/** What the view gets back for a request of its own. */
export type Copied = { type: 'copied'; id: number; failed?: string };
