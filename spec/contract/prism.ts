import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const HOST = '127.0.0.1';
const PRISM = join(__dirname, 'node_modules/@stoplight/prism-cli');
/** How long Prism may take until it listens, in milliseconds. */
const PATIENCE = 60_000;

/** A Prism that listens. */
export interface Prism {
  url: string;
  stop(): void;
}

/** Installs Prism beside this file unless it is there already: 90 MB that no other script needs. */
export async function installPrism(say: (line: string) => void): Promise<void> {
  if ((await installedVersion()) === (await wantedVersion())) return;
  say('Installing Prism into spec/contract/node_modules …');
  await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: __dirname });
}

/**
 * Starts Prism on this machine: it checks every request against the file, and answers as the file's examples do.
 * @param file an OpenAPI document
 * @param upstream a server that answers in the examples' place; its answers are checked too
 */
export async function startPrism(file: string, upstream?: string): Promise<Prism> {
  const port = await freePort();
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
  }
  return { url: `http://${HOST}:${port}`, stop };
}

function listening(prism: ChildProcess): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`Prism ${why}. It said:\n${said}`));
    const timer = setTimeout(() => fail(`did not listen within ${PATIENCE / 1000} s`), PATIENCE);
    prism.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${String(code)}`);
    });
    const hear = (chunk: Buffer): void => {
      // Prism reports every request at length: once it listens nobody reads that.
      if (said.includes('Prism is listening')) return;
      said += chunk.toString();
      if (!said.includes('Prism is listening')) return;
      clearTimeout(timer);
      resolve();
    };
    prism.stdout?.on('data', hear);
    prism.stderr?.on('data', hear);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

async function wantedVersion(): Promise<string | undefined> {
  const { devDependencies } = (await readJson(join(__dirname, 'package.json'))) as {
    devDependencies: Record<string, string>;
  };
  return devDependencies['@stoplight/prism-cli'];
}

async function installedVersion(): Promise<string | null> {
  const file = join(PRISM, 'package.json');
  return existsSync(file) ? ((await readJson(file)) as { version: string }).version : null;
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8')) as unknown;
}
