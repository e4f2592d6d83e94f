import { describe, expect, it } from '@jest/globals';
import { AuthenticationError, type Cancellable, ClosedError, type DOApi } from '../../lib';
import {
  type SentRequest,
  actionJson,
  imageJson,
  MemoryServer,
  regionJson,
  rejection,
  TOKEN,
} from './builders';

type Send = (api: DOApi, options?: Cancellable) => Promise<unknown>;

/** Every method that sends a request; the caller adds the options. */
export const EVERY_CALL: [name: string, send: Send][] = [
  ['api.fetchImage(id)', (api, options) => api.fetchImage(7938269, options)],
  ['api.fetchImage(slug)', (api, options) => api.fetchImage('ubuntu-16-04-x64', options)],
  ['api.fetchImage(image)', (api, options) => api.fetchImage(api.image(7938269), options)],
  ['api.fetchImageBySlug', (api, options) => api.fetchImageBySlug('ubuntu-16-04-x64', options)],
  ['api.createCustomImage', (api, options) => api.createCustomImage(NEW_IMAGE, options)],
  ['api.fetchAction(id)', (api, options) => api.fetchAction(36805527, options)],
  ['api.fetchAction(action)', (api, options) => api.fetchAction(api.action(36805527), options)],
  ['api.fetchLastAction', (api, options) => api.fetchLastAction(options)],
  ['api.request', (api, options) => api.request('/v2/account', options)],
  ['api.fetchAllImages', async (api, options) => api.fetchAllImages(options).toArray()],
  ['api.fetchAllDistributionImages', async (api, o) => api.fetchAllDistributionImages(o).first()],
  ['api.fetchAllApplicationImages', async (api, o) => api.fetchAllApplicationImages(o).total()],
  ['api.fetchAllPrivateImages', async (api, options) => api.fetchAllPrivateImages(options).page(2)],
  ['api.fetchAllActions', async (api, options) => api.fetchAllActions(options).find(() => true)],
  ['api.fetchAllRegions', async (api, options) => api.fetchAllRegions(options).pages().next()],
  ['api.paginate', async (api, options) => api.paginate('/v2/droplets', 'droplets', options).first()],
  ['api.waitActions', async (api, options) => api.waitActions([36805527], options).next()],
  ['image.fetch', (api, options) => api.image(7938269).fetch(options)],
  ['image.update', (api, options) => api.image(7938269).update({ name: 'new' }, options)],
  ['image.delete', (api, options) => api.image(7938269).delete(options)],
  ['image.transfer', (api, options) => api.image(7938269).transfer('nyc3', options)],
  [
    'image.transfer, waiting',
    (api, options) => api.image(7938269).transfer('nyc3', { ...options, wait: true }),
  ],
  ['image.convert', (api, options) => api.image(7938269).convert(options)],
  ['image.act', (api, options) => api.image(7938269).act({ type: 'convert' }, options)],
  ['image.waitForAction', (api, options) => api.image(7938269).waitForAction(options)],
  ['image.waitUntilAvailable', (api, options) => api.image(7938269).waitUntilAvailable(options)],
  ['image.replicate', (api, options) => api.image(imageJson()).replicate(['nyc3'], options)],
  ['image.fetchAllActions', async (api, options) => api.image(7938269).fetchAllActions(options).toArray()],
  ['image.fetchAction', (api, options) => api.image(7938269).fetchAction(36805527, options)],
  ['image.fetchLastAction', (api, options) => api.image(7938269).fetchLastAction(options)],
  ['image.fetchCurrentAction', (api, options) => api.image(7938269).fetchCurrentAction(options)],
  ['image.tag', (api, options) => api.image(7938269).tag('prod', options)],
  ['image.untag', (api, options) => api.image(7938269).untag('prod', options)],
  ['action.fetch', (api, options) => api.action(36805527).fetch(options)],
  ['action.fetchResource', (api, o) => api.action(actionJson()).fetchResource(o)],
  ['action.wait', (api, options) => api.action(36805527).wait(options)],
];

const NEW_IMAGE = { name: 'mine', url: 'https://example.com/disk.raw.gz', region: 'nyc3' };

/** Responds to every request of the methods above, about what it asks for. */
const respond = ({ method, path, body }: SentRequest): object => {
  if (method === 'DELETE' || path.startsWith('/v2/tags')) return { status: 204 };
  const { type = 'transfer' } = (body ?? {}) as { type?: string };
  const action = actionJson({ status: 'completed', type });
  const image = imageJson(path.endsWith('/ubuntu-16-04-x64') ? { slug: 'ubuntu-16-04-x64' } : {});
  const meta = { total: 1 };
  return {
    body: {
      action,
      image,
      actions: [action],
      images: [image],
      regions: [regionJson()],
      droplets: [{}],
      meta,
    },
  };
};

/** The behaviour of every method that sends a request. */
export function behavesLikeACall(name: string, send: Send): void {
  describe(name, () => {
    it('sends the token in the authorization header and nowhere else', async () => {
      const server = new MemoryServer(respond);
      await send(server.api());
      expect(server.requests.length).toBeGreaterThan(0);
      for (const { headers, ...rest } of server.requests) {
        expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
        expect(headers.accept).toBe('application/json');
        expect(headers['content-type']).toBe(rest.body === undefined ? undefined : 'application/json');
        expect(JSON.stringify(rest)).not.toContain(TOKEN);
      }
    });

    it("rejects with the signal's reason before anything is sent", async () => {
      const server = new MemoryServer(respond);
      const reason = { my: 'reason' };
      expect(await rejection(send(server.api(), { signal: AbortSignal.abort(reason) }))).toBe(reason);
      expect(server.requests).toEqual([]);
    });

    it("rejects with the signal's reason while the request is in flight", async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const server = new MemoryServer(() => {
        controller.abort(reason);
        return new Promise(() => undefined);
      });
      expect(await rejection(send(server.api(), { signal: controller.signal }))).toBe(reason);
      expect(server.requests).toHaveLength(1);
    });

    it('refuses an invalid signal before anything is sent', async () => {
      const server = new MemoryServer(respond);
      const error = await rejection(send(server.api(), { signal: 'now' as never }));
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toContain('signal: expected an AbortSignal, got "now"');
      expect(server.requests).toEqual([]);
    });

    it('rejects with a ClosedError once the manager is closed', async () => {
      const server = new MemoryServer(respond);
      const api = server.api();
      await api.close();
      expect(await rejection(send(api))).toBeInstanceOf(ClosedError);
      expect(server.requests).toEqual([]);
    });

    it('rejects with a ClosedError when the manager is closed during the request', async () => {
      const server = new MemoryServer(() => {
        void api.close();
        return new Promise(() => undefined);
      });
      const api = server.api();
      expect(await rejection(send(api))).toBeInstanceOf(ClosedError);
    });

    it('rejects with an AuthenticationError at once when the token is unknown', async () => {
      const server = new MemoryServer(() => ({ status: 401, body: { id: 'unauthorized', message: 'No.' } }));
      const error = await rejection(send(server.api()));
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(server.requests).toHaveLength(1);
      expect(server.clock.now()).toBe(0);
    });
  });
}
