import type { JsonObject } from '../../model/fields';
import type { TargetRef } from '../../model/wait-target';
import type { PollDemand } from '../../shared-polls';
import type { Clock } from '../../util/clock';
import { NOT_FOUND_GRACE } from '../wait-options';
import { Waiter } from '../waiter';

/** Ages that differ by less are the same, in milliseconds. */
const SAME_AGE = 1_000;

/** Stands for the waits of other processes for a target: it keeps the schedule that they need, and never ends as done. */
export class RemoteWaiter extends Waiter<JsonObject> {
  constructor(
    ref: TargetRef,
    readonly demand: PollDemand,
    interval: number,
    clock: Clock,
    onEnd: (waiter: Waiter<JsonObject>) => void,
  ) {
    // Without a date it is not new, as they do not know it as new.
    const startedAt = demand.isNew || demand.age >= NOT_FOUND_GRACE ? clock.date() - demand.age : null;
    const target = {
      name: 'a target of another process',
      state: {},
      receivedAt: null,
      ref: () => ref,
      status: () => null,
      startedAt: () => startedAt,
      isDone: () => false,
      read: (json: JsonObject) => json,
    };
    const policy = {
      interval,
      timeout: Infinity,
      signal: undefined,
      throwOnError: false,
      onProgress: undefined,
    };
    super(target, policy, clock, onEnd);
    this.result.catch(() => undefined);
    this.dueAt = this.waitingSince + demand.dueIn;
    this.isUrgent = demand.isUrgent;
  }

  /** Whether it keeps the schedule of these demands, which may be later ones than its own. */
  serves({ interval, parent, age }: PollDemand): boolean {
    const elapsed = this.clock.now() - this.waitingSince;
    const isSameAge = Math.abs(age - this.demand.age - elapsed) <= SAME_AGE;
    return interval === this.demand.interval && parent === this.demand.parent && isSameAge;
  }

  /** The poll is due at this time already, and cannot be postponed. */
  hurry(dueAt: number): void {
    this.dueAt = Math.min(this.dueAt, dueAt);
    this.isUrgent = true;
  }
}
