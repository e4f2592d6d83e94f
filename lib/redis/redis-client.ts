/** A client or cluster of node-redis 5 or later, as far as the store needs it. */
export interface NodeRedisLike {
  /** Whether it is connected; a cluster does not say. */
  readonly isReady?: boolean;
  /** Runs a script that Redis knows. */
  evalSha(digest: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** Runs a script that Redis does not know yet. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** A client or cluster of ioredis 5 or later, as far as the store needs it. */
export interface IORedisLike {
  /** Its connection: `ready`, or why it is not. */
  readonly status?: string;
  /** Runs a script that Redis knows. */
  evalsha(digest: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
  /** Runs a script that Redis does not know yet. */
  eval(script: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** A connected client of node-redis 5 or later, or of ioredis 5 or later; of a cluster, too. */
export type RedisClient = NodeRedisLike | IORedisLike;

/** The two clients behind one interface. */
export interface ScriptRunner {
  /** Whether a command would be sent now; otherwise the client would keep it until it is connected. */
  readonly isReady: boolean;
  runDigest(digest: string, keys: string[], values: string[]): Promise<unknown>;
  runSource(source: string, keys: string[], values: string[]): Promise<unknown>;
}

/** @throws TypeError when the client is none of the two */
export function scriptRunner(client: RedisClient): ScriptRunner {
  const { evalSha, evalsha, eval: run } = Object(client) as Partial<Record<string, unknown>>;
  if (typeof run === 'function' && typeof evalSha === 'function') return ofNodeRedis(client as NodeRedisLike);
  if (typeof run === 'function' && typeof evalsha === 'function') return ofIORedis(client as IORedisLike);
  throw new TypeError('client: expected a client of node-redis 5 or later or of ioredis 5 or later');
}

function ofNodeRedis(client: NodeRedisLike): ScriptRunner {
  return {
    // A cluster has no `isReady`.
    get isReady() {
      return client.isReady ?? true;
    },
    runDigest: (digest, keys, values) => client.evalSha(digest, { keys, arguments: values }),
    runSource: (source, keys, values) => client.eval(source, { keys, arguments: values }),
  };
}

function ofIORedis(client: IORedisLike): ScriptRunner {
  return {
    // While it connects for the first time, it keeps commands for some milliseconds.
    get isReady() {
      return ['ready', 'connect', 'connecting', 'wait'].includes(client.status ?? 'ready');
    },
    runDigest: (digest, keys, values) => client.evalsha(digest, keys.length, ...keys, ...values),
    runSource: (source, keys, values) => client.eval(source, keys.length, ...keys, ...values),
  };
}
