export type { IORedisLike, NodeRedisLike, RedisClient } from './redis-client';
export { redisStore, type RedisStoreOptions } from './redis-store';
