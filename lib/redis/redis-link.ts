import { createHash } from 'node:crypto';
import { systemClock } from '../util/clock';
import type { ScriptRunner } from './redis-client';

/** Redis answers a script in less than this, in milliseconds, or it is away. */
const TIME_LIMIT = 1_000;

/** A timer that is later than this shows that the process stood still, in milliseconds. */
const STALL = 200;

/** Late commands without an answer. With more, a client whose connection hangs would collect them. */
const MAX_LATE = 16;

/** A script, and the digest by which Redis caches it. */
export interface RedisScript {
  readonly source: string;
  readonly digest: string;
}

export function redisScript(source: string): RedisScript {
  return { source, digest: createHash('sha1').update(source).digest('hex') };
}

/** Runs scripts on the client of the user. Each call ends within a second, or two when the process stands still, whatever the client and Redis do. */
export class RedisLink {
  /** Commands that have exceeded the time limit and are not answered yet. */
  #late = 0;
  #isClosed = false;

  constructor(
    private readonly runner: ScriptRunner,
    private readonly prefix: string,
  ) {}

  /**
   * The keys of a token at an endpoint. They have one hash tag, so that a cluster keeps them on one node, and no part of the
   * token or of the URL.
   * @param key names the token at the endpoint
   */
  keys(key: string, ...names: string[]): string[] {
    const digest = createHash('sha256').update(key).digest('hex').slice(0, 32);
    return names.map((name) => `{${this.prefix}:${digest}}:${name}`);
  }

  /**
   * @returns what the script returns, as text
   * @throws Error when Redis is away: not connected, slow, without room, read-only
   */
  async run(script: RedisScript, keys: string[], values: readonly (string | number)[]): Promise<string> {
    if (this.#isClosed) throw new Error('the Redis store is closed');
    // The client would keep the command and send it at some time, when it is wrong.
    if (!this.runner.isReady) throw new Error('the Redis client is not connected');
    if (this.#late >= MAX_LATE) throw new Error('Redis does not answer');
    const texts = values.map(String);
    const answer = this.#send(script, keys, texts);
    return String(
      await withinLimit(answer, () => {
        const settle = (): void => void (this.#late -= 1);
        this.#late += 1;
        answer.then(settle, settle);
      }),
    );
  }

  async #send({ source, digest }: RedisScript, keys: string[], values: string[]): Promise<unknown> {
    try {
      return await this.runner.runDigest(digest, keys, values);
    } catch (error) {
      // The cache of scripts is lost with a restart, a failover or SCRIPT FLUSH.
      if (!String((error as Error | null)?.message).startsWith('NOSCRIPT')) throw error;
      return this.runner.runSource(source, keys, values);
    }
  }

  /** Later calls reject. */
  close(): void {
    this.#isClosed = true;
  }
}

/**
 * A process that stood still gives Redis its time again, once: the answer may be there, and is not read yet.
 * @param onLate is called when the answer takes too long
 */
function withinLimit<T>(answer: Promise<T>, onLate: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let cancel = (): void => undefined;
    const start = (isAgain: boolean): void => {
      const startedAt = systemClock.now();
      cancel = systemClock.after(TIME_LIMIT, () => {
        if (!isAgain && systemClock.now() - startedAt > TIME_LIMIT + STALL) start(true);
        else {
          onLate();
          reject(new Error('Redis did not answer within a second'));
        }
      });
    };
    start(false);
    answer.then(resolve, reject).finally(() => cancel());
  });
}
