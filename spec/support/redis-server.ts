import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian's package puts it. */
export const REDIS_PROGRAM = '/usr/bin/redis-server';

/** Whether there is a Redis on this machine. */
export const HAS_REDIS = existsSync(REDIS_PROGRAM);

/** How a Redis is started. */
interface RedisOptions {
  /** Whether it writes each command to a file before it answers, so that it loses nothing when it is killed; default `false`. */
  durable?: boolean;
}

/** A Redis of its own on a free port of 127.0.0.1, in a temporary folder. */
export class RedisServer {
  #child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly durable: boolean,
  ) {}

  static async start({ durable = false }: RedisOptions = {}): Promise<RedisServer> {
    const folder = mkdtempSync(join(tmpdir(), 'doapi-redis-'));
    const server = new RedisServer(await freePort(), folder, durable);
    await server.#run();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** The process, for signals; `undefined` while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends it as `kill -9` does. What it had written to its file is there when it runs again. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Runs it again on the same port, after `kill`. */
  async restart(): Promise<void> {
    await this.#end('SIGKILL');
    await this.#run();
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    const settings = {
      port: String(this.port),
      bind: '127.0.0.1',
      dir: this.folder,
      save: '',
      appendonly: this.durable ? 'yes' : 'no',
      logfile: '',
      'enable-debug-command': 'yes',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const child = spawn(REDIS_PROGRAM, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${String(code)}:\n${output}`)));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('Ready to accept connections')) resolve();
      });
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGCONT'); // a process that was stopped
    child.kill(signal);
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
