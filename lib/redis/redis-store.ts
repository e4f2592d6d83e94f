import type { SharedPermits } from '../shared-permits';
import type { SharedPolls } from '../shared-polls';
import type { SharedStore } from '../shared-store';
import { systemClock } from '../util/clock';
import { nestedOptions, validateOptions } from '../util/options/validate-options';
import { SECOND } from '../util/time-units';
import { defineCheck, defineRangeCheck, is } from '../util/validate';
import { withLimits } from '../util/with-limits';
import { type RedisClient, scriptRunner } from './redis-client';
import { RedisLink } from './redis-link';
import { RedisPolls } from './redis-polls';
import { REAL_TIME, RedisPermits, type RedisTime } from './redis-permits';

/** How a process uses Redis. */
export interface RedisStoreOptions {
  /** What all keys in Redis begin with; default `doapi`. Processes with different prefixes share nothing. */
  prefix?: string | undefined;
  /** What a process does while Redis is away. */
  whenDown?:
    | {
        /**
         * The part of the rate limit that it goes on with, more than 0, at most 1; default 0.1. With ten processes or fewer, all of
         * them together stay within the limit from the second minute on: in the first, what was sent before counts, too.
         */
        share?: number | undefined;
      }
    | undefined;
}

const PREFIX = defineCheck<string>(
  'a string without braces, like doapi',
  (value) => is.text.test(value) && !/[{}]/.test(value),
);
const SHARE = defineRangeCheck('a number more than 0, at most 1', (value) => value > 0 && value <= 1);
const DEFAULT_SHARE = 0.1;

const CLOSING = {
  clock: systemClock,
  signals: [],
  timeout: SECOND,
  onTimeout: () => new Error('Redis did not answer within a second'),
};

const REDIS_STORE_OPTIONS = {
  prefix: is.withDefault(PREFIX, 'doapi'),
  whenDown: is.withDefault(nestedOptions({ share: is.withDefault(SHARE, DEFAULT_SHARE) }), {
    share: DEFAULT_SHARE,
  }),
};

/** What processes share in Redis. */
export class RedisStore implements SharedStore {
  readonly permits: SharedPermits;
  readonly polls: SharedPolls;
  readonly #close: () => Promise<void>;

  constructor(client: RedisClient, options: RedisStoreOptions, time: RedisTime) {
    const { prefix, whenDown } = validateOptions(options, REDIS_STORE_OPTIONS);
    const link = new RedisLink(scriptRunner(client), prefix);
    const permits = new RedisPermits(link, whenDown.share, time);
    this.permits = permits;
    const polls = new RedisPolls(link, time);
    this.polls = polls;
    this.#close = async () => {
      // What Redis does not learn in time counts as used when the leases have ended.
      await withLimits(CLOSING, () => Promise.all([permits.leave(), polls.settle()])).catch(() => undefined);
      link.close();
    };
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/**
 * Shares the rate limit and the polls of a token between all processes with the same Redis:
 * `new DOApi({ store: redisStore(await createClient().connect()) })`.
 * @param client a connected client or cluster of node-redis 5 or later, or of ioredis 5 or later; it stays yours, also to close
 * @throws TypeError, RangeError naming the argument
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): SharedStore {
  return new RedisStore(client, options, REAL_TIME);
}
