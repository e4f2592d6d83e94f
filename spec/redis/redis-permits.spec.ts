import { afterAll, beforeAll } from '@jest/globals';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { createClient } from 'redis';
import { createClient as createClient5 } from 'redis-5';
import type { RedisClient } from '../../lib/redis';
import { RedisStore } from '../../lib/redis/redis-store';
import { behavesLikeAFleet } from '../support/behaves-like-a-fleet';
import { behavesLikeASharedStore } from '../support/behaves-like-a-shared-store';
import { describeWithRedis } from '../support/describe-with-redis';
import type { RedisServer } from '../support/redis-server';

/** The two clients, each in both versions that it may have, connected. */
const CLIENTS: Record<string, (server: RedisServer) => Promise<{ client: RedisClient; end: () => void }>> = {
  'node-redis': async ({ url }) => {
    const client = await createClient({ url }).connect();
    return { client, end: () => client.destroy() };
  },
  'node-redis 5': async ({ url }) => {
    const client = await createClient5({ url }).connect();
    return { client, end: () => client.destroy() };
  },
  ioredis: async ({ port }) => {
    const client = new Redis(port, '127.0.0.1', { lazyConnect: true });
    await client.connect();
    return { client, end: () => client.disconnect() };
  },
  'ioredis 5': async ({ port }) => {
    const client = new Redis5(port, '127.0.0.1', { lazyConnect: true });
    await client.connect();
    return { client, end: () => client.disconnect() };
  },
};

describeWithRedis('a store in Redis', (server) => {
  for (const [name, connect] of Object.entries(CLIENTS)) {
    let connected: Awaited<ReturnType<typeof connect>>;
    let admin: Redis;
    const flush = async (): Promise<void> => {
      await admin.flushall();
    };
    beforeAll(async () => {
      connected = await connect(server());
      admin = new Redis(server().port, '127.0.0.1');
    });
    afterAll(() => {
      admin.disconnect();
      connected.end();
    });

    behavesLikeASharedStore(`Redis with ${name}`, async () => {
      await flush();
      const time = { speed: 0, offset: 1_000 };
      const store = new RedisStore(connected.client, {}, time);
      return {
        permits: store.permits,
        advance: (ms) => void (time.offset += ms),
        clear: flush,
        close: () => store.close(),
      };
    });

    behavesLikeAFleet(`Redis with ${name}`, async (clock) => {
      await flush();
      const time = {
        speed: 0,
        get offset() {
          return clock.now();
        },
      };
      const store = new RedisStore(connected.client, {}, time);
      return { permits: store.permits, clear: flush, close: () => store.close() };
    });
  }
});
