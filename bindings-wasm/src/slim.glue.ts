import * as glue from '../pkg/slim/tasktrail_wasm.js';
import { start, type Init, type ModuleSource } from './module.js';

/** An `init` of the slim module, by where the module lies when nobody says. */
export const initSlimFrom =
  (defaultSource: () => Promise<ModuleSource>): Init =>
  (source) =>
    start({ name: 'slim', glue, defaultSource }, source);
