// What a suite of figures in JavaScript does, whatever it measures: `index.mjs [--quick] [FIGURE…]`.
import { parseArgs } from 'node:util';

/** What is asked for on the command line; a figure that there is not ends the process. */
export function asked(figures) {
  const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean' } }, allowPositionals: true });
  const unknown = positionals.find((name) => !Object.hasOwn(figures, name));
  if (unknown) {
    console.error(`no figure is named ${unknown}; there are ${Object.keys(figures).join(', ')}`);
    process.exit(2);
  }
  return { quick: values.quick ?? false, names: positionals.length > 0 ? positionals : Object.keys(figures) };
}

/** Shows how it goes to who waits for it. */
export const progress = (what) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${what}`);

/** Measures the figures of these names in turn and prints their rows as one JSON array. */
export async function measure(figures, names, bench) {
  const rows = [];
  for (const name of names) {
    const measured = await figures[name](bench);
    progress('');
    for (const { name, ours, peer, peer_name: peerName, ratio, goal, unit, note } of measured) {
      console.error(
        `${name}: ${ours.toFixed(2)} ${unit}; ${peerName}: ${peer.toFixed(2)} ${unit}; ratio ${ratio.toFixed(3)} ${goal ?? ''}  ${note}`,
      );
    }
    rows.push(...measured);
  }
  console.log(JSON.stringify(rows, null, 2));
}
