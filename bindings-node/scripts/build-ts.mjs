// Compiles the TypeScript and writes the committed index.d.ts: `npm run build:ts`.
//
// The NestJS entry imports the package by its name and so compiles against index.d.ts, as a host does: one declaration of
// `Trail` for both entries.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const tsc = (project) =>
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', project], {
    cwd: here,
    stdio: 'inherit',
  });

try {
  rmSync(join(here, 'dist'), { recursive: true, force: true });
  tsc('tsconfig.json');
  const { generateDtsBundle } = require('dts-bundle-generator');
  const [types] = generateDtsBundle(
    [
      {
        filePath: join(here, 'dist/index.d.ts'),
        output: { noBanner: true, exportReferencedTypes: false, sortNodes: false },
      },
    ],
    { preferredConfigPath: join(here, 'tsconfig.json') },
  );
  writeFileSync(
    join(here, 'index.d.ts'),
    `// Generated from src/ by \`npm run build:ts\`; do not edit.\n\n${types.trimStart()}`,
  );
  tsc('tsconfig.nestjs.json');
} catch (fault) {
  if (fault.status === undefined) console.error(fault);
  process.exit(1);
}
