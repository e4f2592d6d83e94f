import { onAbort } from '../util/abort';
import { toCaller } from '../errors/caller-stack';
import type { Requester } from '../model/requester';
import { type TracedWait, waitTracer } from '../model/trace-channels';
import type { Progress, TargetRef, WaitPolicy, WaitTarget } from '../model/wait-target';
import { currentContext, updateContext } from '../util/tracing';
import type { PollHost } from './fleet/poll-host';
import type { PollMember } from './fleet/poll-member';
import type { PollApi } from './poll-requests';
import type { PollResult } from './poll-result';
import { PollRound } from './poll-round';
import { PollTarget } from './poll-target';
import { Waiter } from './waiter';

/**
 * Polls for all waits of one manager, with one schedule and one timer. Each round sends the fewest requests that show
 * everything that is due, and every waiter for what they show is updated. As a member of a fleet it sends them only while
 * it leads, or is alone.
 */
export class Poller {
  private readonly targets = {
    action: new Map<unknown, PollTarget>(),
    image: new Map<unknown, PollTarget>(),
    droplet: new Map<unknown, PollTarget>(),
  };
  /** The waiters of this manager; others stand for other processes. */
  private readonly waits = new Set<unknown>();
  /** The async contexts of waits that are traced. */
  private readonly contexts = new WeakMap<object, ReturnType<typeof currentContext>>();
  private readonly member: PollMember | null;
  /** One for all waits without a signal of their own. */
  private readonly throwError: (error: unknown) => never;
  private lastRoundAt = -Infinity;
  /** The same for everything polled in one round, so that it stays together. */
  private jitter = 0;
  private timer: { at: number; cancel: () => void } | null = null;
  /** Set while there are waits: a poller without one is not on the signal, which may outlive it. */
  private leaveSignal: (() => void) | null = null;

  constructor(
    private readonly api: PollApi & Pick<Requester, 'signal' | 'hide'>,
    private readonly random: () => number = Math.random,
    join: ((host: PollHost) => PollMember) | null = null,
  ) {
    this.throwError = toCaller([api.signal]);
    this.member =
      join?.({
        clock: api.clock,
        targets: () => this.all,
        find: (ref) => this.find(ref),
        add: (waiter) => this.subscribe(waiter),
        remove: this.unsubscribe,
        tickAt: (time) => this.startTimer(time),
        reschedule: () => this.rescheduleAll(),
      }) ?? null;
  }

  /**
   * Waits until the target is done, and returns its last state, whichever that is. No request for one that is done.
   * @param read what becomes of the last state; another `then` would cost as much memory as a wait
   * @throws WaitTimeoutError when the time is up, the signal's reason when it aborts, or the error of a refused poll
   */
  wait<T>(target: WaitTarget<T>, policy: WaitPolicy<T>, read: (state: T) => T = asItIs): Promise<T> {
    if (target.isDone(target.state)) return Promise.resolve(target.state).then(read);
    const throwError = policy.signal ? toCaller([policy.signal, this.api.signal]) : this.throwError;
    if (!waitTracer.isActive) return this.start(target, policy).result.then(read, throwError);
    const { kind, id } = target.ref(target.state);
    const url = `${this.api.endpoint}/v2/${kind}s/${id}`;
    // A server may quote the token where a status belongs.
    const statusOf = (state: T): string | null => {
      const status = target.status(state);
      return status && this.api.hide(status);
    };
    const context: TracedWait = { name: target.name, url, status: statusOf(target.state), polls: 0 };
    const onProgress = (progress: Progress<T>): unknown => {
      updateContext(context, { status: statusOf(progress.state), polls: progress.polls });
      return policy.onProgress?.(progress);
    };
    return waitTracer.run(context, () => {
      const waiter = this.start(target, { ...policy, onProgress });
      this.contexts.set(waiter, currentContext());
      return waiter.result.then(read, throwError);
    });
  }

  private start<T>(target: WaitTarget<T>, policy: WaitPolicy<T>): Waiter<T> {
    const { clock, signal } = this.api;
    const waiter = new Waiter(target, policy, clock, this.end);
    if (signal.aborted) waiter.fail(signal.reason);
    if (!waiter.isSettled) {
      this.waits.add(waiter);
      this.subscribe(waiter as Waiter<unknown>);
    }
    return waiter;
  }

