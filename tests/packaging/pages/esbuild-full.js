// As esbuild takes it: the module is a file of the loader's, and its address is given to init.
import * as entry from '@tasktrail/wasm';
import wasm from '@tasktrail/wasm/tasktrail_wasm_bg.wasm';
import { check, tell } from './check.js';

tell(check(entry, new URL(wasm, import.meta.url)));
