import { Backoff } from './backoff.js';
import { TasktrailError } from './errors.js';
import { refused, type LiveLink, type Member } from './live-link.js';
import { RecentIds } from './recent-ids.js';
import type { EventType, ProjectEvent } from './wire.js';

/** Events that the server shows a newcomer; what was missed and is no more than that is among them. */
const REPLAYED = 50;
const IDS = 1_000;

/** A progress event as it was recorded: cleaned, and with its record's id. `type` says which `data` it has. */
export type HeardEvent<T extends EventType = EventType> = ProjectEvent<T> & { timestamp: string; auditId: string };

/** Whoever listens to the events of projects. */
export interface EventListener {
  /** An event, each once: first the last 50 of the project, then what comes. */
  event(event: HeardEvent): void;
  /** Events of a project may have passed unheard: what was learnt of it is to be read anew. */
  missed?(projectNumber: number): void;
  /** Whether it is listening now, and if not, why. */
  listening?(isListening: boolean, error?: TasktrailError): void;
}

/** The events of one project, for as long as somebody listens. */
export class ProjectEvents implements Member {
  readonly room: string;
  readonly leaving: [string, object];
  readonly #projectNumber: number;
  readonly #link: LiveLink;
  readonly #listener: EventListener;
  readonly #seen = new RecentIds(IDS);
  readonly #backoff = new Backoff();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;
  /** Number of the entry that comes next, and in which epoch. */
  #live: { epoch: string; next: number } | undefined;
  /** Until the server has answered, what comes says nothing about what was missed. */
  #joined = false;

  constructor(projectNumber: number, link: LiveLink, listener: EventListener) {
    this.room = `project:${projectNumber}`;
    this.leaving = ['unsubscribeProjects', { projectNumbers: [projectNumber] }];
    this.#projectNumber = projectNumber;
    this.#link = link;
    this.#listener = listener;
  }

  start(): void {
    this.#link.add(this);
  }

  close(): void {
    this.#turn++;
    clearTimeout(this.#retry);
    this.#link.remove(this);
  }

  up(): void {
    void this.#join();
  }

  down(error: TasktrailError): void {
    this.#turn++;
    this.#joined = false;
    clearTimeout(this.#retry);
    this.#listener.listening?.(false, error);
  }

  hear(name: string, payload: unknown): void {
    const told = payload as { room?: string; epoch?: string; seq?: number; entries?: unknown[] } | undefined;
    if (name === 'project.event') {
      this.#hearEvent(payload as HeardEvent);
    } else if (told?.room !== this.room) {
      return;
    } else if (name === 'lagged') {
      if (this.#joined) this.#listener.missed?.(this.#projectNumber);
    } else if (name === 'task.history' && this.#joined && Array.isArray(told.entries)) {
      const { epoch = '', seq = 0 } = told;
      const isBroken = this.#live?.epoch === epoch && seq > this.#live.next;
      const next = Math.max(this.#live?.epoch === epoch ? this.#live.next : 0, seq + told.entries.length);
      this.#live = { epoch, next };
      if (isBroken) this.#listener.missed?.(this.#projectNumber);
    }
  }

  #hearEvent(event: HeardEvent): void {
    if (event?.data?.projectNumber !== this.#projectNumber || typeof event.auditId !== 'string') return;
    if (this.#seen.add(event.auditId)) this.#listener.event(event);
  }

  async #join(): Promise<void> {
    const turn = ++this.#turn;
    // Without `after`, the server shows the last events again: an `after` would bring records only.
    const answer = await this.#link.ask('subscribeProjects', { projectNumbers: [this.#projectNumber] });
    if (turn !== this.#turn) return;
    if (!answer.ok) {
      this.#listener.listening?.(false, refused(answer.error));
      this.#retry = setTimeout(() => void this.#join(), this.#backoff.next());
      return;
    }
    this.#backoff.reset();
    this.#link.proven();
    this.#joined = true;
    const [{ epoch, seq }] = answer.rooms as [{ epoch: string; seq: number }];
    const before = this.#live;
    this.#live = { epoch, next: seq };
    if (before && (before.epoch !== epoch || seq - before.next > REPLAYED))
      this.#listener.missed?.(this.#projectNumber);
    this.#listener.listening?.(true);
  }
}
