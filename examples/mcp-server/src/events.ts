import { randomUUID } from 'node:crypto';
import { validateEvent, type EventAccepted, type ProjectEvent, type Trail } from '@tasktrail/node';
import type { Call } from './call.js';
import { ToolFailure } from './failure.js';

/** Events whose answers are remembered. A model that repeats one does so soon. */
const REMEMBERED = 5_000;

/** An event as it came; nothing about it is checked yet. */
export interface GivenEvent {
  type: unknown;
  data: unknown;
  timestamp?: unknown;
  eventId?: unknown;
  [more: string]: unknown;
}

export type Emitted = EventAccepted & { eventId: string; api: 'reached' | 'away' };

/** Checks events, and brings them to the trail: each once, and whether or not the API is there. */
export class Events {
  readonly #trail: Trail;
  readonly #apiKey: string | undefined;
  /** Answers by project and event id, those that are still to come included, the oldest first. */
  readonly #answers = new Map<string, Promise<EventAccepted>>();

  constructor(trail: Trail, apiKey: string | undefined) {
    this.#trail = trail;
    this.#apiKey = apiKey;
  }

  /**
   * Resolves once the event is on disk or with the API. One that has been emitted already under its `eventId` is answered as it was and
   * not sent again.
   *
   * @throws ToolFailure `TT_EVENT_INVALID` or `TT_EVENT_TOO_LARGE`, with every fault.
   */
  async emit(given: GivenEvent, call: Call): Promise<Emitted> {
    const named = { ...given, eventId: given.eventId ?? randomUUID() };
    const verdict = validateEvent(named);
    if (!verdict.accepted) throw new ToolFailure(verdict.code, verdict.error, { details: verdict.details });
    const { event } = verdict;
    const eventId = String(event.eventId);
    const key = `${event.data.projectNumber}:${eventId}`;
    let answer = this.#answers.get(key);
    if (!answer) {
      answer = this.#send(event, call);
      this.#remember(key, answer);
    }
    const { store } = this.#trail.stats();
    return { ...(await answer), eventId, api: store === 'open' ? 'reached' : 'away' };
  }

  /** The channel is left to be what it is for every progress event, since only those move items in a history. */
  #send(event: ProjectEvent, { context, trace, requestId, userAgent }: Call): Promise<EventAccepted> {
    const { traceparent } = trace;
    return this.#trail.emit(event, {
      ...context,
      traceparent,
      requestId,
      userAgent,
      ...(this.#apiKey && { apiKey: this.#apiKey }),
    });
  }

  #remember(key: string, answer: Promise<EventAccepted>): void {
    const forget = (): void => void (this.#answers.get(key) === answer && this.#answers.delete(key));
    this.#answers.set(key, answer);
    // What is in memory only is to be sent again when it is asked for again. Progress that newer progress overtakes is not.
    answer.then(({ durable, coalesced }) => !durable && !coalesced && forget(), forget);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > REMEMBERED && oldest !== undefined) this.#answers.delete(oldest);
  }
}
