import { onAbort } from '../util/abort';
import type { Clock } from '../util/clock';
import { DOApiError } from '../errors/errors';
import { type JsonObject, Mismatch } from '../model/fields';
import type { TargetRef } from './poll-requests';
import { NOT_FOUND_GRACE, type WaitPolicy, pollDelay, WaitTimeoutError } from './wait-options';

/** What is waited for, as the resource itself knows it. */
export interface WaitTarget<T> {
  /** For a message: `Action 36805527`. */
  name: string;
  /** The state known when the wait begins. */
  state: T;
  /** When that state was received, on the clock; `null` when only an id is known. */
  seenAt: number | null;
  target: (state: T) => TargetRef;
  status: (state: T) => string | null;
  /** When it began, as a date in milliseconds since 1970 by our clock; `null` when not known. */
  beganAt: (state: T) => number | null;
  isDone: (state: T) => boolean;
  /** @throws Mismatch naming the field */
  read: (json: JsonObject, last: T) => T;
}

/** The last look is taken this long before the time is up, so that its answer comes in time. */
const LAST_POLL = 500;

/** One wait: what it has seen, when it wants to look again, and how it ends. It sends nothing itself: the look-out does. */
export class Waiter<T> {
  readonly result: Promise<T>;
  /** When the next look is due, on the clock; `Infinity` when none is. */
  dueAt: number;
  /** Whether that look is taken then, rather than together with the next ones of others. */
  isUrgent: boolean;
  over = false;
  state: T;
  private looks = 0;
  /** Why the last look told nothing. */
  private problem: unknown = null;
  /** When what is waited for began, as a date by our clock. */
  private knownSince: number | null = null;
  private readonly began: number;
  /** When patience runs out, on the clock. */
  readonly deadline: number;
  private readonly lastLook: number;
  private resolve!: (state: T) => void;
  private reject!: (reason: unknown) => void;
  /** Takes the signal's listener back. */
  private forget = (): void => undefined;

  /** @param onEnd told once, however the wait ends */
  constructor(
    readonly subject: WaitTarget<T>,
    private readonly patience: WaitPolicy<T>,
    private readonly clock: Clock,
    private readonly onEnd: (wait: Waiter<T>) => void,
    private readonly random: () => number,
  ) {
    const { timeout, interval, signal } = patience;
    this.state = subject.state;
    this.began = clock.now();
    // With no time at all, one look is taken now, and that is the end.
    this.deadline = timeout === 0 ? Infinity : this.began + timeout;
    this.lastLook = this.deadline - Math.min(LAST_POLL, timeout / 2);
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    const fresh = timeout === 0 ? -Infinity : (subject.seenAt ?? -Infinity) + interval;
    this.isUrgent = fresh <= this.began;
    this.dueAt = Math.max(this.began, fresh);
    this.knownSince = subject.beganAt(this.state);
    this.heedDeadline();
    this.forget = onAbort(signal, (reason) => this.fail(reason));
  }

  get interval(): number {
    return this.patience.interval;
  }

  /** When it wants a look that may wait for `others`, but not past the last moment before its deadline. */
  lookTime(others: number): number {
    return this.isUrgent ? this.dueAt : Math.max(this.dueAt, Math.min(others, this.lastLook));
  }

  /** Whether it takes part in a look now: nearly due is due, rather than a look of its own soon afterwards. */
  isDue(now: number, others: number): boolean {
    const time = this.lookTime(others);
    return (
      time <= now + (this.isUrgent || time === this.lastLook ? this.justNow : this.patience.interval / 2)
    );
  }

  get target(): TargetRef {
    return this.subject.target(this.state);
  }

  /** What was asked for, whatever has been seen since. */
  get firstTarget(): TargetRef {
    return this.subject.target(this.subject.state);
  }

  /** Milliseconds since it began, as far as is known. */
  get age(): number {
    const { since } = this;
    return since === null ? this.clock.now() - this.began : Math.max(0, this.clock.date() - since);
  }

  /** Just made, as far as anybody can tell, by its own date or since it was first seen: then a 404 says nothing yet. */
  get isYoung(): boolean {
    if (this.subject.seenAt === null && this.since === null) return false;
    return Math.min(this.age, this.clock.now() - (this.subject.seenAt ?? -Infinity)) < NOT_FOUND_GRACE;
  }

  /** Told once: from then on our own clock measures, since that of a server may go at another pace. */
  private get since(): number | null {
    this.knownSince ??= this.subject.beganAt(this.state);
    return this.knownSince;
  }

  /** A look showed this. While nothing has changed, the state stays the object it is. */
  see(json: JsonObject): void {
    if (this.over) return;
    const known = this.subject.status(this.state);
    try {
      if (known === null || json.status !== known) this.state = this.subject.read(json, this.state);
      this.looked();
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      this.looked(new DOApiError(`${this.subject.name}: a look that cannot be read: ${error.message}`));
    }
  }

  /** A look is over. @param problem why it told nothing */
  looked(problem: unknown = null): void {
    if (this.over) return;
    this.problem = problem;
    const now = this.clock.now();
    this.looks += 1;
    try {
      this.patience.onProgress?.({ state: this.state, elapsed: now - this.began, polls: this.looks });
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.subject.isDone(this.state)) this.end(() => this.resolve(this.state));
    else if (this.patience.timeout === 0) this.giveUp();
    else {
      const pause = pollDelay(this.patience.interval, this.age);
      // Up to a tenth earlier, so that processes started together do not keep asking together.
      this.dueAt = now + Math.max(this.patience.interval, pause * (1 - 0.1 * this.random()));
      this.isUrgent = false;
      this.heedDeadline();
    }
  }

  fail(reason: unknown): void {
    this.end(() => this.reject(reason));
  }

  /** The last look comes shortly before the deadline, unless there was one just then. */
  private heedDeadline(): void {
    if (this.dueAt <= this.lastLook) return;
    const now = this.clock.now();
    this.isUrgent = true;
    this.dueAt = this.lastLook - now >= this.justNow ? this.lastLook : Infinity;
  }

  /** A look so short a time ago is as good as one now. */
  private get justNow(): number {
    return Math.min(LAST_POLL, this.patience.interval) / 2;
  }

  /** Patience has run out. */
  giveUp(): void {
    const elapsed = this.clock.now() - this.began;
    this.fail(new WaitTimeoutError(this.subject.name, [this.state], elapsed, this.looks, this.problem));
  }

  private end(settle: () => void): void {
    if (this.over) return;
    this.over = true;
    this.forget();
    settle();
    this.onEnd(this);
  }
}
