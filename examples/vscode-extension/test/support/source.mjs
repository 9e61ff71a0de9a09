// Imports a TypeScript file of the extension that needs no VS Code around it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export async function source(name) {
  const folder = mkdtempSync(join(tmpdir(), 'tasktrail-source-'));
  const file = join(folder, `${name}.mjs`);
  try {
    await build({
      entryPoints: [fileURLToPath(new URL(`../../src/${name}.ts`, import.meta.url))],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
      // CommonJS parts of Socket.IO ask for Node's own modules.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      external: ['bufferutil', 'utf-8-validate'],
    });
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
