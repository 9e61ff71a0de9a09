// As Vite takes it: it sees where the module lies, and ships it.
import * as entry from '@tasktrail/wasm';
import { check, tell } from './check.js';

tell(check(entry));
