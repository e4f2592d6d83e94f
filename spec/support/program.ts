import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** The top of the checkout. */
export const ROOT = join(__dirname, '..', '..');

/** Arguments of Node that let it run TypeScript. */
export const COMPILE = ['-r', join(__dirname, 'compile.cjs')];

/** How a program is started. */
interface ProgramOptions {
  args?: readonly string[];
  /** Options of Node. */
  flags?: readonly string[];
  /** Its standard input. */
  input?: string;
  /** Added to the environment, from which variables of DigitalOcean are removed. */
  env?: Readonly<Record<string, string>>;
  /** Called with the process, for example to kill it. */
  onStart?: (child: ChildProcess) => void;
}

/** What a program printed, and its exit code. */
export interface Ended {
  output: string;
  errors: string;
  code: number | null;
}

/** Runs a TypeScript file of this project in its own process. */
export function runProgram(
  file: string,
  { args = [], flags = [], input = '', env = {}, onStart }: ProgramOptions = {},
): Promise<Ended> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('DIGITALOCEAN_'));
  const child = spawn(process.execPath, [...flags, ...COMPILE, file, ...args], {
    cwd: ROOT,
    env: { ...Object.fromEntries(own), ...env },
  });
  onStart?.(child);
  const ended: Ended = { output: '', errors: '', code: null };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.errors += text));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...ended, code }));
  });
}
