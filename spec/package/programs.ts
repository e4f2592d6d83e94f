// Programs of a user that import the package.

/** JavaScript that does the main job in process, and one request over HTTP. It prints what came of it. */
export const MAIN_JOB = `
  import { inspect } from 'node:util';
  import * as library from 'doapi-ts';
  import { Sandbox } from 'doapi-ts/sandbox';

  const { DOApi, DOApiError, NotFoundError } = library;
  const classes = Object.entries({ ...library, Sandbox }).filter(([, value]) => typeof value === 'function');
  const nameOf = (Class) => (Class.prototype instanceof Error ? Class.prototype.name : Class.name);

  const errorOf = (promise) => promise.then(() => null, (error) => error);

  async function inProcess() {
    const sandbox = new Sandbox({ images: [{ id: 5, name: 'web', regions: ['nyc1'] }] });
    sandbox.fail({ on: 'GET /v2/images', with: 503, times: 1 });
    const api = sandbox.api();
    const image = await api.fetchAllPrivateImages().find(({ name }) => name === 'web');
    const action = await image.transfer('fra1', { wait: true });
    const missing = await errorOf(api.fetchImage(404));
    const failures = [
      missing,
      await errorOf(image.transfer('sgp1', { wait: { timeout: 0 } })),
      await errorOf(image.transfer('nyc1')),
    ];
    await api.close();
    failures.push(await errorOf(api.fetchImage(5)));
    return {
      statuses: sandbox.requests.slice(0, 2).map(({ status }) => status),
      status: action.status,
      copied: sandbox.images[0].regions,
      shown: [image, action].map((resource) => inspect(resource).split(' {', 1)[0]),
      isError: [missing instanceof NotFoundError, missing instanceof DOApiError],
      renamed: classes.map(([name]) => name).filter((name, index) => nameOf(classes[index][1]) !== name),
      names: failures.map(({ name }) => name),
    };
  }

  async function overHttp() {
    const sandbox = new Sandbox({ images: [{ id: 5, name: 'web' }] });
    const { url, token, close } = await sandbox.listen();
    const api = new DOApi({ endpoint: url, token });
    const { name } = await api.fetchImage(5);
    await Promise.all([api.close(), close()]);
    return name;
  }

  async function main() {
    console.log(JSON.stringify({ ...(await inProcess()), overHttp: await overHttp() }));
  }
  void main();`;

/** TypeScript that compiles whatever types of the platform there are. */
export const PROGRAM = `
  import {
    type AbortSignalLike, type Action, type AgentLike, DOApi, Image, type Listing, NotFoundError, type WaitOptions,
  } from 'doapi-ts';
  import { type Listening, Sandbox, type SandboxOptions } from 'doapi-ts/sandbox';

  const options: SandboxOptions = { images: [{ name: 'web' }] };
  const api: DOApi = new Sandbox(options).api({ perPage: 50 });
  const seen: unknown[] = [];
  const waiting: WaitOptions<Action> = { timeout: 1000, onProgress: ({ state }) => void seen.push(state.id) };

  export async function copies(name: string): Promise<Image | null> {
    const images: Listing<Image> = api.fetchAllImages({ private: true });
    for await (const image of images) {
      if (image.name !== name) continue;
      const action = await image.transfer('nyc3', { wait: waiting });
      const started: Date | null = action.startedAt;
      seen.push(started?.getTime());
      return action.fetchResource();
    }
    return null;
  }

  export const isGone = (error: unknown): error is NotFoundError => error instanceof NotFoundError;
  export const dispose = (listening: Listening): Promise<void> => listening[Symbol.asyncDispose]();

  // Signals and agents are taken by their shape.
  const signal: AbortSignalLike = {
    aborted: false,
    reason: undefined,
    addEventListener: (type: 'abort', listener: () => void) => void seen.push(type, listener),
  };
  const httpAgent: AgentLike = { maxSockets: 5, sockets: {}, requests: {}, destroy: () => undefined };
  export const shaped = new DOApi({ token: 'token', signal, transport: { httpAgent } });
  void shaped.fetchImage(5, { signal });

  // What follows is wrong: nothing of the package is \`any\`.
  // @ts-expect-error
  api.fetchImages();
  // @ts-expect-error
  void api.image(5).transfer(3);
  // @ts-expect-error
  api.image(5).name = 'new';
  // @ts-expect-error
  const text: string = api.image(5).minDiskSize;
  // @ts-expect-error
  new Sandbox({ image: 3 });
  // @ts-expect-error
  new DOApi({ signal: { aborted: false } });
  // @ts-expect-error
  new DOApi({ transport: { httpsAgent: { keepAlive: true } } });
  seen.push(text);
`;

/** For types with AbortSignal and fetch: native signals fit, and an adapter can pass on the one that it gets. */
export const WITH_SIGNALS = `
  import { DOApi, type TransportAdapter } from 'doapi-ts';

  const adapter: TransportAdapter = async ({ url, method, headers, body = null, signal }) => {
    const response = await fetch(url, { method, headers, body, signal });
    signal.throwIfAborted();
    return { status: response.status, headers: {}, body: await response.text() };
  };
  const api = new DOApi({ token: 'token', signal: new AbortController().signal, transport: { adapter } });
  void api.image(5).transfer('nyc3', { wait: { signal: AbortSignal.timeout(5) } });
  // @ts-expect-error
  void api.fetchImage(5, { signal: new AbortController() });
`;

export const WITH_AGENTS = `
  import http from 'node:http';
  import https from 'node:https';
  import { DOApi } from 'doapi-ts';
  new DOApi({ transport: { httpAgent: new http.Agent(), httpsAgent: new https.Agent({ keepAlive: true }) } });
`;

export const WITH_DISPOSAL = `
  import { DOApi } from 'doapi-ts';
  export async function nameOf(id: number): Promise<string> {
    await using api = new DOApi();
    return (await api.fetchImage(id)).name;
  }
`;
