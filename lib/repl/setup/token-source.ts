import { readFileSync } from 'node:fs';
import type { CliOptions } from './cli-options';
import { doctlContext } from './doctl';
import { containsToken } from '../../util/sanitize';

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

/** Replaces the token in all text that is written to a stream. */
export function hideToken(token: string, stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
  stream.write = (chunk: unknown, ...rest: unknown[]) =>
    write(typeof chunk === 'string' ? chunk.replaceAll(token, '[token]') : chunk, ...rest);
}

/** Whether a line contains this token, or anything that looks like one. */
export function holdsToken(line: string, token: string | null): boolean {
  return containsToken(line) || (token !== null && line.includes(token));
}
