import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Behaviour, Traffic } from './api';

/** The server process, see api.ts. */
export class Server {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<Server> {
    const execArgv = ['-r', 'ts-node/register/transpile-only'];
    const child = fork(join(__dirname, 'api.ts'), { execArgv, env: quietEnvironment() });
    const [url] = (await once(child, 'message')) as [string];
    return new Server(child, url);
  }

  /** Sets the behaviour and resets the counters. */
  async behave(behaviour: Behaviour): Promise<void> {
    await this.request(behaviour);
  }

  /** Returns the counters. */
  async traffic(): Promise<Traffic> {
    return (await this.request('traffic')) as Traffic;
  }

  stop(): void {
    this.child.disconnect();
  }

  private async request(message: Behaviour | 'traffic'): Promise<unknown> {
    const reply = once(this.child, 'message') as Promise<[unknown]>;
    this.child.send(message);
    return (await reply)[0];
  }
}

/** The environment without variables that redirect requests or slow a program down. */
export function quietEnvironment(): NodeJS.ProcessEnv {
  const dropped = /^(https?_proxy|all_proxy|no_proxy|node_options|digitalocean_.*|debug|dots_.*)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !dropped.test(name)));
}
