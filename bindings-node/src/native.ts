import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as Native from '../native';

/** Names of the addon that can run here, best first: on Linux the C library decides, and loading is the only sure test. */
function candidates(): string[] {
  const base = `${process.platform}-${process.arch}`;
  if (process.platform === 'linux') return [`${base}-gnu`, `${base}-musl`];
  if (process.platform === 'win32') return [`${base}-msvc`];
  return [base];
}

function load(): typeof Native {
  const faults: string[] = [];
  for (const platform of candidates()) {
    const file = join(__dirname, '..', `tasktrail.${platform}.node`);
    if (!existsSync(file)) {
      faults.push(`tasktrail.${platform}.node is not there`);
      continue;
    }
    try {
      return require(file);
    } catch (fault) {
      faults.push(fault instanceof Error ? fault.message : String(fault));
    }
  }
  throw new Error(
    `@tasktrail/node has no addon that runs on ${process.platform}-${process.arch}: ${faults.join('; ')}. ` +
      'Build it with `npm run build:native` in its package folder.',
  );
}

/** The addon. */
export const native = load();
export type { Native };
