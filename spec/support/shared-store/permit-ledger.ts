import type { PermitGrant, PermitReport } from '../../../lib/shared-permits';
import { MINUTE, SECOND } from '../../../lib/util/time-units';
import { fairPart, permitsNeeded, type Wish } from './fair-part';
import { pollSpacing } from '../../../lib/rate-limit/poll-share';
import { type Member, newMember } from './ledger-member';
import { ServerReports } from './server-reports';
import { UsedPermits } from './used-permits';

/** Permits of a member that is not heard of for this long count as used, in milliseconds. */
export const MEMBER_TIMEOUT = MINUTE;

/** The most permits in one answer, so that members that begin at the same time get alike. */
const MAX_GRANT = 16;

/** A member keeps its place among those that wait for so long after it should have asked again, in milliseconds. */
const ASK_TOLERANCE = SECOND;

/** A member that waits asks again after so many buckets at the latest: what others give back is not known before. */
const MAX_WAIT_BUCKETS = 4;

/** Of what is free, the members together get this part in stock. */
const STOCK_PART = 4;

/** So many calls pass a poll that waits, as in each process. */
const CALLS_PER_POLL = 9;

/**
 * When members come back after the store was away, nothing is granted for so long, in milliseconds: the first one must not get
 * permits for which the others have sent requests already. Clients connect again within some three seconds. At most once a minute, so that one bad connection harms no others.
 */
const SETTLE = 5 * SECOND;

/** After a 429: from one grant to the next, in milliseconds, and without an end of the last request. */
const RECOVERY = { spacing: 100, maxWait: SECOND };

/** What one report leads to. */
interface Decision {
  calls: number;
  polls: number;
  spare: number;
  retryIn: number;
}

/**
 * The permits of one token at one endpoint, as all members have reported them. It decides what a store grants; the script of
 * the Redis store decides the same.
 */
export class PermitLedger {
  readonly #used = new UsedPermits();
  readonly #members = new Map<string, Member>();
  #held = 0;
  #now: number;
  /** Reports so far. */
  #revision = 0;
  #shift = 0;
  readonly #createdAt: number;
  #rebuildsUntil = -Infinity;
  #settlesUntil = -Infinity;
  readonly #server = new ServerReports();
  #grantedAt = -Infinity;
  #pollsUntil = 0;
  #polledAt = -Infinity;
  #passedPolls = 0;

  /**
   * @param epoch names this ledger
   * @param time in milliseconds; a store's own clock, which may be set while it runs
   */
  constructor(
    private readonly epoch: string,
    time: number,
  ) {
    this.#now = time;
    this.#createdAt = time;
  }

  exchange(time: number, report: PermitReport): PermitGrant {
    const now = this.#advance(time);
    this.#expireMembers(now);
    this.#revision += 1;
    // Names of ledgers have no colon.
    const [epoch] = report.epoch.split(':');
    const known = this.#members.get(report.member);
    if (known && report.sequence <= known.sequence) return this.#answer(report, null);
    const member = this.#book(
      report,
      known ?? newMember(epoch === this.epoch ? report.acknowledged : 0, now),
      now,
    );
    const isLost = epoch !== '' && epoch !== this.epoch && now < this.#createdAt + MINUTE;
    if (isLost) {
      this.#settlesUntil = this.#createdAt + MINUTE;
      this.#rebuildsUntil = this.#settlesUntil - SETTLE;
    } else if (report.returns && now >= this.#settlesUntil + MINUTE) this.#settlesUntil = now + SETTLE;
    this.#learn(report, now);
    const decision = this.#decide(report, member, now);
    const granted = decision.calls + decision.polls + decision.spare;
    member.held += granted;
    member.served += granted;
    member.calls = report.calls - decision.calls;
    member.polls = report.polls - decision.polls;
    member.asksBy = now + decision.retryIn + ASK_TOLERANCE;
    this.#held += granted;
    this.#server.count(granted);
    if (granted > 0) this.#grantedAt = now;
    return this.#answer(report, decision);
  }

  /** The member leaves: what it holds counts as used from now on. */
  leave(time: number, id: string): void {
    const now = this.#advance(time);
    const member = this.#members.get(id);
    if (member) this.#remove(id, member, now);
  }

  /** A clock that is set back does not take time back: it goes on from there. */
  #advance(time: number): number {
    this.#shift = Math.max(this.#shift, this.#now - time);
    return (this.#now = time + this.#shift);
  }

  #expireMembers(now: number): void {
    for (const [id, member] of this.#members)
      if (member.expiresAt <= now) this.#remove(id, member, member.expiresAt);
  }

