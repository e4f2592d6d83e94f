import { readFileSync } from 'node:fs';
import type { CliOptions } from './cli-options';
import { doctlContext } from './doctl';

/** A token, and where it was found. */
export interface FoundToken {
  token: string;
  /** For the banner: `DIGITALOCEAN_TOKEN`. */
  from: string;
  endpoint?: string | undefined;
}

const VARIABLES = ['DIGITALOCEAN_TOKEN', 'DIGITALOCEAN_ACCESS_TOKEN'];

/**
 * What was asked for, else what the environment has, else what doctl uses; `null` when there is none.
 * @throws Error when what was asked for is not there
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

/** Keeps the token out of everything a stream shows. */
export function hide(token: string, stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
  stream.write = (chunk: unknown, ...rest: unknown[]) =>
    write(typeof chunk === 'string' ? chunk.replaceAll(token, '[token]') : chunk, ...rest);
}

/** Whether a line holds a token: this one, or whatever looks like one. */
export function holdsToken(line: string, token: string | null): boolean {
  return /do[opr]_v1_\w/.test(line) || (token !== null && line.includes(token));
}
