// A host in a process of its own, whose memory is nobody else's: `node export-host.js FRAMEWORK STORE_URL`. Over IPC it says its port, and
// how it stands with its memory and its last export whenever it is asked.
import type { ExportText } from '@tasktrail/node';
import { startHost, type Framework } from './kinds';

export interface Report {
  /** The most memory that the process ever had, in bytes. */
  peak: number;
  /** What its last export has read so far. */
  records: number;
  /** Whether that was told to stop before its end. */
  stopped: boolean;
}

const [framework, url = ''] = process.argv.slice(2);
const options = { url, gateway: false, spool: false, rateLimit: { reads: false } } as const;

void startHost(framework as Framework, options, { controllers: [] }).then((host) => {
  let last: ExportText | undefined;
  let stopped = false;
  const { exportText } = host.trail;
  host.trail.exportText = (...args) => {
    stopped = false;
    last = exportText.apply(host.trail, args);
    return Object.assign(last, {
      return: async () => {
        stopped = true;
        return { done: true, value: undefined } as const;
      },
    });
  };
  process.on('message', () => {
    const report: Report = {
      peak: process.resourceUsage().maxRSS * 1_024,
      records: last?.records ?? 0,
      stopped,
    };
    process.send?.(report);
  });
  process.once('disconnect', () => void host.close().then(() => process.exit(0)));
  process.send?.(host.port);
});
