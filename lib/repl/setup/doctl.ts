import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { configFolder } from './platform-folders';

/** A context in the configuration of doctl, DigitalOcean's own command. */
export interface DoctlContext {
  name: string;
  token: string;
  /** Where its API is, when it is not the usual one. */
  endpoint: string | undefined;
}

/**
 * Reads the context of that name, else the one that doctl would use.
 * @returns `null` when there is no such context with a token
 * @throws TypeError when `wanted` is not there
 */
export function doctlContext(wanted: string | undefined): DoctlContext | null {
  const file = join(configFolder(process), 'doctl', 'config.yaml');
  const config = readConfig(file);
  const contexts = new Map(Object.entries(Object(config['auth-contexts']) as Record<string, unknown>));
  const name = (wanted ?? stringOf(config.context)) || 'default';
  // The token of the default context has a key of its own.
  const token = (name === 'default' && stringOf(config['access-token'])) || stringOf(contexts.get(name));
  if (token) return { name, token, endpoint: stringOf(config['api-url']) || undefined };
  if (wanted === undefined) return null;
  const known = contexts.size > 0 ? `; its contexts are ${[...contexts.keys()].join(', ')}` : '';
  throw new TypeError(`--context: doctl has no token for ${wanted} in ${file}${known}.`);
}

/** A file that is missing or broken counts as empty. A parser's error is not shown: it quotes lines that hold tokens. */
function readConfig(file: string): Record<string, unknown> {
  try {
    const source = readFileSync(file, 'utf8');
    // Loaded only when there is a file.
    const { parse } = createRequire(__filename)('yaml') as typeof import('yaml');
    return Object(parse(source)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function stringOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
