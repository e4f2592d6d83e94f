import { afterAll, beforeAll } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { createCluster } from 'redis';
import { RedisStore } from '../../lib/redis/redis-store';
import { behavesLikeASharedStore } from '../support/behaves-like-a-shared-store';
import { behavesLikeSharedPolls } from '../support/behaves-like-shared-polls';
import { describeWithRedis } from '../support/describe-with-redis';
import { RedisServer } from '../support/redis-server';

describeWithRedis('a store in a cluster of Redis', () => {
  let node: RedisServer;
  let admin: Redis;
  let nodeRedis: ReturnType<typeof createCluster>;
  let ioredis: Cluster;
  beforeAll(async () => {
    node = await RedisServer.start({ cluster: true });
    admin = new Redis(node.port, '127.0.0.1');
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    while (!(await admin.cluster('INFO')).includes('cluster_state:ok')) await setTimeout(50);
    nodeRedis = createCluster({ rootNodes: [{ url: node.url }] });
    await nodeRedis.connect();
    ioredis = new Cluster([{ host: '127.0.0.1', port: node.port }], { lazyConnect: true });
    await ioredis.connect();
  });
  afterAll(async () => {
    nodeRedis.destroy();
    ioredis.disconnect();
    admin.disconnect();
    await node.stop();
  });

  for (const [name, client] of [
    ['node-redis', () => nodeRedis],
    ['ioredis', () => ioredis],
  ] as const) {
    const open = async () => {
      await admin.flushall();
      const time = { speed: 0, offset: 1_000 };
      const store = new RedisStore(client(), {}, time);
      return {
        permits: store.permits,
        polls: store.polls,
        advance: (ms: number) => void (time.offset += ms),
        clear: async () => {
          await admin.flushall();
        },
        close: () => store.close(),
      };
    };
    behavesLikeASharedStore(`a cluster with ${name}`, open);
    behavesLikeSharedPolls(`a cluster with ${name}`, open);
  }
});
