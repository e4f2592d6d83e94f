import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasRedisServer, RedisServer } from './redis-server';

/** A `describe` with a real redis-server. Without one, it says that its specs were left out. */
export function describeWithRedis(name: string, specs: (server: () => RedisServer) => void): void {
  if (!hasRedisServer()) {
    describe(name, () => {
      it('is left out: no redis-server is installed', () => expect(hasRedisServer()).toBe(false));
    });
    return;
  }
  describe(name, () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await RedisServer.start();
    });
    // Before the server stops, the specs close what they have opened.
    specs(() => server);
    afterAll(() => server.stop());
  });
}
