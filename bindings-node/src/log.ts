import { native, type Native } from './native';

/** Something that the library has to say to who runs it: a loss, a damaged file, a store that refuses a record. */
export interface LogLine {
  level: 'error' | 'warn' | 'info';
  message: string;
  /** What it is about: `code`, `lost`, `file`, …; never what was recorded. */
  fields: Record<string, unknown>;
}

/** Held until they end: a listener whose owner forgot it still hears. */
const listening = new Set<Native.NativeLogListener>();

/**
 * Listens to what the library says of all trails of this process, for a host's own log. It does not keep the process alive; of a
 * flood the lines that find 256 waiting are lost.
 *
 * @returns ends it.
 */
export function onLog(listen: (line: LogLine) => void): () => void {
  const listener = native.onLog((text) => listen(JSON.parse(text)));
  listening.add(listener);
  return () => {
    listening.delete(listener);
    listener.stop();
  };
}
