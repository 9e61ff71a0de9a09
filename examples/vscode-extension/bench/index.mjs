// `cargo xtask bench webview`: how soon the view is there in the real workbench, printed as one JSON array of rows. Figures that a page has
// everywhere are measured in bindings-wasm/bench.
import { join } from 'node:path';
import { asked, measure, progress } from '../../../tests/bench/js/suite.mjs';
import { median, row, spread } from '../../../tests/bench/js/row.mjs';
import { Api } from '../test/support/api.mjs';
import { Machine } from '../test/support/workbench.mjs';

const RECORDS = 500;

/** Runs in every frame: notes when the key was pressed. */
const watch = () =>
  addEventListener('keydown', ({ ctrlKey, key }) => ctrlKey && key === 'j' && (window.pressedAt = Date.now()), true);

/** From the key that shows the panel to rows that can be used; the extension has its records already. */
async function interactive({ quick, progress }) {
  const machine = await new Machine().start();
  let api;
  try {
    api = await new Api(`sqlite:${join(machine.folder, 'audit.db')}`, join(machine.folder, 'api')).start();
    const folder = machine.repository('app');
    const run = api.run(machine.workspaceId(folder));
    const at = Date.now() - 3_600_000;
    for (let number = 0; number < RECORDS; number++) {
      const item = `${1 + (number % 5)}.${number >> 1}`;
      await run.task(number % 2 ? 'completed' : 'started', item, `Item ${item}`, {}, at + number * 1_000);
    }
    const workbench = await machine.workbench('code', { 'tasktrail.apiUrl': api.url });
    const window = await workbench.open({ folder, script: watch });
    await window.show();
    await window.live();
    const [ours, theirs] = [[], []];
    const rounds = quick ? 5 : 20;
    for (let round = 0; round < rounds; round++) {
      await window.hide();
      await window.page.keyboard.press('Control+j');
      await window.live();
      // As Playwright sees it, which looks again after half a second at last: an upper bound.
      const usableAt = Date.now();
      const content = await window.content();
      const beganAt = await content.evaluate(() => performance.timeOrigin);
      const pressedAt = await window.page.evaluate(() => window.pressedAt);
      ours.push(usableAt - beganAt);
      theirs.push(beganAt - pressedAt);
      progress(`round ${round + 1} of ${rounds}`);
    }
    await window.close();
    return [
      row({
        name: `the view in VS Code, its document begins to ${RECORDS} records that can be used`,
        ours: median(ours),
        peerName: 'VS Code, the key is pressed to the document begins',
        peer: median(theirs),
        unit: 'ms',
        note: `at most, as Playwright sees it: ${spread(ours)} ms; VS Code ${spread(theirs)} ms`,
      }),
    ];
  } finally {
    await machine.stop();
    await api?.stop();
  }
}

const figures = { interactive };
const { quick, names } = asked(figures);
await measure(figures, names, { quick, progress });
