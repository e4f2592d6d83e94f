import { readFileSync } from 'node:fs';
import type { CliOptions } from './cli-options';
import { doctlContext } from './doctl';
import { containsToken } from '../../util/text/sanitize';

/** A token and its source. */
export interface FoundToken {
  token: string;
  /** For the banner: `DIGITALOCEAN_TOKEN`. */
  from: string;
  endpoint?: string | undefined;
}

const VARIABLES = ['DIGITALOCEAN_TOKEN', 'DIGITALOCEAN_ACCESS_TOKEN'];

/**
 * Finds the token that the options name, else that of the environment, else that of doctl.
 * @returns `null` when there is none, or when a sandbox is wanted
 * @throws Error when the options name a token that is not there
 */
export function findToken({ tokenFile, context, sandbox }: CliOptions): FoundToken | null {
  if (sandbox) return null;
  if (tokenFile !== undefined) return { token: readToken(tokenFile), from: tokenFile };
  if (context === undefined) {
    for (const name of VARIABLES) {
      const token = process.env[name]?.trim();
      if (token) return { token, from: name };
    }
  }
  const found = doctlContext(context);
  return found && { ...found, from: `doctl's context ${found.name}` };
}

function readToken(file: string): string {
  const token = readFileSync(file, 'utf8').trim();
  if (token === '') throw new TypeError(`--token-file: ${file} is empty.`);
  return token;
}

/** Tokens without a prefix, as DigitalOcean made them before 2021. */
const BARE_TOKEN = /(?<![0-9a-z])[0-9a-f]{64}(?![0-9a-z])/i;
/** A URL with a query or a password: presigned URLs, as imports often have them, give access to a file. */
const SECRET_URL = /https?:(?:\/|\\){2,}[^\s"'`]*[?@]|%3F[\w%.-]*(?:signature|credential|token)/i;

/** Whether a line contains this token, anything that looks like one, or a URL that may be secret. */
export function holdsSecret(line: string, token: string | null): boolean {
  return (
    containsToken(line) ||
    BARE_TOKEN.test(line) ||
    SECRET_URL.test(line) ||
    (token !== null && line.includes(token))
  );
}
