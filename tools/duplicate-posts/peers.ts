import axios from 'axios';
import axiosRetry from 'axios-retry';
import { type ChildProcess, fork } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOApi } from '../../lib';

/** A client that transfers images. */
export interface Client {
  name: string;
  /** Transfers per fault: slow clients do fewer. */
  calls: number;
  /** Rejects with the client's own error. */
  transfer: (image: number) => Promise<unknown>;
  close: () => unknown;
}

interface Target {
  url: string;
  token: string;
}

/** The timeout of a request, for clients that have one, in milliseconds. */
const TIMEOUT = 300;

/** Where `npm run contract` installs other clients. They are left out when it has not run. */
const INSTALLED = join(__dirname, '..', '..', 'spec', 'contract', 'node_modules');

export function clients(target: Target): Client[] {
  const others = ['dots-wrapper', '@digitalocean/dots'].filter((name) => existsSync(join(INSTALLED, name)));
  return [ours(target), withAxiosRetry(target), ...others.map((name) => other(name, target))];
}

function ours({ url, token }: Target): Client {
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

function withAxiosRetry({ url, token }: Target): Client {
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

/** Runs a client in its own process and folder, since it is not a dependency of this package. */
function other(name: string, { url, token }: Target): Client {
  const folder = mkdtempSync(join(tmpdir(), 'doapi-ts-peer-'));
  symlinkSync(INSTALLED, join(folder, 'node_modules'));
  const driver = `${name.replace('@', '').replace('/', '-')}.mjs`;
  cpSync(join(__dirname, driver), join(folder, driver));
  const child = fork(join(folder, driver), [url, token], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  return {
    name,
    calls: name.startsWith('@') ? 2 : 20,
    transfer: (image) => transferIn(child, image),
    close: () => {
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function transferIn(child: ChildProcess, image: number): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('message', ({ error }: { error: string | null }) => {
      if (error === null) resolve();
      else reject(new Error(error));
    });
    child.send(image);
  });
}
