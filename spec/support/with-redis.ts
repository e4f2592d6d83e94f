import { describe, it } from '@jest/globals';
import { HAS_REDIS, REDIS_PROGRAM } from './redis-server';

/** `describe` for what needs a Redis. Without one, it says that its specs were left out. */
export function describeWithRedis(name: string, body: () => void): void {
  if (HAS_REDIS) {
    describe(name, body);
    return;
  }
  process.stderr.write(`Left out, since ${REDIS_PROGRAM} is not installed: ${name}\n`);
  describe(name, () => it('was left out: redis-server is not installed', () => undefined));
}
