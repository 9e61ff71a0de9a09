// `cargo xtask bench node`: the figures of the Node package beside those of its peers, printed as one JSON array.
// `index.mjs [--quick] [FIGURE…]`; TASKTRAIL_BENCH_MONGODB names a server to make databases on, TASKTRAIL_BENCH_FOLDER a folder on a real disk.
import { parseArgs } from 'node:util';
import { exit } from './figures/exit.mjs';
import { live } from './figures/live.mjs';
import { closed, rate } from './figures/loop.mjs';
import { body, post } from './figures/thread.mjs';

const figures = { post, body, closed, rate, live, exit };
const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean' } }, allowPositionals: true });
const { TASKTRAIL_BENCH_MONGODB: mongodb, TASKTRAIL_BENCH_FOLDER: folder } = process.env;
const unknown = positionals.find((name) => !Object.hasOwn(figures, name));

if (!mongodb || !folder || process.platform !== 'linux' || unknown) {
  console.error(
    process.platform !== 'linux'
      ? 'the CPU time of one thread is read from /proc, which only Linux has'
      : unknown
        ? `no figure is named ${unknown}; there are ${Object.keys(figures).join(', ')}`
        : 'TASKTRAIL_BENCH_MONGODB and TASKTRAIL_BENCH_FOLDER must name a server and a folder: `cargo xtask bench node` gives both',
  );
  process.exit(2);
}

let made = 0;
const bench = {
  quick: values.quick ?? false,
  folder,
  /** The URL of a database that nobody has used. */
  database(name) {
    const url = new URL(mongodb);
    url.pathname = `/tt_bench_${name.replace(/\W/g, '_')}_${process.pid}_${made++}`;
    return url.href;
  },
  progress: (what) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${what}`),
};

const rows = [];
for (const [name, measure] of Object.entries(figures)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const measured = await measure(bench);
  bench.progress('');
  for (const { name, ours, peer, peer_name: peerName, ratio, goal, unit, note } of measured) {
    console.error(
      `${name}: ${ours.toFixed(2)} ${unit}; ${peerName}: ${peer.toFixed(2)} ${unit}; ratio ${ratio.toFixed(3)} ${goal ?? ''}  ${note}`,
    );
  }
  rows.push(...measured);
}
console.log(JSON.stringify(rows, null, 2));
