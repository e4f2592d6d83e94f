import { chmodSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { REPLServer } from 'node:repl';
import { nonempty } from '../show/text-layout';

/** Where the platform wants programs to keep what they remember. */
export function historyFile({ env, platform }: Pick<NodeJS.Process, 'env' | 'platform'> = process): string {
  const home = homedir();
  const folders: Partial<Record<NodeJS.Platform, string>> = {
    darwin: join(home, 'Library', 'Application Support'),
    win32: env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'),
  };
  const state = folders[platform] ?? nonempty(env.XDG_STATE_HOME) ?? join(home, '.local', 'state');
  return join(state, 'doapi-ts', 'history');
}

/**
 * Remembers lines from one session to the next, in a file that only its owner can read. Without a place to keep them,
 * the session goes on and forgets.
 * @param isSecret lines that are never kept
 */
export function remember(server: REPLServer, isSecret: (line: string) => boolean): Promise<void> {
  // Told each time before it is written.
  server.on('history', (lines: string[]) => {
    for (let index = lines.length - 1; index >= 0; index--)
      if (isSecret(lines[index] ?? '')) lines.splice(index, 1);
  });
  const file = historyFile();
  return new Promise((resolve) => {
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      server.setupHistory(file, (error) => {
        // It may have been made by somebody with other habits.
        if (!error) chmodSync(file, 0o600);
        resolve();
      });
    } catch {
      resolve();
    }
  });
}
