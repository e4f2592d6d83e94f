import { describe, expect, it, jest } from '@jest/globals';
import type * as Library from '../lib';

/** Packages that are needed for requests only. */
const HEAVY = ['axios-retry', 'axios/dist/browser/axios.cjs'] as const;

describe('the poller', () => {
  it('is not loaded before the first wait, nor what a store needs without one', async () => {
    let isLoaded = false;
    let isFleetLoaded = false;
    jest.doMock('../lib/polling/fleet/poll-member', () => {
      isFleetLoaded = true;
      return jest.requireActual<object>('../lib/polling/fleet/poll-member');
    });
    jest.doMock('../lib/polling/poller', () => {
      isLoaded = true;
      return jest.requireActual<object>('../lib/polling/poller');
    });
    await jest.isolateModulesAsync(async () => {
      const { DOApi } = jest.requireActual<typeof Library>('../lib');
      const body = JSON.stringify({ action: { id: 5, status: 'completed' } });
      const adapter = (): Promise<Library.TransportResponse> =>
        Promise.resolve({ status: 200, headers: {}, body });
      const api = new DOApi({ token: 'a-token', transport: { adapter } });
      const action = await api.fetchAction(5);
      for await (const { id } of api.waitActions([action])) expect(id).toBe(5);
      expect(isLoaded).toBe(false);
      await api.action(5).wait();
      expect(isLoaded).toBe(true);
      expect(isFleetLoaded).toBe(false);
      await api.close();
    });
  });
});

describe('axios', () => {
  it('is not loaded before the first request', async () => {
    const loaded: string[] = [];
    for (const name of HEAVY) {
      jest.doMock(name, () => {
        loaded.push(name);
        return jest.requireActual<object>(name);
      });
    }
    await jest.isolateModulesAsync(async () => {
      const { DOApi } = jest.requireActual<typeof Library>('../lib');
      const adapter = (): Promise<Library.TransportResponse> =>
        Promise.resolve({ status: 200, headers: {}, body: '{"account":{}}' });
      const api = new DOApi({ token: 'a-token', transport: { adapter } });
      expect(String(api.image(5))).toBe('5');
      api.fetchAllImages();
      expect(loaded).toEqual([]);
      await api.request('/v2/account');
      await api.request('/v2/account');
      expect(loaded).toEqual([...HEAVY]);
      await api.close();
    });
  });
});

describe('what many processes share', () => {
  it('is loaded with the first request or wait of a manager with a store, and never without one', async () => {
    const loaded: string[] = [];
    const needed = ['rate-limit/fleet/shared-leases', 'polling/fleet/poll-member'];
    const others = ['redis/redis-store'];
    const names = [...needed, ...others];
    for (const name of names) {
      jest.doMock(`../lib/${name}`, () => {
        loaded.push(name);
        return jest.requireActual<object>(`../lib/${name}`);
      });
    }
    await jest.isolateModulesAsync(async () => {
      const { DOApi } = jest.requireActual<typeof Library>('../lib');
      const adapter = (): Promise<Library.TransportResponse> =>
        Promise.resolve({ status: 200, headers: {}, body: '{"action":{"id":5,"status":"completed"}}' });
      const options = { token: 'a-token', transport: { adapter } };
      const alone = new DOApi(options);
      await alone.request('/v2/account');
      await alone.action(5).wait();
      expect(loaded).toEqual([]);
      const exchange = (): Promise<never> => Promise.reject(new Error('away'));
      const logger = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
      const store = { permits: { share: 1, exchange }, polls: { exchange }, close: () => Promise.resolve() };
      const api = new DOApi({ ...options, logger, store });
      expect(loaded).toEqual([]);
      await api.request('/v2/account');
      expect(loaded).toEqual(needed.slice(0, 1));
      await api.action(5).wait();
      expect(loaded).toEqual(needed);
      expect(logger.warn).toHaveBeenCalledTimes(1);
      await Promise.all([alone.close(), api.close()]);
    });
  });
});

describe('Droplets, snapshots, queries and offers', () => {
  it('are not loaded before their first use', async () => {
    const loaded: string[] = [];
    const late = ['droplet', 'snapshot', 'droplet-creation', 'replicate', 'polling/as-completed'];
    for (const name of [...late, 'image-query', 'image-offer']) {
      jest.doMock(`../lib/${name}`, () => {
        loaded.push(name);
        return jest.requireActual<object>(`../lib/${name}`);
      });
    }
    await jest.isolateModulesAsync(async () => {
      const library = jest.requireActual<typeof Library>('../lib');
      const adapter = (): Promise<Library.TransportResponse> =>
        Promise.resolve({ status: 200, headers: {}, body: '{"images":[]}' });
      const api = new library.DOApi({ token: 'a-token', transport: { adapter } });
      await api.fetchAllImages().toArray();
      expect(loaded).toEqual([]);
      expect(api.droplet(5)).toBeInstanceOf(library.Droplet);
      expect(loaded).toEqual(['droplet']);
      await api.findImages();
      expect(loaded).toEqual(['droplet', 'image-query']);
      expect(library.ImageOffer.name).toBe('ImageOffer');
      expect(loaded).toEqual(['droplet', 'image-query', 'image-offer']);
      expect(library.Snapshot.name).toBe('Snapshot');
      expect(library.DropletCreationError.name).toBe('DropletCreationError');
      expect(library.CreateDropletsError.name).toBe('CreateDropletsError');
      await api.close();
    });
  });
});

describe('pruning', () => {
  it('is not loaded before the first plan', async () => {
    const loaded: string[] = [];
    for (const name of ['planning', 'prune-plan', 'retention-policy']) {
      jest.doMock(`../lib/prune/${name}`, () => {
        loaded.push(name);
        return jest.requireActual<object>(`../lib/prune/${name}`);
      });
    }
    await jest.isolateModulesAsync(async () => {
      const library = jest.requireActual<typeof Library>('../lib');
      const adapter = (): Promise<Library.TransportResponse> =>
        Promise.resolve({
          status: 200,
          headers: {},
          body: '{"images":[],"droplets":[],"autoscale_pools":[]}',
        });
      const api = new library.DOApi({ token: 'a-token', transport: { adapter } });
      await api.fetchAllImages().toArray();
      expect(loaded).toEqual([]);
      expect((await api.planPrune({ keep: 1 })).keep).toEqual([]);
      expect(loaded.sort()).toEqual(['planning', 'prune-plan', 'retention-policy']);
      await api.close();
    });
  });
});
