import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configFolder } from './platform-folders';

/** A file that runs at the start of a session. */
export interface StartupFile {
  path: string;
  code: string;
}

/** Reads `doapi-ts/repl.ts` in the configuration folder. @returns `null` when it is not there; other failures are notices */
export function readStartupFile(notice: (text: string) => unknown): StartupFile | null {
  const path = join(configFolder(process), 'doapi-ts', 'repl.ts');
  try {
    return { path, code: readFileSync(path, 'utf8') };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') notice(`The start-up file was not run: ${message}`);
    return null;
  }
}
