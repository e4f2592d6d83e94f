import { describe, expect, it, jest } from '@jest/globals';
import type * as Library from '../lib';

/** Packages that are needed for requests only. */
const HEAVY = ['axios/dist/browser/axios.cjs', 'axios-retry'] as const;

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
