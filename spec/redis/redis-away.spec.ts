import { afterAll, afterEach, beforeEach, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { DOApi, type SharedStore } from '../../lib';
import { redisStore, type RedisClient } from '../../lib/redis';
import { Sandbox } from '../../lib/sandbox';
import { EMPTY_REPORT } from '../support/permit-report';
import { describeWithRedis } from '../support/describe-with-redis';
import { RedisServer } from '../support/redis-server';
import { CutProxy } from '../../bench/fleet/cut-proxy';

/** A client that connects again by itself, as programs have it. */
async function connected(
  port: number,
): Promise<{ client: RedisClient; end: () => void; isOpen: () => boolean }> {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: 20 } });
  client.on('error', () => undefined);
  await client.connect();
  return { client, end: () => client.destroy(), isOpen: () => client.isOpen };
}

/** A manager with a store, and what it warns of. */
function anApi(store: SharedStore): { api: DOApi; warnings: string[]; call: () => Promise<unknown> } {
  const warnings: string[] = [];
  const logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (message: string) => void warnings.push(message),
    error: () => undefined,
  };
  const api = new Sandbox({ images: 1, clock: 'real' }).api({ store, logger });
  return { api, warnings, call: () => api.request('/v2/account') };
}

/** Two more than a process has permits for, after its first call. */
const MORE_THAN_STOCK = 18;

const AWAY = /^the shared store grants no permits, and this process goes on with 10 % of the rate limit: /;

