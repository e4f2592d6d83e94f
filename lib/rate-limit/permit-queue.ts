import { Fifo } from '../util/fifo';
import type { Limits } from './limits';

/** So many calls pass a poll that waits, then the poll gets a permit: one permit in ten, beside the share of polls. */
const CALLS_PER_POLL = 9;

/** What decides when a request gets its permit. */
export interface RequestKind {
  readonly limits: Limits;
  /** Whether it is a poll: calls go first. */
  readonly background: boolean;
}

/** A request that waits for a permit. */
export interface QueuedRequest extends RequestKind {
  readonly grant: () => void;
}

interface Entry extends QueuedRequest {
  /** Numbers the requests of all lanes in their order. */
  readonly order: number;
}

/** The requests of clients with the same limits. */
interface Lane {
  readonly limits: Limits;
  readonly calls: Fifo<Entry>;
  readonly polls: Fifo<Entry>;
}

/**
 * The requests that wait for a permit of one token. Calls are served in their order, and so are polls. Calls go before
 * polls, but a poll is served when the share of polls has a permit for it, or when nine calls have passed it.
 */
export class PermitQueue {
  /** By the limits, so that a client whose limits are met does not block the others. */
  readonly #lanes = new Map<string, Lane>();
  #added = 0;
  /** Calls that were served while a poll could have been, since the last poll. */
  #passedPolls = 0;

  /** How many requests wait. */
  get size(): number {
    let size = 0;
    for (const { calls, polls } of this.#lanes.values()) size += calls.size + polls.size;
    return size;
  }

  get isEmpty(): boolean {
    return this.#lanes.size === 0;
  }

  /** The different kinds of requests that wait. */
  get kinds(): RequestKind[] {
    return [...this.#lanes.values()].flatMap(({ limits, calls, polls }) => [
      ...(calls.size > 0 ? [{ limits, background: false }] : []),
      ...(polls.size > 0 ? [{ limits, background: true }] : []),
    ]);
  }

  /** How many requests of clients with these limits wait. */
  waiting(limits: Limits): { calls: number; polls: number } {
    const lane = this.isEmpty ? undefined : this.#lanes.get(nameOfLane(limits));
    return { calls: lane?.calls.size ?? 0, polls: lane?.polls.size ?? 0 };
  }

  /** How many requests are served before a call that is added now. */
  get aheadOfCall(): number {
    let [calls, polls] = [0, 0];
    for (const lane of this.#lanes.values()) {
      calls += lane.calls.size;
      polls += lane.polls.size;
    }
    return calls + Math.min(polls, Math.floor(calls / CALLS_PER_POLL));
  }

  /** @returns a function that removes the request, if it still waits */
  add(request: QueuedRequest): () => void {
    const key = nameOfLane(request.limits);
    const lane = this.#lanes.get(key) ?? { limits: request.limits, calls: new Fifo(), polls: new Fifo() };
    this.#lanes.set(key, lane);
    const remove = lane[request.background ? 'polls' : 'calls'].add({ ...request, order: this.#added++ });
    return () => {
      remove();
      this.#discardEmptyLanes();
    };
  }

  /**
   * Removes and returns the next request among those that a permit is free for.
   * @param isPollFirst whether the share of polls has a permit for a poll with these limits
   */
  take(
    isFree: (kind: RequestKind) => boolean,
    isPollFirst: (limits: Limits) => boolean,
  ): QueuedRequest | undefined {
    const lanes = [...this.#lanes.values()];
    const freeOf = (queues: readonly Fifo<Entry>[]): Fifo<Entry> | undefined =>
      firstOf(queues.filter(({ first }) => first !== undefined && isFree(first)));
    const calls = freeOf(lanes.map((lane) => lane.calls));
    const polls = freeOf(lanes.map((lane) => lane.polls));
    const poll = polls?.first;
    const isPollNext =
      poll !== undefined && (!calls || this.#passedPolls >= CALLS_PER_POLL || isPollFirst(poll.limits));
    const request = (isPollNext ? polls : calls)?.shift();
    if (request) this.#passedPolls = polls && !isPollNext ? this.#passedPolls + 1 : 0;
    this.#discardEmptyLanes();
    return request;
  }

  #discardEmptyLanes(): void {
    for (const [key, { calls, polls }] of this.#lanes)
      if (calls.size + polls.size === 0) this.#lanes.delete(key);
  }
}

function nameOfLane({ perMinute, perHour }: Limits): string {
  return `${perMinute}/${perHour}`;
}

/** The queue whose first request was added first; `undefined` when there is none. */
function firstOf(queues: readonly Fifo<Entry>[]): Fifo<Entry> | undefined {
  const order = (queue: Fifo<Entry>): number => queue.first?.order ?? Infinity;
  return queues.reduce<Fifo<Entry> | undefined>(
    (first, queue) => (first && order(first) < order(queue) ? first : queue),
    undefined,
  );
}
