import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as Native from '../native';
import { TasktrailError } from './errors';

/** Where there is an addon for, each in a package of its own: those of `napi.targets` in package.json. */
const PLATFORMS = [
  'linux-x64-gnu',
  'linux-x64-musl',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64-msvc',
  'win32-arm64-msvc',
];

/** Asks this very process: files of the system only say which C libraries are installed beside the one it runs on. */
function runsOnGlibc(): boolean {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  const before = report.excludeNetwork;
  // Looking up who is at the other end of each connection can take seconds.
  report.excludeNetwork = true;
  try {
    const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } };
    return header?.glibcVersionRuntime !== undefined;
  } finally {
    report.excludeNetwork = before;
  }
}

/** This machine, as the addons' packages name theirs. */
function thisPlatform(): string {
  const { platform, arch } = process;
  if (platform === 'linux') return `linux-${arch}-${runsOnGlibc() ? 'gnu' : 'musl'}`;
  return platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`;
}

/** The machine, in the words in which somebody can look for a binary. */
function described(platform: string): string {
  const libc = { gnu: ', libc glibc', musl: ', libc musl' }[platform.split('-')[2] ?? ''] ?? '';
  return `${platform} (platform ${process.platform}, arch ${process.arch}${libc})`;
}

function missing(platform: string, more: string): TasktrailError {
  return new TasktrailError('TT_ADDON_MISSING', `@tasktrail/node has no addon for ${described(platform)}. ${more}`);
}

function failed(platform: string, more: string): TasktrailError {
  return new TasktrailError('TT_ADDON_FAILED', `the addon of @tasktrail/node for ${described(platform)} ${more}`);
}

/**
 * The addon from this platform's package. Each name stands here as it is, in a `try`: bundlers and file tracers follow the
 * first and let a package be absent because of the second.
 */
function requireInstalled(platform: string): typeof Native {
  try {
    switch (platform) {
      case 'linux-x64-gnu':
        return require('@tasktrail/node-linux-x64-gnu');
      case 'linux-x64-musl':
        return require('@tasktrail/node-linux-x64-musl');
      case 'linux-arm64-gnu':
        return require('@tasktrail/node-linux-arm64-gnu');
      case 'linux-arm64-musl':
        return require('@tasktrail/node-linux-arm64-musl');
      case 'darwin-x64':
        return require('@tasktrail/node-darwin-x64');
      case 'darwin-arm64':
        return require('@tasktrail/node-darwin-arm64');
      case 'win32-x64-msvc':
        return require('@tasktrail/node-win32-x64-msvc');
      case 'win32-arm64-msvc':
        return require('@tasktrail/node-win32-arm64-msvc');
    }
  } catch (fault) {
    if ((fault as { code?: unknown } | null)?.code !== 'MODULE_NOT_FOUND') throw fault;
    throw missing(
      platform,
      `Its package @tasktrail/node-${platform} is not installed. Install again with optional dependencies (without ` +
        '--omit=optional); if the lock file was written on another platform, remove it and node_modules first. A bundler ' +
        'must leave @tasktrail/node external. In a checkout of Tasktrail, `npm run build:native` builds the addon.',
    );
  }
  throw missing(platform, `There is one for ${PLATFORMS.join(', ')}; elsewhere it must be built from the source.`);
}

/** One that was built here goes first: a checkout's tests are about it, and an installed package has none. */
function load(): typeof Native {
  const platform = thisPlatform();
  const built = join(__dirname, '..', `tasktrail.${platform}.node`);
  let addon: typeof Native;
  try {
    addon = existsSync(built) ? require(built) : requireInstalled(platform);
  } catch (fault) {
    if (fault instanceof TasktrailError) throw fault;
    throw failed(platform, `cannot be loaded: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
  const { version } = require('../package.json') as { version: string };
  // The first addons did not tell theirs.
  const found = addon.version?.() ?? 'an earlier one';
  if (found !== version) {
    throw failed(platform, `is of version ${found}, the package around it of ${version}: install both again.`);
  }
  return addon;
}

/** The addon. */
export const native = load();
export type { Native };
