import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** It may reach this machine only, and starts nothing in the background. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** Starts Chromium or Chrome without a window: `CHROMIUM`, or one that is in the path. */
export async function startBrowser(): Promise<Browser> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = folders
    .flatMap((folder) => PROGRAMS.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
  const executablePath = process.env.CHROMIUM ?? found;
  if (!executablePath)
    throw new Error(
      'There is no Chromium: install it (apt-get install chromium), or set CHROMIUM to its path.',
    );
  return chromium.launch({ executablePath, args: FLAGS });
}
