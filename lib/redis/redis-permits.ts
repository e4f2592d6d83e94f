import type { PermitGrant, PermitReport, SharedPermits } from '../shared-permits';
import { EXCHANGE_SCRIPT, LEAVE_SCRIPT } from './permit-script';
import type { RedisLink } from './redis-link';

/**
 * How the time of Redis becomes the time of the windows: `time × speed + offset`, in milliseconds. A test runs faster than Redis,
 * or moves the time itself.
 */
export interface RedisTime {
  readonly speed: number;
  readonly offset: number;
}

export const REAL_TIME: RedisTime = { speed: 1, offset: 0 };

/** Stands for `Infinity`. */
const UNLIMITED = 1e9;

/** Stands for `null` in a report. */
const NONE = -1;

/** So many members leave at a time: a Redis that does not answer gets no more commands than these. */
const LEAVE_GROUP = 16;

/** The permits of a fleet in Redis: one script decides, on the clock of Redis. */
export class RedisPermits implements SharedPermits {
  /** The members of this process that hold something. */
  readonly #members = new Map<string, { key: string; member: string }>();

  constructor(
    private readonly link: RedisLink,
    readonly share: number,
    private readonly time: RedisTime,
  ) {}

  async exchange(key: string, report: PermitReport): Promise<PermitGrant> {
    const { member, limits, recent, remaining } = report;
    this.#members.set(`${key} ${member}`, { key, member });
    const answer = await this.link.run(EXCHANGE_SCRIPT, this.link.keys(key, 'permits'), [
      ...this.#start(member),
      report.epoch,
      report.sequence,
      Math.min(limits.perMinute, UNLIMITED),
      Math.min(limits.perHour, UNLIMITED),
      Number(report.returns),
      report.held,
      report.ended,
      report.endedAgo,
      report.acknowledged,
      recent.minute,
      recent.hour,
      report.calls,
      report.polls,
      Number(report.expectsPolls),
      report.spare,
      report.pause ?? NONE,
      remaining?.requests ?? 0,
      remaining?.validFor ?? NONE,
    ]);
    const grant = readGrant(answer);
    if (report.held + grant.granted === 0) this.#members.delete(`${key} ${member}`);
    return grant;
  }

  /** What the members of this process hold counts as used from now on. */
  async leave(): Promise<void> {
    const members = [...this.#members.values()];
    this.#members.clear();
    const leave = ({ key, member }: { key: string; member: string }): Promise<string> =>
      this.link.run(LEAVE_SCRIPT, this.link.keys(key, 'permits'), this.#start(member));
    for (let from = 0; from < members.length; from += LEAVE_GROUP)
      await Promise.allSettled(members.slice(from, from + LEAVE_GROUP).map(leave));
  }

  #start(member: string): (string | number)[] {
    return [this.time.speed, this.time.offset, member];
  }
}

function readGrant(answer: string): PermitGrant {
  const [epoch = '', ...texts] = answer.split(' ');
  const numbers = texts.map(Number);
  const [granted, validFor, retryIn, pausedFor, oneByOne, rebuildsFor, perMinute, perHour] = numbers;
  if (
    granted === undefined ||
    validFor === undefined ||
    retryIn === undefined ||
    pausedFor === undefined ||
    rebuildsFor === undefined ||
    perMinute === undefined ||
    perHour === undefined ||
    numbers.some(Number.isNaN)
  )
    throw new Error('Redis answered something that is no permit');
  return {
    epoch,
    granted,
    validFor,
    retryIn,
    pausedFor,
    oneByOne: oneByOne === 1,
    rebuildsFor,
    left: { perMinute, perHour },
  };
}
