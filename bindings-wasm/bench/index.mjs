// `cargo xtask bench webview`: what the view costs, printed as one JSON array of rows; the sizes of what a page loads are `cargo xtask size`'s.
// `index.mjs [--quick] [FIGURE…]`. A figure is a function that gives rows (tests/bench/js/row.mjs): one more goes into the table below.
// Those of the page want TASKTRAIL_BENCH_MONGODB, a server to make databases on, and TASKTRAIL_BENCH_FOLDER, a folder on a real disk.
import { asked, measure, progress } from '../../tests/bench/js/suite.mjs';
import { batch, event } from './figures/history.mjs';
import { memory } from './figures/memory.mjs';
import { opening } from './figures/opening.mjs';
import { burst, paint } from './figures/paint.mjs';

const figures = { event, batch, paint, burst, memory, opening };
const { quick, names } = asked(figures);

let made = 0;
const bench = {
  quick,
  progress,
  get folder() {
    return named('TASKTRAIL_BENCH_FOLDER');
  },
  /** The URL of a database that nobody has used. */
  database() {
    const url = new URL(named('TASKTRAIL_BENCH_MONGODB'));
    url.pathname = `/tt_bench_webview_${process.pid}_${made++}`;
    return url.href;
  },
};

function named(variable) {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: \`cargo xtask bench webview\` sets it`);
  return value;
}

await measure(figures, names, bench);
