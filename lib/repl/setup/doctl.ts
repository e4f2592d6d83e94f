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

/** The contexts of doctl, with the one that it would use. */
export interface DoctlContexts {
  file: string;
  current: string;
  /** The names of those that have a token. */
  names: readonly string[];
}

/**
 * Reads the context of that name, else the one that doctl would use.
 * @returns `null` when there is no such context with a token
 * @throws TypeError when `wanted`, or the one that `DIGITALOCEAN_CONTEXT` names, is not there
 */
export function doctlContext(wanted: string | undefined): DoctlContext | null {
  const { file, current, tokens, endpoint, isChosen } = readDoctl();
  const name = wanted ?? current;
  const token = tokens.get(name);
  if (token !== undefined) return { name, token, endpoint };
  if (wanted === undefined && !isChosen) return null;
  const known = tokens.size > 0 ? `; its contexts are ${[...tokens.keys()].join(', ')}` : '';
  const source = wanted === undefined ? 'DIGITALOCEAN_CONTEXT: ' : '';
  throw new TypeError(`${source}doctl has no token for ${name} in ${file}${known}.`);
}

/** The contexts that have a token; the message of no error and no result contains one. */
export function doctlContexts(): DoctlContexts {
  const { file, current, tokens } = readDoctl();
  return { file, current, names: [...tokens.keys()] };
}

interface DoctlConfig {
  file: string;
  current: string;
  /** Whether the environment names the current one. */
  isChosen: boolean;
  tokens: ReadonlyMap<string, string>;
  endpoint: string | undefined;
}

function readDoctl(): DoctlConfig {
  const file = join(configFolder(process), 'doctl', 'config.yaml');
  const config = readConfig(file);
  const contexts = Object.entries(Object(config['auth-contexts']) as Record<string, unknown>);
  // The token of the default context has a key of its own.
  const all = [['default', config['access-token']] as const, ...contexts];
  const tokens = all.flatMap(([name, token]): [string, string][] =>
    stringOf(token) === '' ? [] : [[name, stringOf(token)]],
  );
  const chosen = process.env.DIGITALOCEAN_CONTEXT ?? '';
  return {
    file,
    current: chosen || stringOf(config.context) || 'default',
    isChosen: chosen !== '',
    tokens: new Map(tokens),
    endpoint: stringOf(config['api-url']) || undefined,
  };
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