/** Asks until the store grants permits again. Redis needs its time. */
async function untilGranted(store: SharedStore): Promise<void> {
  for (let sequence = 1; ; sequence++) {
    const isThere = await store.permits
      .exchange('a probe', { ...PROBE, sequence })
      .then(() => true)
      .catch(() => false);
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const PROBE = { ...EMPTY_REPORT, member: 'a probe' };

describeWithRedis('while Redis is away, a process goes on with its share and warns once', (server) => {
  let own: RedisServer;
  let proxy: CutProxy;
  let connection: Awaited<ReturnType<typeof connected>>;
  let store: SharedStore;
  // The last question to a Redis that is away ends within a second.
  afterAll(() => sleep(1_000));
  beforeEach(async () => {
    own = await RedisServer.start({ durable: true });
    proxy = await CutProxy.start(own.port);
    connection = await connected(proxy.port);
    store = redisStore(connection.client);
  });
  afterEach(async () => {
    connection.end();
    proxy.close();
    await own.stop();
  });

  it('when it crashes, and is whole again when it is back', async () => {
    const { api, warnings, call } = anApi(store);
    await call();
    await own.kill();
    await Promise.all(Array.from({ length: MORE_THAN_STOCK }, call));
    expect(warnings).toEqual([expect.stringMatching(AWAY)]);
    await own.start();
    await untilGranted(store);
    const start = performance.now();
    await Promise.all(Array.from({ length: 30 }, call));
    // With its share only, it needs more than a minute.
    expect(performance.now() - start).toBeLessThan(30_000);
    expect(warnings).toHaveLength(1);
    await api.close();
    await store.close();
  });

  it('when the network is cut, without a message that says so', async () => {
    const { api, warnings, call } = anApi(store);
    await call();
    proxy.cut();
    await Promise.all(Array.from({ length: MORE_THAN_STOCK }, call));
    expect(warnings).toEqual([expect.stringMatching(/did not answer within a second$/)]);
    proxy.mend();
    await untilGranted(store);
    await call();
    await api.close();
    await store.close();
  });

  it('when it is slow', async () => {
    const { api, warnings, call } = anApi(store);
    await call();
    const admin = new Redis(own.port, '127.0.0.1');
    await admin.ping();
    const asleep = admin.call('DEBUG', 'SLEEP', '5');
    // Redis reads it before what the calls ask.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all(Array.from({ length: MORE_THAN_STOCK }, call));
    expect(warnings).toEqual([expect.stringMatching(AWAY)]);
    await asleep;
    await untilGranted(store);
    await call();
    admin.disconnect();
    await api.close();
    await store.close();
  });

  it('when it is a replica after a failover', async () => {
    const { api, warnings, call } = anApi(store);
    const admin = new Redis(own.port, '127.0.0.1');
    await admin.replicaof('127.0.0.1', server().port);
    await Promise.all([call(), call()]);
    expect(warnings).toEqual([expect.stringMatching(/READONLY/)]);
    await admin.replicaof('NO', 'ONE');
    await untilGranted(store);
    await call();
    admin.disconnect();
    await api.close();
    await store.close();
  });

  it('when it was never there', async () => {
    connection.end();
    const { api, warnings, call } = anApi(store);
    await Promise.all([call(), call()]);
    expect(warnings).toEqual([expect.stringMatching(/the Redis client is not connected$/)]);
    await api.close();
    await store.close();
    connection = await connected(proxy.port);
  });

  it('and sends no more than its share', async () => {
    await own.kill();
    const { api, call } = anApi(store);
    let answers = 0;
    const calls = Array.from({ length: 60 }, async () => {
      await call();
      answers += 1;
    });
    const ended = Promise.allSettled(calls);
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    // The store is tried for a second, then one is sent each 2.5 s.
    expect(answers).toBe(2);
    await api.close();
    await ended;
    await store.close();
  });

  it('which it is not when the process itself stood still', async () => {
    const asked = store.permits.exchange('a key', { ...PROBE, calls: 1, sequence: 1 });
    const until = performance.now() + 1_300;
    while (performance.now() < until);
    expect((await asked).granted).toBe(1);
  });

  it('which it is not when many tokens ask at the same time', async () => {
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, token) =>
        store.permits.exchange(`token ${token}`, { ...PROBE, calls: 1, sequence: 1 }),
      ),
    );
    expect(all.map(({ granted }) => granted)).toEqual(all.map(() => 1));
    await store.close();
    const other = redisStore(connection.client).permits;
    for (const token of [0, 20, 39])
      // It has left: what it held counts as used.
      expect(
        await other.exchange(`token ${token}`, {
          ...PROBE,
          limits: { perMinute: 1, perHour: 10 },
          calls: 1,
          sequence: 2,
          member: 'another',
        }),
      ).toMatchObject({ granted: 0, left: { perHour: 9 } });
  });

  it('and a store that gets no answers stops asking after a second', async () => {
    let asked = 0;
    const hanging: RedisClient = {
      evalSha: () => {
        asked += 1;
        return new Promise(() => undefined);
      },
      eval: () => Promise.reject(new Error('not expected')),
    };
    const { permits } = redisStore(hanging);
    const ask = async (sequence: number): Promise<void> => {
      const all = Array.from({ length: 40 }, (_, id) =>
        permits.exchange('a key', { ...PROBE, member: String(id), sequence }),
      );
      const results = await Promise.allSettled(all);
      expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    };
    await ask(1);
    expect(asked).toBe(40);
    await ask(2);
    expect(asked).toBe(40);
  });

  it.each([
    ['never', Infinity],
    ['slowly', 700],
  ])('and a store that many tokens use closes within a second when Redis answers %s', async (_name, ms) => {
    let asked = 0;
    let isHanging = false;
    const grant = ['1.1', 1, 60_000, 0, 0, 0, 0, 239, 4_899].join(' ');
    const client: RedisClient = {
      evalSha: () => {
        asked += 1;
        if (!isHanging) return Promise.resolve(grant);
        return ms === Infinity ? new Promise(() => undefined) : sleep(ms, grant);
      },
      eval: () => Promise.reject(new Error('not expected')),
    };
    const used = redisStore(client);
    for (let token = 0; token < 40; token++)
      await used.permits.exchange(`token ${token}`, { ...PROBE, calls: 1, sequence: 1 });
    isHanging = true;
    asked = 0;
    const start = performance.now();
    await used.close();
    expect(performance.now() - start).toBeLessThan(1_900);
    expect(asked).toBe(ms === Infinity ? 16 : 32);
  });

  it.each(['there', 'away', 'slow'])('and the store closes while Redis is %s', async (state) => {
    const { api, call } = anApi(store);
    await call();
    if (state === 'away') await own.kill();
    if (state === 'slow') proxy.cut();
    await api.close();
    await store.close();
    await expect(store.permits.exchange('a key', { ...PROBE, sequence: 1 })).rejects.toThrow(
      'the Redis store is closed',
    );
    expect(connection.isOpen()).toBe(true);
  });
});
