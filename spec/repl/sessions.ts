import { afterAll, afterEach } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPILE, ROOT } from '../support/program';
import { Terminal, type TerminalOptions } from '../../tools/support/terminal';

/** The Node that runs the program; `npm run repl:nodes` sets it. */
const NODE = process.env.REPL_NODE ?? process.execPath;

/** The real program, as a command line. */
export const PROGRAM = [NODE, ...COMPILE, join(ROOT, 'lib/cli.ts')];
export const TIMEOUT = 120_000;

/** The home and the working directory of a session. */
export const home = mkdtempSync(join(tmpdir(), 'doapi-ts-'));
afterAll(() => rmSync(home, { recursive: true }));

/** The terminal of the current case. */
export let terminal: Terminal;
afterEach(() => terminal.close());

/** Starts a program in a terminal. */
export function start(
  [program = '', ...args]: readonly string[],
  { env, ...options }: TerminalOptions = {},
): Terminal {
  terminal = new Terminal(program, args, {
    cwd: home,
    ...options,
    env: { PATH: process.env.PATH ?? '', HOME: home, XDG_STATE_HOME: home, XDG_CONFIG_HOME: home, ...env },
  });
  return terminal;
}

/** Starts a session in a terminal, and waits for its prompt. */
export async function open(args: readonly string[] = [], options: TerminalOptions = {}): Promise<Terminal> {
  start([...PROGRAM, ...args], options);
  await terminal.until(/^(?:sandbox|digitalocean)(?: read-only)?>/m);
  return terminal;
}
