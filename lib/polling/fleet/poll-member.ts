import { randomUUID } from 'node:crypto';
import type { PollDemand, PollNews, SharedPolls, SharedState } from '../../shared-polls';
import type { PollResult } from '../poll-result';
import type { RoundCost } from '../poll-round';
import type { PollTarget } from '../poll-target';
import { isTransient } from '../wait-options';
import { demandsOf, nameOfTarget, refOfName } from './demands';
import type { PollAccount, PollHost } from './poll-host';
import {
  ANSWER_LIMIT,
  BEATS,
  GRACE,
  LEASE,
  LOST,
  MAX_BEAT,
  MAX_REQUESTS,
  MIN_BEAT,
  SOON,
} from './member-times';
import { RemoteWaits } from './remote-waits';
import { LeaderCost, readState, writeState } from './shared-state';

/**
 * A poller as one of many. The leader polls for all, and the others follow: they wait for the states that it reports. While
 * the store is away, each polls for itself. It has no timer: the poller ticks it.
 */
export class PollMember {
  /** When it wants the next tick, on the clock. */
  nextAt = -Infinity;
  private mode: 'joins' | 'leads' | 'follows' | 'alone' = 'joins';
  private leadsUntil = -Infinity;
  /** Whether something may wait for the leader. */
  private hasFollowed = false;
  /** What is reported next, with the moment at which its request was sent. */
  private states = new Map<string, { json: string | null; at: number }>();
  /** What this process has to poll itself, although another one leads. */
  private own = new WeakSet<PollTarget>();
  private readonly remote: RemoteWaits;
  private readonly name = randomUUID();
  /** The demands that the store knows. */
  private known = '';
  private cursor = 0;
  /** What is asked now, and until when an answer counts. Another one is of no use: it has left, or has asked again. */
  private question: { readonly cursor: number; readonly until: number } | null = null;
  /** The shortest of its waits, in milliseconds. */
  private interval = BEATS * ANSWER_LIMIT;
  /** Of the last round: of this process, and of the leader. */
  private cost: RoundCost | null = null;
  private readonly leaderCost = { requests: 0 };
  /** The age of the last states on their arrival: the time of a poll. */
  private lag = 0;

  constructor(
    private readonly polls: SharedPolls,
    private readonly account: PollAccount,
    private readonly host: PollHost,
  ) {
    this.remote = new RemoteWaits(host);
  }

  /** Whether it polls, for all or for itself. */
  private get isPolling(): boolean {
    return this.mode === 'alone' || (this.mode === 'leads' && this.now < this.leadsUntil);
  }

  /** Reports and asks, when it is time. */
  tick(): void {
    if (this.now < this.nextAt) return;
    const { question } = this;
    if (question && this.now < question.until) {
      this.nextAt = question.until;
      this.become('alone');
      return;
    }
    // What was not answered, the store may never have got.
    if (question) this.known = '';
    void this.exchange();
  }

  /** Leaves to the leader what is due. @returns what this process polls itself */
  follow(due: readonly PollTarget[]): readonly PollTarget[] {
    if (this.isPolling) return due;
    return due.filter((target) => {
      if (this.own.has(target) || target.cannotWait) return true;
      target.followsSince = this.now;
      this.hasFollowed = true;
      if ([...target.waiters].some(({ isUrgent }) => isUrgent)) this.reportSoon();
      return false;
    });
  }

  /** Notes what a poll of this process has shown, for the others and for those who join later. */
  note(target: PollTarget, result: PollResult): void {
    this.own.delete(target);
    if (!target.lastCost || this.mode === 'alone') return;
    this.cost = target.lastCost;
    const { at } = this.cost;
    const name = nameOfTarget(target.ref);
    if (result.kind === 'seen')
      this.states.set(name, { json: writeState(result.json, target.ref, this.account), at });
    else if (result.kind === 'failed' && !isTransient(result.error, target.isNew))
      this.states.set(name, { json: null, at });
    this.reportSoon();
  }

  /** No wait of this process is left: another one leads. */
  leave(): void {
    const { key } = this;
    const report = { ...this.report({}), demands: {}, isOverdue: false };
    if (key !== null && this.mode !== 'joins') this.polls.exchange(key, report).catch(() => undefined);
    this.question = null;
    this.mode = 'joins';
    this.nextAt = -Infinity;
    this.known = '';
    this.own = new WeakSet();
    this.remote.clear();
  }

  /** Names the token at the endpoint; `null` as long as the token is not known. */
  private get key(): string | null {
    const tokenKey = this.account.tokenKey();
    return tokenKey && `${this.account.endpoint} ${tokenKey}`;
  }

  private get now(): number {
    return this.host.clock.now();
  }

  /** The time from one report to the next. */
  private get beat(): number {
    return Math.min(MAX_BEAT, this.interval / BEATS);
  }

