import { onAbort } from '../util/abort';
import type { Clock } from '../util/clock';
import { DOApiError } from '../errors/errors';
import { WaitTimeoutError } from '../errors/wait-timeout';
import { type JsonObject, Mismatch } from '../model/fields';
import type { TargetRef, WaitPolicy, WaitTarget } from '../model/wait-target';
import type { PollResult } from './poll-result';
import { isThenable } from './watch-progress';
import { finalPollLead, isTransient, NOT_FOUND_GRACE, pollDelay } from './wait-options';

/** A poll this much earlier serves as well, if that is not too much of the interval. */
const MAX_TOLERANCE = 250;

/** One wait: what it has seen, when it wants the next poll, and how it ends. It sends nothing. */
export class Waiter<T> {
  readonly result: Promise<T>;
  /** When the next poll is due, on the clock; `Infinity` when none is. */
  dueAt: number;
  /** Whether that poll cannot be postponed to the next one of other waiters. */
  isUrgent: boolean;
  isSettled = false;
  state: T;
  /** When the time of the wait is up, on the clock. */
  deadline: number;
  private polls = 0;
  /** Why the last poll showed no state. */
  private problem: unknown = null;
  /** When the target began, on the clock. */
  private knownStart: number | null = null;
  /** When the wait began, on the clock. */
  readonly waitingSince: number;
  private readonly finalPollAt: number;
  private resolve!: (state: T) => void;
  private reject!: (reason: unknown) => void;
  private unsubscribe: (() => void) | null = null;
  /** Promises of `onProgress` that have not settled. */
  private reporting = 0;
  /** How the wait ends once they have. */
  private end: (() => void) | null = null;

  /** @param onEnd called once, however the wait ends */
  constructor(
    readonly target: WaitTarget<T>,
    private readonly policy: WaitPolicy<T>,
    protected readonly clock: Clock,
    private readonly onEnd: (waiter: Waiter<T>) => void,
  ) {
    const { timeout, interval, signal } = policy;
    this.state = target.state;
    this.waitingSince = clock.now();
    // A timeout of 0 means one poll now; it needs no timer.
    this.deadline = timeout === 0 ? Infinity : this.waitingSince + timeout;
    this.finalPollAt = this.deadline - Math.min(finalPollLead(interval), timeout / 2);
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    const staleAt = timeout === 0 ? -Infinity : (target.receivedAt ?? -Infinity) + interval;
    this.isUrgent = staleAt <= this.waitingSince;
    this.dueAt = Math.max(this.waitingSince, staleAt);
    this.findStart();
    this.limitToDeadline();
    this.unsubscribe = onAbort(signal, (reason) => this.fail(reason));
  }

  get interval(): number {
    return this.policy.interval;
  }

  /**
   * When it wants the next poll.
   * @param notBefore until then a poll that is not urgent can wait, though never past the final poll
   */
  pollTime(notBefore: number): number {
    return this.isUrgent ? this.dueAt : Math.max(this.dueAt, Math.min(notBefore, this.finalPollAt));
  }

  /** Whether it joins a poll now: a poll that is nearly due joins, rather than cause another one soon afterwards. */
  isDue(now: number, notBefore: number): boolean {
    const time = this.pollTime(notBefore);
    const isExact = this.isUrgent || time === this.finalPollAt;
    return time <= now + (isExact ? this.tolerance : this.policy.interval / 2);
  }

  get ref(): TargetRef {
    return this.target.ref(this.state);
  }

  /** As it was when the wait began, whatever was seen since. */
  get initialRef(): TargetRef {
    return this.target.ref(this.target.state);
  }

  /** Milliseconds since the target began; since the wait began, when that is not known. */
  get age(): number {
    return this.clock.now() - (this.findStart() ?? this.waitingSince);
  }

  /** Whether the next poll is so near the deadline that it cannot wait for that of another process. */
  get cannotWait(): boolean {
    const { timeout, interval } = this.policy;
    return timeout === 0 || this.deadline - this.clock.now() <= interval;
  }

  /** Whether the JSON, which another process has received, shows a state of the target. */
  accepts(json: JsonObject): boolean {
    try {
      this.target.read(json, this.state);
      return true;
    } catch {
      return false;
    }
  }

