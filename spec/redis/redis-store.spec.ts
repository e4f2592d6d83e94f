import { describe, expect, it } from '@jest/globals';
import { type RedisClient, redisStore } from '../../lib/redis';
import { EMPTY_REPORT } from '../support/permit-report';
import { expectRefusal, thrown } from '../support/behaves-like-strict-input';

const client: RedisClient = {
  evalSha: () => Promise.reject(new Error('not expected')),
  eval: () => Promise.reject(new Error('not expected')),
};

describe('redisStore', () => {
  it.each([
    undefined,
    null,
    'redis://127.0.0.1',
    {},
    { eval: () => undefined },
    { evalSha: () => undefined },
  ])('takes a client of node-redis or ioredis, not %j', (other) => {
    expect(() => redisStore(other as never)).toThrow(
      new TypeError('client: expected a client of node-redis 5 or later or of ioredis 5 or later'),
    );
  });

  it.each([
    [{ prefix: '' }, TypeError, 'prefix'],
    [{ prefix: 'a{b}' }, TypeError, 'prefix'],
    [{ prefix: 5 }, TypeError, 'prefix'],
    [{ whenDown: { share: 0 } }, RangeError, 'whenDown.share'],
    [{ whenDown: { share: 1.1 } }, RangeError, 'whenDown.share'],
    [{ whenDown: { share: '1' } }, TypeError, 'whenDown.share'],
  ] as const)('refuses options that are wrong: %j', (options, error, name) => {
    expectRefusal(
      thrown(() => redisStore(client, options as never)),
      error,
      name,
    );
  });

  it('refuses options that it does not know', () => {
    expect(() => redisStore(client, { Prefix: 'a' } as never)).toThrow(
      'Prefix: unknown option; did you mean prefix?',
    );
    expect(() => redisStore(client, { whenDown: { part: 1 } } as never)).toThrow(
      'whenDown.part: unknown option',
    );
  });

  it('has a share of a tenth unless it is told another one', () => {
    expect(redisStore(client).permits.share).toBe(0.1);
    expect(redisStore(client, { whenDown: {} }).permits.share).toBe(0.1);
    expect(redisStore(client, { whenDown: { share: 1 } }).permits.share).toBe(1);
  });

  it.each(['', 'a b', 'x 1 2 3 4 5 6 7', 'epoch 1 60000 0 0 0 0 nothing 5'])(
    'rejects an answer that is no permit: %j',
    async (answer) => {
      const { permits } = redisStore({ ...client, evalSha: () => Promise.resolve(answer) });
      await expect(permits.exchange('a key', REPORT)).rejects.toThrow(
        'Redis answered something that is no permit',
      );
    },
  );

  const inState = (status: string): RedisClient => ({
    status,
    evalsha: () => Promise.resolve(ANSWER),
    eval: () => Promise.reject(new Error('not expected')),
  });

  it.each(['wait', 'connecting', 'connect', 'ready'])(
    'asks with ioredis when it is in state %s',
    async (status) => {
      expect((await redisStore(inState(status)).permits.exchange('a key', REPORT)).granted).toBe(1);
    },
  );

  it.each(['reconnecting', 'close', 'end'])('is away at once when ioredis is in state %s', async (status) => {
    await expect(redisStore(inState(status)).permits.exchange('a key', REPORT)).rejects.toThrow(
      'the Redis client is not connected',
    );
  });

  it('takes an answer as a Buffer, too', async () => {
    const { permits } = redisStore({
      ...client,
      evalSha: () => Promise.resolve(Buffer.from(ANSWER)),
    });
    expect(await permits.exchange('a key', REPORT)).toEqual({
      epoch: 'e:1',
      granted: 1,
      validFor: 60_000,
      retryIn: 0,
      pausedFor: 0,
      oneByOne: false,
      rebuildsFor: 0,
      left: { perMinute: 9, perHour: 90 },
    });
  });
});

const ANSWER = 'e:1 1 60000 0 0 0 0 9 90';

const REPORT = { ...EMPTY_REPORT, member: 'a', sequence: 1, calls: 1 };
