import { describe, expect, it } from '@jest/globals';
import { DOApi } from '../lib';
import { Sandbox } from '../lib/sandbox';
import { rejection } from './support/rejection';

/** Options under names that do not exist, as a program without types can give them. */
const wrong = (options: object): never => options as never;
const NEW_IMAGE = { name: 'a', url: 'https://a.example/a.qcow2', region: 'nyc1' };

/** Every object of options beside those of a call, each with an unknown name, and what the message says. */
const REFUSED: readonly (readonly [string, (api: DOApi) => unknown, string])[] = [
  [
    'manager',
    () => new DOApi(wrong({ token: 'x', perpage: 5 })),
    'perpage: unknown option; did you mean perPage?',
  ],
  [
    'rateLimit',
    () => new DOApi(wrong({ rateLimit: { perminute: 5 } })),
    'rateLimit.perminute: unknown option; did you mean perMinute?',
  ],
  [
    'transport',
    () => new DOApi(wrong({ transport: { httpsagent: {} } })),
    'transport.httpsagent: unknown option; did you mean httpsAgent?',
  ],
  [
    'proxy',
    () => new DOApi(wrong({ transport: { proxy: { host: 'a', port: 1, username: 'b' } } })),
    'transport.proxy.username: unknown option; the options are host, port, auth',
  ],
  [
    'image filter',
    (api) => api.fetchAllImages(wrong({ tag_name: 'web' })),
    'tag_name: unknown option; did you mean tagName?',
  ],
  [
    'image filter, a type that does not exist',
    (api) => api.fetchAllImages(wrong({ type: 'snapshot' })),
    'type: expected "distribution" or "application", got "snapshot"',
  ],
  [
    'image filter of a listing that has its own',
    (api) => api.fetchAllPrivateImages(wrong({ private: false })),
    'private: unknown option',
  ],
  ['query', (api) => api.findImages(wrong({ tags: 'web' })), 'tags: unknown option; did you mean tag?'],
  [
    'query of one',
    (api) => api.findImage(wrong({ older: 5 })),
    'older: unknown option; did you mean olderThan?',
  ],
  [
    'query beside a name',
    (api) => api.fetchImageByName('web', wrong({ regions: 'nyc1' })),
    'regions: unknown option; did you mean region?',
  ],
  [
    'recipient',
    (api) => api.image(5).offerTo(wrong({ mail: 'a@b' })),
    'mail: unknown option; did you mean email?',
  ],
  [
    'recipient that accepts',
    (api) => api.imageOffer(5, 7).accept(wrong({ uuid: 'a', email: 'a@b' })),
    'email: unknown option; the options are uuid',
  ],
  [
    'listing',
    (api) => api.fetchAllRegions(wrong({ concurency: 1 })),
    'concurency: unknown option; did you mean concurrency?',
  ],
  [
    'paginate',
    (api) => api.paginate('/v2/droplets', 'droplets', wrong({ param: {} })),
    'param: unknown option; did you mean params?',
  ],
  [
    'request',
    (api) => api.request('/v2/account', wrong({ parms: {} })),
    'parms: unknown option; did you mean params?',
  ],
  [
    'new image',
    (api) => api.createCustomImage(wrong({ ...NEW_IMAGE, tag: 'a' })),
    'tag: unknown option; did you mean tags?',
  ],
  [
    'changes of an image',
    (api) => api.image(5).update(wrong({ name: 'a', descripton: 'b' })),
    'descripton: unknown option; did you mean description?',
  ],
  [
    'wait of an action',
    (api) => api.action(7).wait(wrong({ time_out: 5 })),
    'time_out: unknown option; did you mean timeout?',
  ],
  [
    'wait of a transfer',
    (api) => api.image(5).transfer('ams3', { wait: wrong({ intervall: 5 }) }),
    'wait.intervall: unknown option; did you mean interval?',
  ],
  [
    'import',
    (api) => api.image(5).waitUntilAvailable(wrong({ retries: 5 })),
    'retries: unknown option; the options are interval, timeout, signal, onProgress, throwOnError',
  ],
  [
    'latest action',
    (api) => api.image(5).waitForAction(wrong({ onprogress: 5 })),
    'onprogress: unknown option; did you mean onProgress?',
  ],
  [
    'waitActions',
    (api) => api.waitActions([7], wrong({ throwOnError: false })),
    'throwOnError: unknown option',
  ],
  [
    'replicate',
    (api) => api.image(5).replicate(['ams3'], wrong({ throwOnError: false })),
    'throwOnError: unknown option',
  ],
  [
    'sandbox',
    () => new Sandbox(wrong({ action_time: 5 })),
    'action_time: unknown option; did you mean actionTime?',
  ],
  ['lag', () => new Sandbox(wrong({ lag: { list: 5 } })), 'lag.list: unknown option; did you mean lists?'],
  [
    'manager of a sandbox',
    () => new Sandbox().api(wrong({ retry: 5 })),
    'retry: unknown option; did you mean retries?',
  ],
  ['listen', () => new Sandbox().listen(wrong({ prot: 5 })), 'prot: unknown option; did you mean port?'],
  [
    'fault',
    () => new Sandbox().fail(wrong({ with: 'refused', time: 1 })),
    'time: unknown option; did you mean times?',
  ],
];

it.each(REFUSED)('options are closed, before anything is sent: %s', async (_name, use, message) => {
  const sandbox = new Sandbox({ images: [{ id: 5 }] });
  const error = await rejection(Promise.resolve().then(() => use(sandbox.api())));
  expect(error).toMatchObject({ name: 'TypeError', message: expect.stringContaining(message) });
  expect(sandbox.requests).toEqual([]);
});

describe('new DOApi(token, options)', () => {
  it('is a TypeError that names the one argument, since the options would have no effect', () => {
    const Loose = DOApi as unknown as new (...args: unknown[]) => DOApi;
    for (const second of [{ readOnly: true }, undefined])
      expect(() => new Loose('x'.repeat(20), second)).toThrow(
        new TypeError(
          'DOApi: expected one argument; write `new DOApi({ token, … })` for a token with options',
        ),
      );
  });
});