  /** Whether the target was just made, by its own date or since it was first received: then a 404 proves nothing. */
  get isNew(): boolean {
    const { receivedAt } = this.target;
    if (receivedAt === null && this.findStart() === null) return false;
    return Math.min(this.age, this.clock.now() - (receivedAt ?? -Infinity)) < NOT_FOUND_GRACE;
  }

  /**
   * When the target began, on the clock. The date is read once and the clock measures from then on: the date may be set
   * meanwhile, and the server's clock may run at another speed.
   */
  private findStart(): number | null {
    const startedAt = this.knownStart === null ? this.target.startedAt(this.state) : null;
    if (startedAt !== null) this.knownStart = this.clock.now() - Math.max(0, this.clock.date() - startedAt);
    return this.knownStart;
  }

  /**
   * Takes in the result of a poll, and decides when the next one is due.
   * @param jitter from 0 to 1: how much of a tenth of the pause is left out
   */
  update(result: PollResult, jitter = 0): void {
    if (this.isSettled || this.end) return;
    try {
      this.problem = this.read(result);
      this.polls += 1;
      this.reportProgress();
      this.scheduleNext(jitter);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends the wait with a reason. */
  fail(reason: unknown): void {
    this.settle(() => this.reject(reason));
  }

  /** Ends the wait, since its time is up. */
  timeOut(): void {
    if (this.end) this.end();
    else this.fail(this.timeoutError());
  }

  private timeoutError(): WaitTimeoutError<T> {
    const { target, state, elapsed, polls, problem } = this;
    return new WaitTimeoutError(target.name, [state], elapsed, polls, problem);
  }

  private get elapsed(): number {
    return this.clock.now() - this.waitingSince;
  }

  private reportProgress(): void {
    const { elapsed, polls, state } = this;
    const reported = this.policy.onProgress?.({ state, elapsed, polls });
    if (!isThenable(reported)) return;
    this.reporting += 1;
    reported.then(
      () => {
        this.reporting -= 1;
        if (this.reporting === 0) this.end?.();
      },
      (reason: unknown) => this.fail(reason),
    );
  }

  /** Ends the wait as soon as all promises of `onProgress` have settled: the last one may still reject. */
  private finish(end: () => void): void {
    if (this.reporting === 0) {
      end();
      return;
    }
    this.end = end;
    this.dueAt = Infinity;
    // A timeout of 0 sets no deadline, and a promise may never settle.
    if (this.policy.timeout === 0) this.deadline = this.clock.now() + this.policy.interval;
  }

  /**
   * Reads the state a poll shows. While the status stays the same, the state stays the same object,
   * unless its target changes within a status.
   * @returns why the poll shows no state; `null` when it does, or when the target is not listed yet
   * @throws what ends the wait: a failure that is final, or a mistake that each poll would repeat
   */
  private read(result: PollResult): unknown {
    if (result.kind === 'unseen') return null;
    if (result.kind === 'failed') {
      if (isTransient(result.error, this.isNew)) return result.error;
      throw result.error;
    }
    const known = this.target.status(this.state);
    try {
      if (known === null || this.target.changesWithin || result.json.status !== known)
        this.state = this.target.read(result.json, this.state);
      return null;
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      // Without the value, which may quote a token.
      const { path, expected } = error;
      return new DOApiError(`${this.target.name}: the state cannot be read: ${path}: expected ${expected}`);
    }
  }

  private scheduleNext(jitter: number): void {
    const { interval, timeout } = this.policy;
    if (this.target.isDone(this.state)) this.finish(() => this.settle(() => this.resolve(this.state)));
    else if (timeout === 0) this.finish(() => this.fail(this.timeoutError()));
    else {
      // Up to a tenth earlier, so that processes started together do not keep polling together.
      const pause = pollDelay(interval, this.age) * (1 - 0.1 * jitter);
      this.dueAt = this.clock.now() + Math.max(interval, pause);
      this.isUrgent = false;
      this.limitToDeadline();
    }
  }

  /** A poll that would come too late comes at the final moment, unless the last one was just then. */
  private limitToDeadline(): void {
    if (this.dueAt <= this.finalPollAt) return;
    this.isUrgent = true;
    this.dueAt = this.finalPollAt - this.clock.now() >= this.tolerance ? this.finalPollAt : Infinity;
  }

  private get tolerance(): number {
    return Math.min(MAX_TOLERANCE, this.policy.interval / 2);
  }

  private settle(end: () => void): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.unsubscribe?.();
    end();
    this.onEnd(this);
  }
}
