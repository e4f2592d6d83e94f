import type { PollDemand, PollNews } from '../../shared-polls';
import { pollDelay } from '../wait-options';
import type { Waiter } from '../waiter';
import { mergeDemands, readDemands, refOfName } from './demands';
import type { PollHost } from './poll-host';
import { RemoteWaiter } from './remote-waiter';

/** For this long, a store has the state of an action for those who begin to wait for it, in milliseconds. */
const STORED = 30_000;

/** What a leader polls for other processes: one waiter for each target that any of them waits for. */
export class RemoteWaits {
  readonly #waiters = new Map<string, RemoteWaiter>();
  /** The demands of each other process, with times from this moment on. */
  readonly #lists = new Map<string, { at: number; demands: Map<string, PollDemand> }>();

  constructor(private readonly host: PollHost) {}

  /**
   * Takes in what the others wait for.
   * @param answeredAt when the store answered at the earliest, on the clock
   * @param interval for others, it polls no more often than for itself
   */
  update(
    { others, demands }: Pick<PollNews, 'others' | 'demands'>,
    answeredAt: number,
    interval: number,
  ): void {
    const names = new Set(others);
    const gone = [...this.#lists.keys()].filter((name) => !names.has(name));
    for (const name of gone) this.#lists.delete(name);
    for (const [name, list] of Object.entries(demands))
      if (names.has(name))
        this.#lists.set(name, {
          at: answeredAt,
          demands: readDemands(list.demands, list.age >= 0 ? list.age : 0),
        });
    if (gone.length === 0 && Object.keys(demands).length === 0) return;
    const wanted = this.#merge();
    for (const [name, waiter] of this.#waiters) {
      if (wanted.has(name)) continue;
      this.#waiters.delete(name);
      end(waiter);
    }
    for (const [name, demand] of wanted) this.#demand(name, demand, interval);
  }

  /** This process leads no longer. What a round polls now stays until the round has shown it. */
  drop(): void {
    this.#lists.clear();
    for (const [name, waiter] of this.#waiters) {
      if (this.host.find(waiter.initialRef)?.isPolled) continue;
      this.#waiters.delete(name);
      end(waiter);
    }
  }

  /** Polls nothing more for others. */
  clear(): void {
    this.#lists.clear();
    const waiters = [...this.#waiters.values()];
    this.#waiters.clear();
    for (const waiter of waiters) end(waiter);
  }

  #merge(): Map<string, PollDemand> {
    const now = this.host.clock.now();
    const merged = new Map<string, PollDemand>();
    for (const { at, demands } of this.#lists.values()) {
      for (const [name, { dueIn, age, ...rest }] of demands) {
        const demand = { ...rest, dueIn: dueIn - (now - at), age: age + (now - at) };
        const known = merged.get(name);
        merged.set(name, known ? mergeDemands(known, demand) : demand);
      }
    }
    return merged;
  }

  #demand(name: string, demand: PollDemand, least: number): void {
    const ref = refOfName(name);
    if (!ref) return;
    const now = this.host.clock.now();
    const known = this.#waiters.get(name);
    // What was refused is refused as long as others want it.
    if (known?.isSettled) return;
    const sharedAt = this.host.find(ref)?.lastCost?.at ?? -Infinity;
    const dueAt = now + demand.dueIn;
    // The store has a state that serves: it was or will be polled soon enough.
    const isShown = ref.kind === 'action' ? now - sharedAt < STORED : sharedAt >= dueAt;
    if (known?.serves(demand)) {
      if (demand.isUrgent && !isShown) known.hurry(dueAt);
      return;
    }
    const interval = Math.max(least, demand.interval);
    const waiter = new RemoteWaiter(
      { ...ref, parent: demand.parent },
      demand,
      interval,
      this.host.clock,
      this.host.remove,
    );
    if (isShown) {
      waiter.dueAt = sharedAt + pollDelay(interval, demand.age);
      waiter.isUrgent = false;
    }
    // Demands that change cause no more polls than those that last.
    if (known) waiter.dueAt = Math.max(waiter.dueAt, known.waitingSince + interval);
    this.#waiters.set(name, waiter);
    this.host.add(waiter as Waiter<unknown>);
    if (known) end(known);
  }
}

function end(waiter: RemoteWaiter): void {
  waiter.fail(new Error('no process waits for it'));
}
