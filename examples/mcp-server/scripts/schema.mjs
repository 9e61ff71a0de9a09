// The tools for events are described by the schema of events that comes from the core: the build takes it along.
import { copyFileSync } from 'node:fs';

copyFileSync(
  new URL('../../../docs/schema/event.schema.json', import.meta.url),
  new URL('../dist/event.schema.json', import.meta.url),
);