  private reportSoon(): void {
    if (this.question) return;
    this.nextAt = Math.min(this.nextAt, this.now + SOON * this.beat);
    this.host.tickAt(this.nextAt);
  }

  private async exchange(): Promise<void> {
    const { key, cursor, now: sentAt } = this;
    const { demands, signature, interval } = demandsOf(this.host.targets(), sentAt);
    if (interval < Infinity) this.interval = Math.max(BEATS * MIN_BEAT, interval);
    this.nextAt = sentAt + Math.max(ANSWER_LIMIT, 2 * this.beat);
    const question = { cursor, until: this.nextAt + LOST };
    this.question = question;
    try {
      // The first request shows the token.
      if (key === null) throw new Error('the token is not known yet');
      const news = await this.polls.exchange(key, this.report(signature === this.known ? null : demands));
      if (question === this.question) this.learn(news, sentAt, signature);
    } catch {
      if (question === this.question) this.become('alone');
      // What it knew of this process, it may have lost.
      this.known = '';
    }
    if (question !== this.question) return;
    this.question = null;
    const isUrgent = this.states.size > 0 || this.known === '';
    this.nextAt = this.now + (isUrgent && this.mode !== 'alone' ? SOON : 1) * this.beat;
    this.host.reschedule();
  }

  private report(demands: Record<string, PollDemand> | null): Parameters<SharedPolls['exchange']>[1] {
    const { now, name: member, cursor, beat } = this;
    const states: Record<string, SharedState> = {};
    for (const [target, { json, at }] of this.states) states[target] = { json, age: now - at };
    this.states = new Map();
    const lease = LEASE * beat;
    return {
      member,
      demands,
      states,
      requests: this.cost?.requests ?? 0,
      lease,
      isOverdue: this.review(),
      cursor,
    };
  }

  /** What can wait for the leader no longer, it polls itself. @returns whether the leader is overdue */
  private review(): boolean {
    if (this.mode !== 'follows') return false;
    const most = GRACE.most * this.beat;
    const grace = Math.min(Math.max(GRACE.least * this.beat, 2 * this.lag), most);
    let isOverdue = false;
    for (const target of this.host.targets()) {
      if (target.followsSince === null) continue;
      const waited = this.now - target.followsSince;
      isOverdue ||= waited >= grace;
      if (waited >= most || target.cannotWait) this.pollItself(target);
    }
    return isOverdue;
  }

  private pollItself(target: PollTarget): void {
    this.own.add(target);
    target.followsSince = null;
  }

  /** @param sentAt when the report was sent */
  private learn(news: PollNews, sentAt: number, signature: string): void {
    const { question, beat } = this;
    this.known = news.isKnown ? signature : '';
    // Was it alone meanwhile, then it has dropped what is not new.
    this.cursor = question?.cursor === this.cursor ? news.cursor : 0;
    this.leaderCost.requests = news.requests >= 0 ? Math.min(news.requests, MAX_REQUESTS) : 0;
    this.show(Object.entries(news.states), sentAt);
    // With the last wait, it has left.
    if (!this.question) return;
    this.leadsUntil = sentAt + LEASE * beat;
    // Later than that, the store is too slow for a lease.
    if (this.now >= this.leadsUntil) this.become('alone');
    else this.become(news.leads ? 'leads' : 'follows');
    if (this.mode === 'leads') this.remote.update(news, sentAt, this.interval);
    else this.remote.drop();
  }

  private become(mode: 'leads' | 'follows' | 'alone'): void {
    this.mode = mode;
    if (mode === 'alone') {
      this.remote.drop();
      // The store takes it for the leader still: all that others wait for is new to it again.
      this.cursor = 0;
    }
    if (mode === 'follows' || !this.hasFollowed) return;
    this.hasFollowed = false;
    // What waits for the leader is due.
    for (const target of this.host.targets()) target.followsSince = null;
    this.host.reschedule();
  }

  /** Takes in what the leader has reported. What cannot be a state of the target, this process polls itself. */
  private show(states: readonly [name: string, state: SharedState][], askedAt: number): void {
    if (states.length > 0) this.lag = 0;
    for (const [name, { json, age }] of states) {
      const ref = refOfName(name);
      const target = ref && this.host.find(ref);
      // A clock of the store that was set back would make old states young.
      if (!target || !(age >= 0)) continue;
      this.lag = Math.max(this.lag, age);
      const cost = new LeaderCost(askedAt - age, this.leaderCost);
      const waiters = target.waitersFor(cost.at);
      if (waiters.length === 0) continue;
      const state = json === null ? null : readState(json, target.ref, this.account);
      if (state && waiters.every((waiter) => waiter.accepts(state))) target.show(state, cost);
      else this.pollItself(target);
    }
  }
}
