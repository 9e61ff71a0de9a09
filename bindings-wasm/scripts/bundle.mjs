// Bundles the Task History page: what `dist/ui` holds needs no other file and runs under a strict content security policy.
import { cp, mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** In a bundle, the WebAssembly module lies beside the script. */
const besideTheScript = {
  name: 'beside-the-script',
  setup({ onResolve }) {
    onResolve({ filter: /^#load-slim$/ }, () => ({ path: path('dist/element/load.bundle.js') }));
  },
};

const out = path('dist/ui');
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: { 'task-history': path('dist/element/bundle.js'), page: path('dist/element/page.js') },
  outdir: out,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  conditions: ['browser'],
  plugins: [besideTheScript],
  logLevel: 'warning',
});
for (const name of ['index.html', 'page.css', 'icon.svg']) await cp(path(`src/element/${name}`), `${out}/${name}`);
await cp(path('pkg/slim/tasktrail_wasm_slim_bg.wasm'), `${out}/tasktrail_wasm_slim_bg.wasm`);
