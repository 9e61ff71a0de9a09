// `cargo xtask bench node`: the figures of the Node package beside those of its peers, printed as one JSON array.
// `index.mjs [--quick] [FIGURE…]`; TASKTRAIL_BENCH_MONGODB names a server to make databases on, TASKTRAIL_BENCH_FOLDER a folder on a real disk.
import { asked, measure, progress } from '../../tests/bench/js/suite.mjs';
import { exit } from './figures/exit.mjs';
import { live } from './figures/live.mjs';
import { closed, rate } from './figures/loop.mjs';
import { body, post } from './figures/thread.mjs';

const figures = { post, body, closed, rate, live, exit };
const { quick, names } = asked(figures);
const { TASKTRAIL_BENCH_MONGODB: mongodb, TASKTRAIL_BENCH_FOLDER: folder } = process.env;

if (!mongodb || !folder || process.platform !== 'linux') {
  console.error(
    process.platform !== 'linux'
      ? 'the CPU time of one thread is read from /proc, which only Linux has'
      : 'TASKTRAIL_BENCH_MONGODB and TASKTRAIL_BENCH_FOLDER must name a server and a folder: `cargo xtask bench node` gives both',
  );
  process.exit(2);
}

let made = 0;
const bench = {
  quick,
  folder,
  /** The URL of a database that nobody has used. */
  database(name) {
    const url = new URL(mongodb);
    url.pathname = `/tt_bench_${name.replace(/\W/g, '_')}_${process.pid}_${made++}`;
    return url.href;
  },
  progress,
};

await measure(figures, names, bench);
