// `cargo xtask bench webview`: what the view costs, printed as one JSON array of rows; the sizes of what a page loads are `cargo xtask size`'s.
// `index.mjs [--quick] [FIGURE…]`. A figure is a function that gives rows (tests/bench/js/row.mjs): one more goes into the table below.
import { asked, measure, progress } from '../../tests/bench/js/suite.mjs';
import { batch, event } from './figures/history.mjs';

const figures = { event, batch };
const { quick, names } = asked(figures);
await measure(figures, names, { quick, progress });
