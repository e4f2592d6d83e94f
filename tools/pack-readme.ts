import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../package.json';
import { repositoryAt, withAbsoluteLinks, withLocalLinks } from './pack-readme/links';

/**
 * Before `npm pack` (`prepack`), makes the links of README.md absolute, since the tarball has none of the files that they lead to;
 * after it (`postpack`, `--restore`), makes them local again.
 */
const README = join(__dirname, '..', 'README.md');
const rewrite = process.argv.includes('--restore') ? withLocalLinks : withAbsoluteLinks;

writeFileSync(README, rewrite(readFileSync(README, 'utf8'), repositoryAt(version)));
