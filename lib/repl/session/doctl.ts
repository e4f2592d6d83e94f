import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { nonempty } from '../show/text-layout';

/** What the configuration of doctl, DigitalOcean's own command, knows of a context. */
export interface DoctlContext {
  name: string;
  token: string;
  /** Where its API is, when that is not where it usually is. */
  endpoint: string | undefined;
}

/** Where doctl keeps its configuration. */
function configFile({ env, platform }: Pick<NodeJS.Process, 'env' | 'platform'>): string {
  const home = homedir();
  const folders: Partial<Record<NodeJS.Platform, string>> = {
    darwin: join(home, 'Library', 'Application Support'),
    win32: env.APPDATA ?? join(home, 'AppData', 'Roaming'),
  };
  return join(
    folders[platform] ?? nonempty(env.XDG_CONFIG_HOME) ?? join(home, '.config'),
    'doctl',
    'config.yaml',
  );
}

/**
 * The context of that name, else the one doctl would use; `null` when there is none with a token.
 * @throws TypeError when the named one is not there
 */
export function doctlContext(wanted: string | undefined): DoctlContext | null {
  const file = configFile(process);
  const { settings, contexts } = parse(read(file));
  const name = nonempty(wanted ?? settings.get('context')) ?? 'default';
  // The default context is not among the others: its token stands by itself.
  const token = (name === 'default' ? settings.get('access-token') : undefined) ?? contexts.get(name);
  if (token) return { name, token, endpoint: nonempty(settings.get('api-url')) };
  if (wanted === undefined) return null;
  const known = contexts.size > 0 ? `; there are ${[...contexts.keys()].join(', ')}` : '';
  throw new TypeError(`--context: doctl has no token for ${wanted} in ${file}${known}.`);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

interface Config {
  settings: Map<string, string>;
  contexts: Map<string, string>;
}

/** Of the YAML that doctl writes, what stands at the top and what stands in `auth-contexts`. */
function parse(yaml: string): Config {
  const settings = new Map<string, string>();
  const contexts = new Map<string, string>();
  let section = '';
  for (const line of yaml.split(/\r?\n/)) {
    const [, indent = '', key = '', value = ''] = /^( *)([^\s:#][^:]*):(?:\s+(.*))?$/.exec(line) ?? [];
    if (key === '') continue;
    if (indent === '') section = key;
    const text = value.trim().replace(/^(["'])(.*)\1$/, '$2');
    if (indent === '') settings.set(key, text);
    else if (section === 'auth-contexts') contexts.set(key.replace(/^(["'])(.*)\1$/, '$2'), text);
  }
  return { settings, contexts };
}
