import type { PollDemands, PollNews, PollReport, SharedPolls, SharedState } from '../shared-polls';
import { EXCHANGE_POLLS } from './poll-script';
import type { RedisLink } from './redis-link';
import type { RedisTime } from './redis-permits';

const KEYS = ['polls', 'members', 'demands', 'states-0', 'states-1'];

/** The polls of a fleet in Redis: one script decides, on the clock of Redis. */
export class RedisPolls implements SharedPolls {
  readonly #pending = new Set<Promise<unknown>>();

  constructor(
    private readonly link: RedisLink,
    private readonly time: RedisTime,
  ) {}

  async exchange(key: string, report: PollReport): Promise<PollNews> {
    const { member, lease, isOverdue, cursor, requests, demands, states } = report;
    const run = this.link.run(EXCHANGE_POLLS, this.link.keys(key, ...KEYS), [
      this.time.speed,
      this.time.offset,
      member,
      lease,
      Number(isOverdue),
      cursor,
      requests,
      demands ? JSON.stringify(demands) : '',
      ...Object.entries(states).flatMap(([target, { age, json }]) => [target, Math.round(age), json ?? '']),
    ]);
    this.#pending.add(run);
    try {
      return readNews(JSON.parse(await run));
    } finally {
      this.#pending.delete(run);
    }
  }

  /** Resolves when what was sent is answered: the last report of a leader has its last states. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }
}

type Unknowns = Partial<Record<string, unknown>>;

/** @throws Error when it is no answer; what its demands and states say, the reader of them checks */
function readNews(answer: unknown): PollNews {
  const { leads, isKnown, cursor, requests, others, demands, states } = Object(answer) as Unknowns;
  if (typeof leads !== 'boolean' || typeof cursor !== 'string' || typeof requests !== 'number')
    throw new Error('Redis answered something that is no news of polls');
  return {
    leads,
    isKnown: isKnown === true,
    cursor: Number(cursor),
    requests,
    // An empty list is an empty object for the script.
    others: Object.values(Object(others) as Unknowns).map(String),
    demands: mapValues(demands, ({ age, demands: text }) => ({
      age: Number(age),
      demands: parseDemands(String(text)),
    })),
    states: mapValues(states, ({ age, json }): SharedState => ({
      age: Number(age),
      json: json === '' ? null : String(json),
    })),
  };
}

/** Of one member: what another program may have written in its place spoils no demands of others. */
function parseDemands(text: string): PollDemands {
  try {
    return JSON.parse(text) as PollDemands;
  } catch {
    return {};
  }
}

function mapValues<T>(values: unknown, read: (value: Unknowns) => T): Record<string, T> {
  const entries = Object.entries(Object(values) as Unknowns);
  return Object.fromEntries(entries.map(([name, value]) => [name, read(Object(value) as Unknowns)]));
}