  private readonly end = <T>(waiter: Waiter<T>): void => {
    this.unsubscribe(waiter);
    if (!this.waits.delete(waiter) || this.waits.size > 0) return;
    this.stopTimer();
    this.leaveSignal?.();
    this.leaveSignal = null;
    this.member?.leave();
  };

  private find({ kind, id }: Pick<TargetRef, 'kind' | 'id'>): PollTarget | undefined {
    return this.targets[kind].get(id);
  }

  private subscribe(waiter: Waiter<unknown>): void {
    const { kind, id, parent = null } = waiter.initialRef;
    const target = this.targets[kind].get(id) ?? new PollTarget({ kind, id, parent });
    this.targets[kind].set(id, target);
    target.add(waiter);
    this.leaveSignal ??= onAbort(this.api.signal, this.failAll);
    // The others are scheduled already.
    this.startTimer(Math.min(target.nextTime(this.lastRoundAt, [waiter]), this.member?.nextAt ?? Infinity));
  }

  private readonly failAll = (reason: unknown): void => {
    for (const { waiters } of this.all) for (const waiter of waiters) waiter.fail(reason);
  };

  private readonly unsubscribe = <T>(waiter: Waiter<T>): void => {
    const { kind, id } = waiter.initialRef;
    const target = this.targets[kind].get(id);
    if (!target || target.remove(waiter as Waiter<unknown>) > 0) return;
    this.targets[kind].delete(id);
    target.release();
  };

  private get all(): PollTarget[] {
    return Object.values(this.targets).flatMap((targets) => [...targets.values()]);
  }

  private readonly report = (target: PollTarget, result: PollResult): void => {
    this.member?.note(target, result);
    target.update(result, this.jitter);
    this.reschedule(target);
  };

  private reschedule(target: PollTarget): void {
    this.startTimer(target.nextTime(this.lastRoundAt));
  }

  private rescheduleAll(): void {
    if (this.waits.size === 0) return;
    let soonest = this.member?.nextAt ?? Infinity;
    for (const target of this.all) soonest = Math.min(soonest, target.nextTime(this.lastRoundAt));
    this.stopTimer();
    this.startTimer(soonest);
  }

  private stopTimer(): void {
    this.timer?.cancel();
    this.timer = null;
  }

  /** Ticks at `time`, unless an earlier tick is scheduled. */
  private startTimer(time: number): void {
    if (time === Infinity || (this.timer && this.timer.at <= time)) return;
    this.timer?.cancel();
    const cancel = this.api.clock.after(Math.max(0, time - this.api.clock.now()), () => {
      this.timer = null;
      void this.tick();
    });
    this.timer = { at: time, cancel };
  }

  /** Ends the waits whose time is up, and polls everything that is due, or nearly so. */
  private async tick(): Promise<void> {
    const now = this.api.clock.now();
    for (const { waiters } of this.all)
      for (const waiter of waiters) if (waiter.deadline <= now) waiter.timeOut();
    this.member?.tick();
    const { all } = this;
    // The waiter that set the timer may have left, or another round may have come first.
    if (all.some((target) => target.pollTime(this.lastRoundAt) <= now)) {
      const due = all.filter((target) => target.isDue(now));
      await this.poll(this.member?.follow(due) ?? due, now);
    }
    this.rescheduleAll();
  }

  private async poll(due: readonly PollTarget[], now: number): Promise<void> {
    if (due.length === 0) return;
    this.lastRoundAt = now;
    this.jitter = this.random();
    const round = new PollRound<PollTarget>(this.api, this.targets, this.report);
    for (const target of due) target.start(round);
    const polled = this.run(round, due);
    this.rescheduleAll();
    await polled;
  }

  /**
   * Runs a round as a part of the first traced wait that it serves. Else polls would be a part of the wait that set the first timer,
   * which may have ended.
   */
  private run(round: PollRound<PollTarget>, due: readonly PollTarget[]): Promise<void> {
    if (!waitTracer.isActive) return round.run(due);
    const waiters = due.flatMap((target) => [...target.waiters]);
    const traced = waiters.find((waiter) => this.contexts.has(waiter));
    const inContext = traced && this.contexts.get(traced);
    return inContext ? inContext(() => round.run(due)) : round.run(due);
  }
}

function asItIs<T>(state: T): T {
  return state;
}
