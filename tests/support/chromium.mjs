// The one way in which tests and measurements start a browser.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A Chromium without a window and without any other network than this machine's: this one, `CHROMIUM`, or one that is found. */
export function launch(executablePath = process.env.CHROMIUM || PLACES.find((place) => existsSync(place))) {
  if (!executablePath)
    throw new Error('no Chromium found: install it (Debian: apt-get install chromium) or name one in CHROMIUM');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
}
