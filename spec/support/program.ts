import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The top of the checkout. */
export const ROOT = join(__dirname, '..', '..');

/** How a program is started. */
interface ProgramOptions {
  args?: readonly string[];
  /** What comes through its standard input. */
  input?: string;
  /** Variables of DigitalOcean's; those of whoever runs the specs are taken away. */
  env?: Readonly<Record<string, string>>;
}

/** What a program left behind. */
export interface Ended {
  output: string;
  errors: string;
  code: number | null;
}

/** Runs a TypeScript file of this project in a process of its own, as `ts-node -T` does. */
export function runProgram(
  file: string,
  { args = [], input = '', env = {} }: ProgramOptions = {},
): Promise<Ended> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('DIGITALOCEAN_'));
  const child = spawn(process.execPath, [require.resolve('ts-node/dist/bin'), '-T', file, ...args], {
    cwd: ROOT,
    env: { ...Object.fromEntries(own), ...env },
  });
  const ended: Ended = { output: '', errors: '', code: null };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.errors += text));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...ended, code }));
  });
}
