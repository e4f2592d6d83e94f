import axios from 'axios';
import axiosRetry from 'axios-retry';
import { type ChildProcess, fork } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOApi } from '../../lib';

/** Somebody who transfers images, and says what came of it. */
export interface Client {
  name: string;
  /** How often each fault is tried: some take their time. */
  calls: number;
  /** @throws whatever the client throws */
  transfer: (image: number) => Promise<unknown>;
  close: () => unknown;
}

interface Where {
  url: string;
  token: string;
}

/** How long a client waits for an answer, where it can be told. */
const TIMEOUT = 300;

/** Where `npm run contract` has installed the clients of others. */
const INSTALLED = join(__dirname, '..', '..', 'spec', 'contract', 'node_modules');

export function clients(where: Where): Client[] {
  const others = ['dots-wrapper', '@digitalocean/dots'].filter((name) => existsSync(join(INSTALLED, name)));
  return [ours(where), withAxiosRetry(where), ...others.map((name) => other(name, where))];
}

function ours({ url, token }: Where): Client {
  const api = new DOApi({
    endpoint: url,
    token,
    timeout: TIMEOUT,
    rateLimit: false,
    transport: { proxy: false },
  });
  return {
    name: 'doapi-ts',
    calls: 20,
    transfer: (image) => api.image(image).transfer('fra1'),
    close: () => api.close(),
  };
}

function withAxiosRetry({ url, token }: Where): Client {
  const client = axios.create({ baseURL: url, timeout: TIMEOUT, proxy: false });
  client.defaults.headers.common.authorization = `Bearer ${token}`;
  axiosRetry(client);
  return {
    name: 'axios with axios-retry, their defaults',
    calls: 20,
    transfer: (image) => client.post(`/v2/images/${image}/actions`, { type: 'transfer', region: 'fra1' }),
    close: () => undefined,
  };
}

/** In a process and a folder of its own, since it is none of our dependencies. */
function other(name: string, { url, token }: Where): Client {
  const folder = mkdtempSync(join(tmpdir(), 'doapi-ts-peer-'));
  symlinkSync(INSTALLED, join(folder, 'node_modules'));
  const driver = `${name.replace('@', '').replace('/', '-')}.mjs`;
  cpSync(join(__dirname, driver), join(folder, driver));
  const child = fork(join(folder, driver), [url, token], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  return {
    name,
    calls: name.startsWith('@') ? 2 : 20,
    transfer: (image) => ask(child, image),
    close: () => {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function ask(child: ChildProcess, image: number): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('message', (said: { error: string | null }) => {
      if (said.error === null) resolve();
      else reject(new Error(said.error));
    });
    child.send(image);
  });
}
