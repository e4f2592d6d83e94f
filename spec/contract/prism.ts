import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { installIn } from '../../tools/support/packages';
import { reservePort } from '../../tools/support/reserved-port';

const HOST = '127.0.0.1';
const PRISM = join(__dirname, 'node_modules/@stoplight/prism-cli');
/** How long Prism may take to listen, in milliseconds. */
const TIMEOUT = 60_000;

/** A running Prism. */
export interface Prism {
  url: string;
  stop(): void;
}

/** Installs Prism beside this file unless it is present: 90 MB that no other script needs. */
export const installPrism = (say: (line: string) => void): Promise<void> => installIn(__dirname, say);

/**
 * Starts Prism on this machine. It validates every request and responds with the examples of the file.
 * @param file an OpenAPI document
 * @param upstream a server whose responses replace the examples, and are validated too
 */
export async function startPrism(file: string, upstream?: string): Promise<Prism> {
  const { port, release } = await reservePort();
  const what = upstream === undefined ? ['mock', file] : ['proxy', file, upstream];
  const args = [join(PRISM, 'dist/index.js'), ...what, '--errors', '-h', HOST, '-p', String(port)];
  const prism = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => void prism.kill();
  process.once('exit', stop);
  try {
    await listening(prism);
  } catch (error) {
    stop();
    throw error;
  } finally {
    release();
  }
  return { url: `http://${HOST}:${port}`, stop };
}

function listening(prism: ChildProcess): Promise<void> {
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`Prism ${why}. Its output:\n${output}`));
    const timer = setTimeout(() => fail(`did not listen within ${TIMEOUT / 1000} s`), TIMEOUT);
    prism.once('exit', (code) => {
      clearTimeout(timer);
      fail(`exited with ${String(code)}`);
    });
    const onOutput = (chunk: Buffer): void => {
      // Later output is about requests.
      if (output.includes('Prism is listening')) return;
      output += chunk.toString();
      if (!output.includes('Prism is listening')) return;
      clearTimeout(timer);
      resolve();
    };
    prism.stdout?.on('data', onOutput);
    prism.stderr?.on('data', onOutput);
  });
}
