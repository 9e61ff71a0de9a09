import { io, type Socket } from 'socket.io-client';
import { Backoff } from './backoff.js';
import { TasktrailError, type ClientErrorCode } from './errors.js';

const ANSWER_TIMEOUT_MS = 10_000;

/** The error in a refused message or connection. */
export interface Refused {
  code?: ClientErrorCode;
  message?: string;
}

/** Who listens to a room over the link. */
export interface Member {
  /** Names the room, and how to leave it. */
  readonly room: string;
  readonly leaving: [event: string, payload: object];
  /** The link is there: time to join. */
  up(): void;
  /** The link is gone, or one more try to make it (`tried`) has failed. */
  down(error: TasktrailError, tried: boolean): void;
  /** Something came, for this room or another. */
  hear(event: string, payload: unknown): void;
}

/**
 * The one Socket.IO connection of a client, shared by all rooms that somebody listens to: it is made with the first and goes with the last.
 *
 * It comes back by itself, later and later. Socket.IO's own reconnection has no full jitter, and never comes back from a server that sent it
 * away or refused it.
 */
export class LiveLink {
  readonly #connect: () => Socket;
  readonly #backoff = new Backoff();
  readonly #members = new Set<Member>();
  #socket: Socket | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #heardAt = 0;

  constructor(base: string, apiKey: string | undefined) {
    this.#connect = () => {
      const options = {
        path: '/orchestration',
        transports: ['websocket', 'polling'],
        tryAllTransports: true,
        forceNew: true,
        autoConnect: false,
        reconnection: false,
        auth: apiKey ? { apiKey } : {},
      };
      // The API may lie under a path; the socket is always at its root.
      return base ? io(new URL(base, globalThis.location?.href).origin, options) : io(options);
    };
  }

  /** When something last came over it, milliseconds since 1970. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Takes a listener in, and calls its `up` now or as soon as there is a connection. */
  add(member: Member): void {
    this.#members.add(member);
    if (!this.#socket) this.#open();
    else if (this.#socket.connected) member.up();
  }

  /** Lets a listener go; nothing is said to it any more. */
  remove(member: Member): void {
    if (!this.#members.delete(member)) return;
    if (this.#members.size === 0) this.#close();
    else if (this.#socket?.connected && ![...this.#members].some(({ room }) => room === member.room))
      this.#socket.emit(...member.leaving);
  }

  /** Asks the server something. An error of its own or of the way there comes as `{ ok: false, error }`. */
  async ask(event: string, payload: object): Promise<Record<string, unknown> & { ok: boolean; error?: Refused }> {
    try {
      const answer = await this.#socket?.timeout(ANSWER_TIMEOUT_MS).emitWithAck(event, payload);
      if (typeof answer?.ok === 'boolean') return answer;
    } catch {
      // No answer in time, or the connection broke: told below.
    }
    return { ok: false, error: { code: 'TT_API_UNAVAILABLE', message: 'the server did not answer the subscription' } };
  }

  /** The server does what it is asked: should it go, it is worth a quick try. */
  proven(): void {
    this.#backoff.reset();
  }

  /** Tries at once, where it waits for the next try. */
  wake = (): void => {
    this.#backoff.reset();
    if (this.#retry === undefined) return;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#socket?.connect();
  };

  #open(): void {
    const socket = this.#connect();
    this.#socket = socket;
    const heard = (): void => {
      this.#heardAt = Date.now();
    };
    socket.on('connect', () => {
      heard();
      for (const member of [...this.#members]) member.up();
    });
    socket.on('disconnect', () => {
      this.#down(lost('the connection for live updates was lost'), false);
    });
    socket.on('connect_error', (cause) => {
      const data = (cause as { data?: Refused }).data;
      this.#down(
        new TasktrailError(data?.code ?? 'TT_API_UNAVAILABLE', data?.message ?? 'live updates cannot be reached', {
          retryable: true,
          cause,
        }),
        true,
      );
    });
    socket.onAny((event: string, payload: unknown) => {
      heard();
      for (const member of [...this.#members]) member.hear(event, payload);
    });
    socket.io.on('ping', heard);
    // There is no such event outside of browsers.
    globalThis.addEventListener?.('online', this.wake);
    socket.connect();
  }

  #down(error: TasktrailError, tried: boolean): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#socket?.connect();
    }, this.#backoff.next());
    for (const member of [...this.#members]) member.down(error, tried);
  }

  #close(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    globalThis.removeEventListener?.('online', this.wake);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.offAny();
    socket?.removeAllListeners();
    socket?.io.off('ping');
    socket?.disconnect();
  }
}

/** The API went away. */
export function lost(message: string): TasktrailError {
  return new TasktrailError('TT_API_UNAVAILABLE', message, { retryable: true });
}

/** What a refused subscription is told as. */
export function refused(error: Refused | undefined): TasktrailError {
  return new TasktrailError(error?.code ?? 'TT_API_UNAVAILABLE', error?.message ?? 'the subscription was refused', {
    retryable: true,
  });
}
