import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../lib/version';
import { version } from '../package.json';

/** Where the version is beside package.json, with the text before it: the code, the name of the tarball, the header of a request. */
export const PLACES = {
  'lib/version.ts': "VERSION = '",
  'README.md': 'doapi-ts-',
  'docs/guide.md': 'doapi-ts-',
  'docs/versions.md': 'doapi-ts/',
};

/** `npm version` runs this before it commits. */
function main(): void {
  for (const [file, before] of Object.entries(PLACES)) {
    const path = join(__dirname, '..', file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(before + VERSION)) throw new Error(`${file} does not contain ${before}${VERSION}`);
    writeFileSync(path, text.replaceAll(before + VERSION, before + version));
  }
}

if (require.main === module) main();
