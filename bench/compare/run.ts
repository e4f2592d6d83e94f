import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a command and returns its output. @throws Error with its output on stderr */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd, maxBuffer: 2 ** 26 });
  return stdout;
}
