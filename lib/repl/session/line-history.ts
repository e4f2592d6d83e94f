import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { REPLServer } from 'node:repl';
import { stateFolder } from '../setup/platform-folders';
import { escapeUnprintable } from '../../util/text/sanitize';

/** The file of the history. */
export function historyFile(platform: Pick<NodeJS.Process, 'env' | 'platform'> = process): string {
  return join(stateFolder(platform), 'doapi-ts', 'history');
}

/**
 * Keeps lines from one session to the next, in a file that only its owner can read. Where the file cannot be written,
 * the session runs without a history.
 * @param isSecret whether a line must not be kept
 */
export function keepHistory(server: REPLServer, isSecret: (line: string) => boolean): Promise<void> {
  const clean = (lines: string[]): void => {
    const kept = lines.filter((line) => !isSecret(line)).map(escapeUnprintable);
    lines.splice(0, lines.length, ...kept);
  };
  // Emitted each time before the file is written.
  server.on('history', clean);
  const file = historyFile();
  return new Promise((resolve) => {
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      server.setupHistory(file, (error) => {
        // The file may have existed before, readable for others.
        if (!error) chmodSync(file, 0o600);
        clean((server as unknown as { history: string[] }).history);
        resolve();
      });
    } catch {
      resolve();
    }
  });
}
