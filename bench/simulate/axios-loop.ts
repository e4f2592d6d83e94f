import axios, {
  AxiosError,
  type AxiosInstance,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import axiosRetry, { exponentialDelay, isNetworkOrIdempotentRequestError } from 'axios-retry';
import pLimit from 'p-limit';
import type { Clock } from '../../lib';
import type { Sandbox } from '../../lib/sandbox';
import { sleep } from '../../lib/util/clock';
import { USUAL_INTERVAL } from './watching';

/** How many operations a loop has under way. */
const CONCURRENCY = 8;

interface JsonBody {
  [name: string]: JsonBody & JsonBody[] & { id: number; status: string };
}

/**
 * What a careful program does without the library: axios, axios-retry that honours Retry-After and retries a 429 as well, and
 * `p-limit(8)`. Each operation polls by itself. It runs against a sandbox, on its clock.
 */
export class AxiosLoop {
  /** Runs an operation as soon as fewer than eight others are under way. */
  readonly limited = pLimit(CONCURRENCY);
  readonly #sandbox: Sandbox;
  readonly #client: AxiosInstance;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    this.#client = axios.create({ adapter: (config) => respond(sandbox, config) });
    axiosRetry(this.#client, {
      retries: 3,
      retryDelay: exponentialDelay,
      retryCondition: (error) => isNetworkOrIdempotentRequestError(error) || error.response?.status === 429,
    });
  }

  /** The ids of the account's images. */
  get images(): number[] {
    return this.#sandbox.images.map(({ id }) => id);
  }

  /** The ids of the account's Droplets. */
  get droplets(): number[] {
    return this.#sandbox.droplets.map(({ id }) => id);
  }

  async send(method: string, path: string, data?: object): Promise<JsonBody> {
    const url = `https://api.digitalocean.com/v2/${path}`;
    return (await this.#client.request<JsonBody>({ method, url, data })).data;
  }

  /** Starts an action, and polls it until it has ended. */
  async act(path: string, body: object): Promise<void> {
    const started = await this.send('POST', `${path}/actions`, body);
    const state = async (): Promise<string | undefined> =>
      (await this.send('GET', `actions/${started.action?.id}`)).action?.status;
    await this.poll(async () => (await state()) !== 'in-progress');
  }

  /** Polls every five seconds until it is done. */
  async poll(isDone: () => Promise<boolean>): Promise<void> {
    do await sleep(this.#sandbox.clock, USUAL_INTERVAL);
    while (!(await isDone()));
  }

  /** Runs work while the global `setTimeout` is on the clock of the sandbox: axios-retry pauses with it. */
  async onVirtualTime<T>(work: () => Promise<T>): Promise<T> {
    const { setTimeout } = globalThis;
    globalThis.setTimeout = timeoutsOf(this.#sandbox.clock) as typeof setTimeout;
    try {
      return await work();
    } finally {
      globalThis.setTimeout = setTimeout;
    }
  }
}

function timeoutsOf(clock: Clock): (call: () => void, ms?: number) => void {
  return (call, ms = 0) => void clock.after(ms, call);
}

/** An adapter of axios: the sandbox responds. */
async function respond(sandbox: Sandbox, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  const { status, headers, body } = await sandbox.adapter({
    method: (config.method ?? 'GET').toUpperCase(),
    url: config.url ?? '',
    headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
    ...(config.data !== undefined && { body: config.data as string }),
    signal: new AbortController().signal,
  });
  const response = {
    data: body === '' ? null : (JSON.parse(body) as unknown),
    status,
    statusText: '',
    headers,
    config,
  };
  if (status >= 200 && status < 300) return response;
  throw new AxiosError(`${status}`, AxiosError.ERR_BAD_REQUEST, config, undefined, response);
}
