// The user's own random text, from which workspace ids are made: the same file and the same rules as the core's `user_salt`, so that
// the extension, the MCP server and the command line agree on the id of a folder.
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const VARIABLE = 'TASKTRAIL_SALT';
const LEAST_BYTES = 8;
const MOST_BYTES = 4 * 1024;
const RANDOM_BYTES = 32;
/** How long an empty file is given to be filled by whoever has just made it. */
const PATIENCE_MS = 1_000;

type Environment = Record<string, string | undefined>;

/** The salt cannot be read or made; the message says what to do. */
export class SaltError extends Error {
  override name = 'SaltError';
}

/** `TASKTRAIL_SALT` where that is set, otherwise the file `tasktrail/salt` in the user's configuration folder, which is made when it is absent. */
export async function userSalt(
  environment: Environment = process.env,
  home: string = homedir(),
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  const given = environment[VARIABLE];
  if (given) {
    if (Buffer.byteLength(given) >= LEAST_BYTES) return given;
    throw new SaltError(
      `${VARIABLE} is random text of at least ${LEAST_BYTES} bytes; unset it to use the user's own salt`,
    );
  }
  const folder = settingsFolder(environment, home, platform);
  if (!folder)
    throw new SaltError(`there is no home folder to keep the user's salt in; set ${VARIABLE} to random text`);
  const file = join(folder, 'tasktrail', 'salt');
  const found = await read(file);
  if (found !== undefined) return found;
  try {
    await make(file);
  } catch (fault) {
    throw new SaltError(
      `cannot make the user's salt at ${file}: ${reason(fault)}; make its folder writable for this user, or set ${VARIABLE} to random text`,
    );
  }
  // Whoever made it: another process may have been quicker.
  const made = await read(file);
  if (made === undefined) throw new SaltError(`the user's salt at ${file} was removed while it was made; try again`);
  return made;
}

function settingsFolder(environment: Environment, home: string, platform: NodeJS.Platform): string | undefined {
  const absolute = (name: string): string | undefined => {
    const value = environment[name];
    return value && isAbsolute(value) ? value : undefined;
  };
  const ownHome = isAbsolute(home) ? home : undefined;
  if (platform === 'win32') return absolute('APPDATA') ?? (ownHome && join(ownHome, 'AppData', 'Roaming'));
  if (platform === 'darwin') return ownHome && join(ownHome, 'Library', 'Application Support');
  return absolute('XDG_CONFIG_HOME') ?? (ownHome && join(ownHome, '.config'));
}

/** The file's text; undefined when there is no file. */
async function read(file: string): Promise<string | undefined> {
  const unusable = (why: string): SaltError =>
    new SaltError(
      `cannot use the user's salt at ${file}: ${why}; delete the file to have a new one made (every workspace id changes), or set ${VARIABLE}`,
    );
  const deadline = Date.now() + PATIENCE_MS;
  let bytes: Buffer;
  try {
    while (Date.now() < deadline && (await stat(file)).size === 0) await sleep(10);
    bytes = await readFile(file);
  } catch (fault) {
    if (code(fault) === 'ENOENT') return undefined;
    throw unusable(reason(fault));
  }
  if (bytes.length > MOST_BYTES) throw unusable('it is longer than 4 KiB');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw unusable('it is not UTF-8 text');
  }
  const salt = trim(text);
  if (Buffer.byteLength(salt) < LEAST_BYTES) throw unusable(`it holds fewer than ${LEAST_BYTES} bytes`);
  return salt;
}

/** Trims what Unicode calls white space, as the core does; JavaScript's own `trim` also takes a byte order mark. */
const trim = (text: string): string => text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, '');

/** Makes the file, whole or not at all. When it is there by then, it stays. */
async function make(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const text = `${base32(randomBytes(RANDOM_BYTES))}\n`;
  const draft = join(dirname(file), `.salt-${base32(randomBytes(10))}`);
  try {
    await write(draft, text);
    try {
      await link(draft, file);
    } catch (fault) {
      // A file system without hard links: whoever reads in between sees an empty file, and waits.
      if (code(fault) !== 'EEXIST') await write(file, text);
    }
  } catch (fault) {
    if (code(fault) !== 'EEXIST') throw fault;
  } finally {
    await rm(draft, { force: true });
  }
}

async function write(file: string, text: string): Promise<void> {
  const opened = await open(file, 'wx', 0o600);
  try {
    await opened.writeFile(text);
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** Lower case without padding (RFC 4648, section 6). */
function base32(bytes: Uint8Array): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  let text = '';
  let bits = 0;
  let count = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    count += 8;
    while (count >= 5) {
      count -= 5;
      text += letters[(bits >> count) & 31];
    }
  }
  if (count > 0) text += letters[(bits << (5 - count)) & 31];
  return text;
}

const code = (fault: unknown): string | undefined => (fault as NodeJS.ErrnoException).code;
const reason = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));
