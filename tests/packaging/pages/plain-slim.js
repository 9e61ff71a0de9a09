// Without a bundler: the package's files as they are, from where they are served.
import * as entry from '/package/dist/slim.web.js';
import { check, checkTrap, tell } from './check.js';

const asked = new URLSearchParams(location.search);
tell(asked.has('limited') ? checkTrap(entry, asked.get('limited'), Number(asked.get('huge'))) : check(entry));
