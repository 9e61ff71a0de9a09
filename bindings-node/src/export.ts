import { asynchronous } from './errors';
import type { Native } from './native';

/** How an export is written: a record a line as JSON, or RFC 4180 in which no cell can act as a formula. */
export type ExportFormat = 'ndjson' | 'csv';

/**
 * Everything that matches a query as text, a piece of whole lines at a time. The next piece is read from the store when it is asked
 * for, so memory stays as it is however much there is.
 */
export class ExportText implements AsyncIterableIterator<string> {
  readonly #native: Native.NativeExport;

  /** @internal */
  constructor(native: Native.NativeExport) {
    this.#native = native;
  }

  /** Records that were given out so far. */
  get records(): number {
    return this.#native.records;
  }

  /** Where another export with the same filters goes on, behind all that was given out. */
  get cursor(): string | null {
    return this.#native.cursor ?? null;
  }

  /** @throws TasktrailError as `Trail.query`; asked again, it goes on where it was. */
  async next(): Promise<IteratorResult<string, undefined>> {
    const text = await asynchronous(() => this.#native.next());
    return text == null ? { done: true, value: undefined } : { done: false, value: text };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
