import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Behaviour, Traffic } from './api';

/** The server, seen from the one who started it. */
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

  /** Behaves like this from now on, and counts anew. */
  async behave(behaviour: Behaviour): Promise<void> {
    await this.ask(behaviour);
  }

  /** What has happened since. */
  async traffic(): Promise<Traffic> {
    return (await this.ask('traffic')) as Traffic;
  }

  stop(): void {
    this.child.disconnect();
  }

  private async ask(message: Behaviour | 'traffic'): Promise<unknown> {
    const answer = once(this.child, 'message') as Promise<[unknown]>;
    this.child.send(message);
    return (await answer)[0];
  }
}

/** Without what would send requests elsewhere, or slow a program down. */
export function quietEnvironment(): NodeJS.ProcessEnv {
  const dropped = /^(https?_proxy|all_proxy|no_proxy|node_options|digitalocean_.*|debug|dots_.*)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !dropped.test(name)));
}
