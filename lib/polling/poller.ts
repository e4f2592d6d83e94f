import { onAbort } from '../util/abort';
import type { Requester } from '../model/requester';
import { PollRound, type PollerLike } from './poll-round';
import type { TargetRef } from './poll-requests';
import type { WaitPolicy } from './wait-options';
import { type WaitTarget, Waiter } from './waiter';
import { PollTarget } from './poll-target';

/**
 * The look-out of one manager: all its waits, whoever started them, one schedule and one timer. Each look asks the
 * fewest requests that tell about every wait that is due, and whatever else they show is told to whom it concerns.
 */
export class Poller implements PollerLike {
  private readonly watched = {
    action: new Map<unknown, PollTarget>(),
    image: new Map<unknown, PollTarget>(),
  };
  private lastLook = -Infinity;
  private looks = 0;
  /** The same for all that one look has told about, so that they stay together. */
  private jitter = 0;
  private next: { at: number; cancel: () => void } | null = null;

  constructor(
    readonly api: Requester,
    private readonly random: () => number = Math.random,
  ) {
    onAbort(api.signal, (reason) => {
      for (const { waits } of this.all) for (const wait of waits) wait.fail(reason);
    });
  }

  /**
   * Waits until the subject has ended, and gives its last state, whichever that is. One that has ended costs nothing.
   * @throws WaitTimeoutError when the time is up; the signal's reason when it aborts; what a look was refused with
   */
  wait<T>(subject: WaitTarget<T>, patience: WaitPolicy<T>): Promise<T> {
    if (subject.isDone(subject.state)) return Promise.resolve(subject.state);
    const { clock, signal } = this.api;
    const wait = new Waiter(subject, patience, clock, this.leave, this.drawnJitter);
    if (signal.aborted) wait.fail(signal.reason);
    if (!wait.over) this.join(wait as Waiter<unknown>);
    return wait.result;
  }

  find(kind: TargetRef['kind'], id: unknown): PollTarget | undefined {
    return this.watched[kind].get(id);
  }

  rest(watched: PollTarget): void {
    this.wakeAt(watched.nextTime(this.lastLook));
  }

  private join(wait: Waiter<unknown>): void {
    const { kind, id, image = null } = wait.firstTarget;
    const watched = this.find(kind, id) ?? new PollTarget({ kind, id, image });
    this.watched[kind].set(id, watched);
    watched.add(wait);
    this.rest(watched);
  }

  private readonly leave = <T>(wait: Waiter<T>): void => {
    const { kind, id } = wait.firstTarget;
    const watched = this.find(kind, id);
    if (!watched || watched.remove(wait as Waiter<unknown>) > 0) return;
    this.watched[kind].delete(id);
    watched.settle();
    if (this.watched.action.size + this.watched.image.size === 0) this.stop();
  };

  private readonly drawnJitter = (): number => this.jitter;

  private get all(): PollTarget[] {
    return [...this.watched.action.values(), ...this.watched.image.values()];
  }

  private schedule(): void {
    let soonest = Infinity;
    for (const watched of this.all) soonest = Math.min(soonest, watched.nextTime(this.lastLook));
    this.stop();
    this.wakeAt(soonest);
  }

  private stop(): void {
    this.next?.cancel();
    this.next = null;
  }

  private wakeAt(time: number): void {
    if (time === Infinity || (this.next && this.next.at <= time)) return;
    this.next?.cancel();
    const cancel = this.api.clock.after(Math.max(0, time - this.api.clock.now()), () => {
      this.next = null;
      void this.wake();
    });
    this.next = { at: time, cancel };
  }

  /** Ends the waits whose time is up, and looks at everything that is due, or nearly so. */
  private async wake(): Promise<void> {
    const now = this.api.clock.now();
    for (const { waits } of this.all) for (const wait of waits) if (wait.deadline <= now) wait.giveUp();
    const { all } = this;
    // Who was to wake us may be gone, or another look may have come first.
    if (all.some((watched) => watched.lookTime(this.lastLook) <= now)) {
      this.lastLook = now;
      this.jitter = this.random();
      const look = new PollRound(this, ++this.looks).at(all.filter((watched) => watched.isDue(now)));
      this.schedule();
      await look;
    }
    this.schedule();
  }
}

const pollers = new WeakMap<Requester, Poller>();

/** The look-out of a manager. */
export function pollerOf(api: Requester): Poller {
  const lookout = pollers.get(api) ?? new Poller(api);
  pollers.set(api, lookout);
  return lookout;
}
