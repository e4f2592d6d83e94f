import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a redis-server is started. */
interface RedisServerOptions {
  /** Whether it writes each command to a file before it answers, so that it loses nothing when it is killed; default `false`. */
  durable?: boolean;
  /** Whether it is a cluster of one node, which refuses a script whose keys are not of one slot; default `false`. */
  cluster?: boolean;
}

/** A redis-server of its own on 127.0.0.1, which keeps nothing on disk unless it is durable. */
export class RedisServer {
  #child: ChildProcess | null = null;
  readonly #folder = mkdtempSync(join(tmpdir(), 'doapi-redis-'));

  private constructor(
    readonly port: number,
    private readonly durable: boolean,
    /** Of the nodes of a cluster among themselves; `null`: it is no cluster. */
    private readonly busPort: number | null,
  ) {}

  static async start({ durable = false, cluster = false }: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), durable, cluster ? await freePort() : null);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it again after `kill`; it is empty unless it is durable. Resolves when it answers. */
  async start(): Promise<void> {
    const appendonly = this.durable ? 'yes' : 'no';
    const options = { port: this.port, bind: '127.0.0.1', save: '', appendonly, dir: this.#folder };
    const cluster = this.busPort !== null && {
      'cluster-enabled': 'yes',
      'cluster-port': this.busPort,
      'cluster-announce-ip': '127.0.0.1',
    };
    const args = Object.entries({ ...options, ...cluster, 'enable-debug-command': 'yes' });
    const child = spawn(
      'redis-server',
      args.flatMap(([name, value]) => [`--${name}`, String(value)]),
    );
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => reject(new Error('redis-server ended')));
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('Ready to accept connections')) resolve();
      });
    });
  }

  /** Ends it at once, as a crash does. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child?.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
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

/** Whether redis-server is installed. */
export function hasRedisServer(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
