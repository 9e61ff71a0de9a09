// Packs the extension: `node scripts/pack.mjs [FILE]`.
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const packagePath = resolve(process.argv[2] ?? `${cwd}/dist/tasktrail-task-history.vsix`);
await mkdir(dirname(packagePath), { recursive: true });
// Everything is bundled, so there are no dependencies to take along.
await createVSIX({ cwd, packagePath, dependencies: false, skipLicense: true });
