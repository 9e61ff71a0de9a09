// A module as it is shipped, but for how much memory it may ever have: with little, it really traps.

const PAGE = 65_536;
const MEMORY_SECTION = 5;

/** The same module with room for so many bytes more than it starts with. */
export function limited(module, bytes) {
  const source = Uint8Array.from(module);
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = source[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < source.length) {
    const start = at;
    const id = source[at++];
    const end = number() + at;
    if (id !== MEMORY_SECTION) {
      at = end;
      continue;
    }
    const [count, flags, initial] = [number(), number(), number()];
    if (count !== 1 || flags > 1) throw new Error('expected one memory of its own');
    const body = [1, 1, ...encoded(initial), ...encoded(initial + Math.ceil(bytes / PAGE))];
    const section = [MEMORY_SECTION, ...encoded(body.length), ...body];
    return Uint8Array.from([...source.subarray(0, start), ...section, ...source.subarray(end)]);
  }
  throw new Error('no memory section: is it a WebAssembly module?');
}

function encoded(value) {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return bytes;
}