  #remove(id: string, member: Member, at: number): void {
    this.#members.delete(id);
    this.#held -= member.held;
    this.#used.add(at, { minute: member.held, hour: member.held });
  }

  /** Enters what the member holds, and what has ended. */
  #book(report: PermitReport, member: Member, now: number): Member {
    this.#members.set(report.member, member);
    const ended = Math.max(0, report.ended - member.ended);
    const { minute, hour } = report.recent;
    this.#used.add(Math.max(this.#createdAt, now - report.endedAgo), {
      minute: Math.min(ended, minute),
      hour: Math.min(ended, hour),
    });
    const returned = Math.max(0, member.held - report.held - ended);
    member.served = Math.max(0, member.served * Math.exp((member.servedAt - now) / MINUTE) - returned);
    member.servedAt = now;
    this.#held += report.held - member.held;
    member.held = report.held;
    member.ended = Math.max(member.ended, report.ended);
    member.sequence = report.sequence;
    member.expiresAt = now + MEMBER_TIMEOUT;
    return member;
  }

  /** Takes over what a response reports. */
  #learn({ pause, remaining, expectsPolls, polls }: PermitReport, now: number): void {
    if (expectsPolls || polls > 0) this.#pollsUntil = now + MINUTE;
    if (pause !== null) this.#server.pause(pause, now);
    if (remaining) this.#server.learn(remaining, this.#held, now);
  }

  #decide(report: PermitReport, member: Member, now: number): Decision {
    const none = { calls: 0, polls: 0, spare: 0, retryIn: 0 };
    const isOneByOne = this.#server.isOneByOne(now);
    const gap = this.#held > 0 ? RECOVERY.maxWait : RECOVERY.spacing;
    const pause = Math.max(
      this.#settlesUntil - now,
      this.#server.pausedFor(now),
      isOneByOne ? this.#grantedAt + gap - now : 0,
    );
    if (pause > 0) return { ...none, retryIn: pause };

    const others = [...this.#members.values()].filter((one) => one !== member && one.asksBy >= now);
    const callsOfOthers = others.reduce((sum, { calls }) => sum + calls, 0);
    const pollsOfOthers = others.reduce((sum, { polls }) => sum + polls, 0);
    const level = (of: Member): number => of.served * Math.exp((of.servedAt - now) / MINUTE);
    const wishes = (kind: 'calls' | 'polls'): Wish[] =>
      others.map((one) => ({ wanted: one[kind], level: level(one) }));
    const max = isOneByOne ? 1 : MAX_GRANT;
    const free = Math.min(this.#free(report.limits, false, now), isOneByOne ? 1 : Infinity);
    const isPollOwed = this.#passedPolls >= CALLS_PER_POLL && pollsOfOthers + report.polls > 0;
    const forCalls =
      Math.min(free, this.#free(report.limits, true, now)) - (isPollOwed && pollsOfOthers > 0 ? 1 : 0);

    const isPollDue = now >= this.#polledAt + pollSpacing(report.limits);
    let polls = report.polls > 0 && free > 0 && (isPollDue || isPollOwed) ? 1 : 0;
    if (polls > 0 && isPollDue) {
      this.#polledAt = now;
      this.#used.addPoll(now);
    }
    const rest = Math.min(free - polls, isPollDue ? forCalls : forCalls - polls);
    const calls = fairPart(Math.min(report.calls, max - polls), rest, member.served, wishes('calls'));
    // What no call waits for is for polls.
    let morePolls = 0;
    if (callsOfOthers === 0 && calls === report.calls) {
      const wanted = Math.min(report.polls, max - calls) - polls;
      morePolls = fairPart(wanted, rest - calls, member.served + calls, wishes('polls'));
    }
    polls += morePolls;
    if (polls > 0) this.#passedPolls = 0;
    else if (pollsOfOthers + report.polls > 0) this.#passedPolls += calls;

    if (calls + polls < report.calls + report.polls) {
      const kind = calls < report.calls ? 'calls' : 'polls';
      const needed = permitsNeeded(1, member.served + calls + polls, wishes(kind)) + calls + polls;
      const retryIn = calls + polls === max ? 0 : this.#delayFor(needed, report.limits, others.length, now);
      return { calls, polls, spare: 0, retryIn };
    }
    if (isOneByOne || callsOfOthers + pollsOfOthers > 0) return { ...none, calls, polls };
    const unwanted = Math.max(0, rest - calls - morePolls);
    const spare = Math.min(report.spare, Math.floor(unwanted / (STOCK_PART * this.#members.size)));
    return { ...none, calls, polls, spare };
  }

  /** Milliseconds until so many permits are free for calls: the more members wait, the farther it looks ahead. */
  #delayFor(needed: number, limits: PermitReport['limits'], others: number, now: number): number {
    const left = this.#used.left(limits, now < this.#pollsUntil, now);
    const missing = {
      perMinute: needed - left.perMinute + this.#held,
      perHour: needed - left.perHour + this.#held,
    };
    return this.#used.delayFor(missing, now, MAX_WAIT_BUCKETS + Math.floor(others / 4));
  }

  /** How many permits are free: for calls, or for any request. */
  #free(limits: PermitReport['limits'], isCall: boolean, now: number): number {
    const left = this.#used.left(limits, isCall && now < this.#pollsUntil, now);
    return Math.min(left.perMinute - this.#held, left.perHour - this.#held, this.#server.left(now));
  }

  #answer({ limits }: PermitReport, decision: Decision | null): PermitGrant {
    const now = this.#now;
    const left = this.#used.left(limits, false, now);
    return {
      epoch: `${this.epoch}:${this.#revision}`,
      granted: decision ? decision.calls + decision.polls + decision.spare : 0,
      validFor: MEMBER_TIMEOUT,
      retryIn: decision?.retryIn ?? 0,
      pausedFor: this.#server.pausedFor(now),
      oneByOne: this.#server.isOneByOne(now),
      rebuildsFor: Math.max(0, this.#rebuildsUntil - now),
      left: {
        perMinute: Math.max(0, left.perMinute - this.#held),
        perHour: Math.max(0, left.perHour - this.#held),
      },
    };
  }
}
