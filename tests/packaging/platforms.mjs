// Where there is an addon for, as bindings-node/package.json says: everything else that lists platforms is held to it.
import { readFileSync } from 'node:fs';
import { parseTriple } from '@napi-rs/cli';

const manifest = JSON.parse(readFileSync(new URL('../../bindings-node/package.json', import.meta.url), 'utf8'));

/** Each with Rust's name of it (`target`), the name of its package's end, and what Node says of itself there. */
export const PLATFORMS = manifest.napi.targets.map((target) => {
  const { platformArchABI: name, platform, arch, abi } = parseTriple(target);
  return { target, name, platform, arch, libc: platform === 'linux' ? abi : undefined };
});
