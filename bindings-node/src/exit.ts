/** How long a process that exits waits for what is queued. Thousands of records take tens of milliseconds. */
const EXIT_DEADLINE_MS = 2_000;

/** A trail that can be closed while nothing can be awaited any more. */
export interface Drainable {
  closeBlocking(ms: number): void;
}

const open = new Set<Drainable>();
let hooked = false;

/**
 * Drains the trail when the process or worker exits. The core's threads go on while JavaScript waits here, so this also
 * covers `process.exit()` and an uncaught exception. A signal without a handler is a kill: nothing can run then.
 */
export function drainAtExit(trail: Drainable): void {
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
export function drained(trail: Drainable): void {
  open.delete(trail);
}
