// Bundles the extension: one script for the extension host, one for the view, and the WebAssembly module of each.
import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const wasm = (name) => createRequire(import.meta.url).resolve(`@tasktrail/wasm/${name}`);
const shared = { bundle: true, minify: true, legalComments: 'none', logLevel: 'warning', target: 'es2022' };

await rm(path('dist'), { recursive: true, force: true });
await mkdir(path('dist/webview'), { recursive: true });
await build({
  ...shared,
  entryPoints: { extension: path('src/extension.ts') },
  outdir: path('dist'),
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // The others are optional parts of `ws`, which does without them.
  external: ['vscode', 'bufferutil', 'utf-8-validate'],
  // The module comes from beside the script: `import.meta.url`, by which the package would find it, is none in CommonJS.
  define: { 'import.meta.url': '"file:///"' },
  keepNames: true,
});
await build({
  ...shared,
  entryPoints: { view: path('webview/main.ts') },
  outdir: path('dist/webview'),
  format: 'esm',
  conditions: ['browser'],
});
await cp(path('webview/view.css'), path('dist/webview/view.css'));
for (const [name, folder] of [
  ['tasktrail_wasm_bg.wasm', 'dist'],
  ['tasktrail_wasm_slim_bg.wasm', 'dist/webview'],
]) {
  await cp(wasm(name), path(`${folder}/${name}`));
}
// The licences of what is bundled are those of the packages; the extension's own lie at the root of the repository.
for (const name of ['LICENSE-MIT', 'LICENSE-APACHE']) await cp(path(`../../${name}`), path(`dist/${name}`));
console.log(`built ${dirname(path('dist/extension.js'))}`);
