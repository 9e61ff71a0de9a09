import type { Native } from './native';

/** How long a process that exits waits for what is queued. Thousands of records take tens of milliseconds. */
const EXIT_DEADLINE_MS = 2_000;

const open = new Set<Native.NativeTrail>();
let hooked = false;

/**
 * Drains the trail when the process or worker exits. The core's threads go on while JavaScript waits here, so this also
 * covers `process.exit()` and an uncaught exception. A signal without a handler is a kill: nothing can run then.
 */
export function drainAtExit(trail: Native.NativeTrail): void {
  open.add(trail);
  if (hooked) return;
  hooked = true;
  process.once('exit', () => {
    const end = Date.now() + EXIT_DEADLINE_MS;
    for (const trail of open) {
      try {
        trail.closeBlocking(Math.max(0, end - Date.now()));
      } catch {
        // The process is going; the next trail still has its chance.
      }
    }
  });
}

/** The trail was closed by its owner. */
export function drained(trail: Native.NativeTrail): void {
  open.delete(trail);
}
