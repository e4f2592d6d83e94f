import { describe, expect, it } from '@jest/globals';
import type { CallOptions, DOApi } from '../lib';
import { Sandbox } from '../lib/sandbox';
import { checkCallOptions } from '../lib/model/call-options';
import { rejection } from './support/rejection';

/** Every method that sends requests, with its options. */
const METHODS: Readonly<Record<string, (api: DOApi, options: CallOptions) => Promise<unknown>>> = {
  'api.fetchImage': (api, options) => api.fetchImage(5, options),
  'api.fetchImageBySlug': (api, options) => api.fetchImageBySlug('ubuntu-24-04-x64', options),
  'api.createCustomImage': (api, options) =>
    api.createCustomImage({ name: 'a', url: 'https://a.example/a.qcow2', region: 'nyc1' }, options),
  'api.fetchAction': (api, options) => api.fetchAction(7, options),
  'api.fetchLastAction': (api, options) => api.fetchLastAction(options),
  'api.request': (api, options) => api.request('/v2/account', options),
  'api.paginate': (api, options) => api.paginate('/v2/regions', 'regions', options).first(),
  'api.fetchAllImages': (api, options) => api.fetchAllImages(options).toArray(),
  'api.fetchAllDistributionImages': (api, options) => api.fetchAllDistributionImages(options).first(),
  'api.fetchAllApplicationImages': (api, options) => api.fetchAllApplicationImages(options).first(),
  'api.fetchAllPrivateImages': (api, options) => api.fetchAllPrivateImages(options).first(),
  'api.fetchAllActions': (api, options) => api.fetchAllActions(options).first(),
  'api.fetchAllRegions': (api, options) => api.fetchAllRegions(options).first(),
  'listing.toArray': (api, options) => api.fetchAllRegions().toArray(options),
  'listing.first': (api, options) => api.fetchAllRegions().first(options),
  'listing.find': (api, options) => api.fetchAllRegions().find(() => true, options),
  'listing.page': (api, options) => api.fetchAllRegions().page(1, options),
  'listing.total': (api, options) => api.fetchAllRegions().total(options),
  'listing.pages': (api, options) => api.fetchAllRegions().pages(options).next(),
  'api.findImages': (api, options) => api.findImages(options),
  'api.findImage': (api, options) => api.findImage(options),
  'api.fetchImageByName': (api, options) => api.fetchImageByName('web', options),
  'image.offerTo': (api, options) => api.image(5).offerTo({ email: 'bob@example.com' }, options),
  'offer.cancel': (api, options) => api.imageOffer(5, 7).cancel(options),
  'offer.accept': (api, options) => api.imageOffer(5, 7).accept({ uuid: 'a' }, options),
  'offer.decline': (api, options) => api.imageOffer(5, 7).decline(options),
  'listing.newest': (api, options) => api.fetchAllRegions().newest(undefined, options),
  'image.fetch': (api, options) => api.image(5).fetch(options),
  'image.update': (api, options) => api.image(5).update({ name: 'new' }, options),
  'image.delete': (api, options) => api.image(5).delete(options),
  'image.tag': (api, options) => api.image(5).tag('web', options),
  'image.untag': (api, options) => api.image(5).untag('web', options),
  'image.transfer': (api, options) => api.image(5).transfer('ams3', options),
  'image.transfer, waited for': (api, options) => api.image(5).transfer('ams3', { ...options, wait: true }),
  'image.convert': (api, options) => api.image(5).convert(options),
  'image.act': (api, options) => api.image(5).act({ type: 'convert' }, options),
  'image.fetchAllActions': (api, options) => api.image(5).fetchAllActions(options).first(),
  'image.fetchAction': (api, options) => api.image(5).fetchAction(7, options),
  'image.fetchLastAction': (api, options) => api.image(5).fetchLastAction(options),
  'image.fetchCurrentAction': (api, options) => api.image(5).fetchCurrentAction(options),
  'action.fetch': (api, options) => api.action(7).fetch(options),
  'action.fetchResource': (api, options) =>
    api.action({ id: 7, resource_id: 5, resource_type: 'image' }).fetchResource(options),
};

const NAMES = Object.keys(METHODS);
const call = (name: string, api: DOApi, options: CallOptions): Promise<unknown> =>
  METHODS[name]?.(api, options) ?? Promise.reject(new Error(`${name} is not in the table`));

/** A manager whose server never responds. */
function unanswered(): { sandbox: Sandbox; api: DOApi } {
  const sandbox = new Sandbox({ images: [{ id: 5 }] });
  sandbox.fail({ with: 'stall-before-execution' });
  return { sandbox, api: sandbox.api({ timeout: Infinity, deadline: Infinity }) };
}

