import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A redis-server of the bench's own on 127.0.0.1, which keeps nothing on disk unless it is told to. */
export class BenchRedis {
  #child: ChildProcess | null = null;
  #appendOnly = 'no';
  readonly #folder = mkdtempSync(join(tmpdir(), 'doapi-fleet-'));

  private constructor(readonly port: number) {}

  static async start(): Promise<BenchRedis> {
    const redis = new BenchRedis(await freePort());
    await redis.start();
    return redis;
  }

  async start(): Promise<void> {
    const settings = {
      port: this.port,
      bind: '127.0.0.1',
      save: '',
      appendonly: this.#appendOnly,
      dir: this.#folder,
    };
    const args = Object.entries({ ...settings, 'enable-debug-command': 'yes' });
    const child = spawn(
      'redis-server',
      args.flatMap(([name, value]) => [`--${name}`, String(value)]),
    );
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => reject(new Error('redis-server ended')));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('Ready to accept connections')) resolve();
      });
    });
  }

  /** Starts it again, empty. From now on it has its memory still after a crash. */
  async keepMemory(): Promise<void> {
    await this.kill();
    this.#appendOnly = 'yes';
    await this.start();
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child?.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
