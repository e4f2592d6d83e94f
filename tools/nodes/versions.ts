import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installIn, wantedIn } from '../support/packages';

/** A version of Node, installed here from its own lock, for Linux on x64 only. */
export interface NodeVersion {
  /** Such as `node24`. */
  name: string;
  /** Such as `24.21.0`. */
  version: string;
  /** The path of the program. */
  program: string;
}

/** The supported versions of Node, the oldest first. */
export const NODES: readonly NodeVersion[] = Object.entries(wantedIn(__dirname)).map(([name, version]) => ({
  name,
  version,
  program: join(__dirname, 'node_modules', name, 'bin', 'node'),
}));

/** Installs them unless they are present. @throws Error where one does not exist for this machine */
export async function installNodes(say: (line: string) => void): Promise<void> {
  await installIn(__dirname, say);
  const missing = NODES.filter(({ program }) => !existsSync(program)).map(({ name }) => name);
  if (missing.length > 0) throw new Error(`${missing.join(', ')} cannot be installed on this machine`);
}