describe('the options of a call', () => {
  it.each(NAMES)('limit an attempt by their timeout and repeat it by their retries: %s', async (name) => {
    const { sandbox, api } = unanswered();
    const error = await rejection(call(name, api, { timeout: 1_000, retries: 0 }));
    // A POST that was sent is an unknown outcome, once its attempt has ended.
    expect((error as Error).name).toMatch(/^(TimeoutError|UnknownOutcomeError)$/);
    expect(String(error)).toContain('within 1000 ms');
    const [first] = sandbox.requests;
    // A transfer that is waited for is searched for afterwards, not sent again.
    const same = sandbox.requests.filter(
      ({ method, path }) => method === first?.method && path === first.path,
    );
    expect(same).toHaveLength(1);
  });

  it.each(NAMES)('limit a call by their deadline: %s', async (name) => {
    const { api } = unanswered();
    const error = await rejection(call(name, api, { deadline: 700 }));
    expect(String(error)).toMatch(/deadline of 700 ms|within 700 ms/);
  });

  it.each(NAMES)('limit the wait for the rate limit by their queueTimeout: %s', async (name) => {
    const sandbox = new Sandbox({ images: [{ id: 5 }] });
    const api = sandbox.api({ rateLimit: { perMinute: 1 } });
    await api.request('/v2/account');
    const error = await rejection(call(name, api, { queueTimeout: 300 }));
    expect(error).toMatchObject({ name: 'TimeoutError', kind: 'queue', limit: 300 });
    expect(sandbox.requests).toHaveLength(1);
    expect(sandbox.clock.now()).toBe(300);
  });

  it.each([
    ['timeout', [0, -1, NaN], ['1000', null]],
    ['deadline', [0, -1, NaN], ['1000', null]],
    ['queueTimeout', [0, -1, NaN], ['1000', null]],
    ['retries', [-1, 11, 1.5, NaN, Infinity], ['1', null]],
    ['signal', [], [{}, null, 5]],
  ] as const)('are checked before anything is sent: %s', async (option, outOfBounds, wrong) => {
    const sandbox = new Sandbox({ images: [{ id: 5 }] });
    const api = sandbox.api();
    for (const name of NAMES) {
      for (const value of [...outOfBounds, ...wrong]) {
        const options = { [option]: value } as CallOptions;
        const refused = await rejection((async () => call(name, api, options))());
        expect([name, value, refused]).toEqual([
          name,
          value,
          expect.objectContaining({
            name: outOfBounds.includes(value as never) ? 'RangeError' : 'TypeError',
            message: expect.stringMatching(new RegExp(`^${option}: expected `)),
          }),
        ]);
      }
    }
    expect(sandbox.requests).toEqual([]);
  });

  it.each(NAMES)('are closed, before anything is sent: %s', async (name) => {
    const sandbox = new Sandbox({ images: [{ id: 5 }] });
    const options = { timout: 5 } as CallOptions;
    expect(await rejection((async () => call(name, sandbox.api(), options))())).toMatchObject({
      name: 'TypeError',
      message: 'timout: unknown option; did you mean timeout?',
    });
    expect(sandbox.requests).toEqual([]);
  });

  it('may be Infinity, and 10 retries', () => {
    const options = { timeout: Infinity, deadline: Infinity, queueTimeout: Infinity, retries: 10 };
    expect(checkCallOptions(options)).toEqual(options);
  });

  it('are closed, and take nothing from a polluted prototype', () => {
    const prototype = Object.prototype as { retries?: number };
    prototype.retries = 0;
    try {
      expect(checkCallOptions({ timeout: 5 })).toEqual({ timeout: 5 });
      expect(Object.keys(checkCallOptions({}))).toEqual([]);
      expect(() => checkCallOptions({ timeout: 5, wait: true })).toThrow('wait: unknown option');
    } finally {
      delete prototype.retries;
    }
  });

  it('of a reading replace those of its listing', async () => {
    const { api } = unanswered();
    const listing = api.fetchAllRegions({ timeout: 1_000, retries: 0 });
    expect(String(await rejection(listing.toArray()))).toContain('within 1000 ms');
    expect(String(await rejection(listing.toArray({ timeout: 50 })))).toContain('within 50 ms');
  });

  it('do not limit the wait of a transfer', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5, regions: ['nyc1'] }], actionTime: 600_000 });
    const options = { timeout: 1_000, deadline: 2_000, queueTimeout: 500, retries: 0 };
    const action = await sandbox
      .api()
      .image(5)
      .transfer('ams3', { ...options, wait: true });
    expect(action.completed).toBe(true);
  });
});
