import type { JsonObject } from '../model/fields';
import type { TargetRef } from '../model/wait-target';
import { ListPositions } from './list-positions';
import type { PollResult } from './poll-result';
import type { PollRound, RoundCost } from './poll-round';
import type { Waiter } from './waiter';

/** At this rate the quota of an hour lasts for an hour, and leaves a quarter of it to other uses of the token. */
const REQUESTS_PER_INTERVAL = 5;

/** Something that is polled, and the waiters for it. */
export class PollTarget {
  readonly waiters = new Set<Waiter<unknown>>();
  readonly positions: ListPositions;
  /** The round that polls it now. */
  private round: PollRound<PollTarget> | null = null;
  /** Since when it waits for the poll of another process, on the clock; `null` when it does not. */
  followsSince: number | null = null;
  /** Of the last round. */
  private cost: RoundCost | null = null;

  constructor(readonly ref: TargetRef) {
    this.positions = new ListPositions(ref);
  }

  add(waiter: Waiter<unknown>): void {
    this.waiters.add(waiter);
  }

  /** @returns how many are left */
  remove(waiter: Waiter<unknown>): number {
    this.waiters.delete(waiter);
    return this.waiters.size;
  }

  /** Whether every waiter knows it as just made. */
  get isNew(): boolean {
    for (const { isNew } of this.waiters) if (!isNew) return false;
    return true;
  }

  /**
   * When a poll or a deadline is due.
   * @param lastRoundAt when the last round began, whatever it polled
   * @param waiters for which of them
   */
  nextTime(lastRoundAt: number, waiters: Iterable<Waiter<unknown>> = this.waiters): number {
    let time = this.pollTime(lastRoundAt, waiters);
    for (const { deadline } of waiters) time = Math.min(time, deadline);
    return time;
  }

  /** When a poll is due; `Infinity` during one. */
  pollTime(lastRoundAt: number, waiters: Iterable<Waiter<unknown>> = this.waiters): number {
    let time = Infinity;
    if (this.isPolled || this.followsSince !== null) return time;
    for (const waiter of waiters) {
      const { interval } = waiter;
      time = Math.min(time, waiter.pollTime(Math.max(lastRoundAt + interval, this.affordableAt(interval))));
    }
    return time;
  }

  /** Whether it joins a round now. */
  isDue(now: number): boolean {
    if (this.isPolled || this.followsSince !== null) return false;
    for (const waiter of this.waiters) if (waiter.isDue(now, this.affordableAt(waiter.interval))) return true;
    return false;
  }

  /** A round begins that polls it. */
  start(round: PollRound<PollTarget>): void {
    this.round = round;
    this.cost = round.cost;
    // A state seen since may have named the resource.
    for (const { ref } of this.waiters) this.ref.parent ??= ref.parent ?? null;
  }

  /** Whether a waiter has no time to wait for the poll of another process. */
  get cannotWait(): boolean {
    return [...this.waiters].some(({ cannotWait }) => cannotWait);
  }

  /** Whether a round polls it now. */
  get isPolled(): boolean {
    return this.round !== null;
  }

  /** What the last round has cost that polled it, in this process or another one; `null` before the first. */
  get lastCost(): RoundCost | null {
    return this.cost;
  }

  /** Ends the poll that is under way, and notifies the waiters. */
  update(result: PollResult, jitter: number): void {
    this.release();
    // A copy, since `onProgress` may begin other waits for it.
    for (const waiter of [...this.waiters]) waiter.update(result, jitter);
  }

  /**
   * The waiters that a state shows something new, which another process has received. An action never goes back, so that any of
   * its states is true for a wait that began later; an image or Droplet may have changed since.
   * @param sentAt when its request was sent, on the clock
   */
  waitersFor(sentAt: number): Waiter<unknown>[] {
    if (this.cost && sentAt <= this.cost.at) return [];
    return [...this.waiters].filter(
      ({ waitingSince }) => this.ref.kind === 'action' || waitingSince <= sentAt,
    );
  }

  /**
   * Takes in the state that another process has received. Without jitter: its next poll is that of the other process.
   * @param cost of the round of that process
   */
  show(json: JsonObject, cost: RoundCost): void {
    const waiters = this.waitersFor(cost.at);
    this.release();
    this.cost = cost;
    for (const waiter of waiters) waiter.update({ kind: 'seen', json });
  }

  /** Ends the poll that is under way, if any: its state is known, or no waiter is left. */
  release(): void {
    this.round?.release(this);
    this.round = null;
    this.followsSince = null;
  }

  /** The more requests a round takes, the longer is the pause after it. */
  private affordableAt(interval: number): number {
    return this.cost ? this.cost.at + (interval * this.cost.requests) / REQUESTS_PER_INTERVAL : -Infinity;
  }
}
