import * as glue from '../pkg/web/tasktrail_wasm.js';
import { start, type Init, type ModuleSource } from './module.js';

/** An `init` of the full module, by where the module lies when nobody says. */
export const initFrom =
  (defaultSource: () => Promise<ModuleSource>): Init =>
  (source) =>
    start({ name: 'full', glue, defaultSource }, source);
