import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../package.json';

/** Where the version is beside package.json: the code, the name of the tarball, and the header of a request. */
const FILES = ['lib/version.ts', 'README.md', 'docs/guide.md', 'docs/versions.md'];
const VERSION = /(VERSION = '|doapi-ts[-/])\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?/g;

/** `npm version` runs this before it commits. */
for (const file of FILES) {
  const path = join(__dirname, '..', file);
  writeFileSync(path, readFileSync(path, 'utf8').replace(VERSION, `$1${version}`));
}
