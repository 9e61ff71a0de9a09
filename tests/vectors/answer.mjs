// How one vector is asked; runs in Node and in a page.

/** A text of a vector, whose pieces are joined. */
export function joined(text) {
  if (typeof text === 'string') return text;
  return text.map((piece) => (typeof piece === 'string' ? piece : piece.repeat.repeat(piece.times))).join('');
}

/**
 * What the core says to one question: `{ output }` or `{ error }`. `core.calls` has a function for each name in `call`, texts in and the
 * text of the answer out; what it throws is an error of the core, whose JSON text `core.errorText` finds in it.
 */
export function answer(core, { call, args }) {
  try {
    return { output: core.calls[call](...args.map(joined)) };
  } catch (thrown) {
    const { code, field, message } = JSON.parse(core.errorText(thrown));
    return { error: field === undefined ? { code, message } : { code, field, message } };
  }
}
