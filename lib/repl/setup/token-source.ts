import { closeSync, fstatSync, openSync, constants, readSync } from 'node:fs';
import type { CliOptions } from './cli-options';
import { doctlContext } from './doctl';
import { containsToken } from '../../util/text/sanitize';

/** A token and its source. */
export interface FoundToken {
  token: string;
  /** For the banner: `DIGITALOCEAN_TOKEN`. */
  from: string;
  endpoint?: string | undefined;
  /** The context of doctl that it is from. */
  context?: string;
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
  return findInDoctl(context);
}

/** Finds the token of this context of doctl, else of the one that doctl would use. @throws TypeError when it is not there */
export function findInDoctl(wanted?: string): FoundToken | null {
  const found = doctlContext(wanted);
  if (found === null) return null;
  const { name, token, endpoint } = found;
  return { token, endpoint, context: name, from: `doctl's context ${name}` };
}

/** A token has a hundred characters; a file may have no end. */
const MAX_FILE = 65_536;

/** @throws TypeError for what is no regular file, and for a file of more than 64 KiB */
function readSmallFile(file: string): string {
  // Without waiting for a writer, as a FIFO would.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(descriptor).isFile()) throw new TypeError(`--token-file: ${file} is not a regular file.`);
    const bytes = Buffer.alloc(MAX_FILE + 1);
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    if (length > MAX_FILE)
      throw new TypeError(`--token-file: ${file} has more than 64 KiB; it holds no token.`);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(descriptor);
  }
}

function readToken(file: string): string {
  const token = readSmallFile(file).trim();
  if (token === '') throw new TypeError(`--token-file: ${file} is empty.`);
  return token;
}

/** Tokens without a prefix, as DigitalOcean made them before 2021. */
const BARE_TOKEN = /(?<![0-9a-z])[0-9a-f]{64}(?![0-9a-z])/i;
/** A URL with a query or a password: presigned URLs, as imports often have them, give access to a file. */
const SECRET_URL = /https?:(?:\/|\\){2,}[^\s"'`]*[?@]|%3F[\w%.-]*(?:signature|credential|token)/i;

/** Whether a line contains one of these tokens, anything that looks like one, or a URL that may be secret. */
export function holdsSecret(line: string, tokens: readonly string[]): boolean {
  return (
    containsToken(line) ||
    BARE_TOKEN.test(line) ||
    SECRET_URL.test(line) ||
    tokens.some((token) => line.includes(token))
  );
}
