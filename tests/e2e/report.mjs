// One line a check, for people; the exit code, for whoever called.
const failed = [];

/** Prints the check's line. `detail` says what was found instead, when it does not hold. */
export function check(name, holds, detail = '') {
  if (!holds) failed.push(name);
  console.log(`${holds ? '✓' : '✗'} ${name}${holds || !detail ? '' : `: ${detail}`}`);
}

/** Ends the process: 0 only if every check held. */
export function finish() {
  process.exit(failed.length === 0 ? 0 : 1);
}

/** Makes an unexpected fault one failed line; what a developer needs goes to the log on stderr. */
export async function guarded(name, work) {
  try {
    await work();
  } catch (fault) {
    console.error(fault);
    check(name, false, fault.message.split('\n')[0]);
  }
}
