import { randomUUID } from 'node:crypto';
import type { PollDemand, PollNews, SharedPolls, SharedState } from '../../shared-polls';
import type { PollResult } from '../poll-result';
import type { RoundCost } from '../poll-round';
import type { PollTarget } from '../poll-target';
import { isTransient } from '../wait-options';
import { demandOf, nameOfTarget, refOfName } from './demands';
import type { PollAccount, PollHost } from './poll-host';
import { ANSWER_LIMIT, BEATS, GRACE, LEASE, MAX_REQUESTS, MIN_BEAT, SOON } from './member-times';
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
  private isAsking = false;
  /** Changes when it leaves: what is answered later is of no use. */
  private membership = {};
  private beat = ANSWER_LIMIT;
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
    if (!this.isAsking) void this.exchange();
    else {
      this.nextAt = Infinity;
      this.become('alone');
    }
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
    if (result.kind === 'seen')
      this.states.set(nameOfTarget(target.ref), {
        json: writeState(result.json, target.ref, this.account),
        at,
      });
    else if (result.kind === 'failed' && !isTransient(result.error, target.isNew))
      this.states.set(nameOfTarget(target.ref), { json: null, at });
    this.reportSoon();
  }

  /** No wait of this process is left: another one leads. */
  leave(): void {
    const { key } = this;
    const report = { ...this.report({}), demands: {}, isOverdue: false };
    if (key !== null && this.mode !== 'joins') this.polls.exchange(key, report).catch(() => undefined);
    this.membership = {};
    this.isAsking = false;
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

  private reportSoon(): void {
    if (this.isAsking) return;
    this.nextAt = Math.min(this.nextAt, this.now + SOON * this.beat);
    this.host.tickAt(this.nextAt);
  }

  private async exchange(): Promise<void> {
    const { membership, key, now: sentAt } = this;
    this.isAsking = true;
    const { demands, signature } = this.demands();
    this.nextAt = sentAt + Math.max(ANSWER_LIMIT, 2 * this.beat);
    try {
      // The first request shows the token.
      if (key === null) throw new Error('the token is not known yet');
      const news = await this.polls.exchange(key, this.report(signature === this.known ? null : demands));
      if (membership === this.membership) this.learn(news, sentAt, signature);
    } catch {
      if (membership === this.membership) this.become('alone');
      // What it knew of this process, it may have lost.
      this.known = '';
    }
    if (membership !== this.membership) return;
    this.isAsking = false;
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

  /** What this process waits for, and what shows whether that has changed. Sets the beat. */
  private demands(): { demands: Record<string, PollDemand>; signature: string } {
    const { now } = this;
    const demands: Record<string, PollDemand> = {};
    const lasting: unknown[] = [];
    let least = Infinity;
    for (const target of this.host.targets()) {
      const demand = demandOf(target, now);
      if (!demand) continue;
      const { parent, interval, dueIn, isNew, isUrgent } = demand;
      const name = nameOfTarget(target.ref);
      demands[name] = demand;
      least = Math.min(least, interval);
      lasting.push([name, parent, interval, isNew, isUrgent && Math.round(now + dueIn)]);
    }
    if (least < Infinity) this.beat = Math.max(MIN_BEAT, least / BEATS);
    return { demands, signature: JSON.stringify(lasting) };
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
    const { membership, beat } = this;
    this.known = news.isKnown ? signature : '';
    this.cursor = news.cursor;
    this.leaderCost.requests = news.requests >= 0 ? Math.min(news.requests, MAX_REQUESTS) : 0;
    this.show(Object.entries(news.states), sentAt);
    // With the last wait, it has left.
    if (membership !== this.membership) return;
    this.leadsUntil = sentAt + LEASE * beat;
    // Later than that, the store is too slow for a lease.
    if (this.now >= this.leadsUntil) this.become('alone');
    else this.become(news.leads ? 'leads' : 'follows');
    if (this.mode === 'leads') this.remote.update(news, sentAt, BEATS * beat);
    else this.remote.drop();
  }

  private become(mode: 'leads' | 'follows' | 'alone'): void {
    this.mode = mode;
    if (mode === 'alone') this.remote.drop();
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
      const state = json === null ? null : readState(json, target.ref);
      if (state && waiters.every((waiter) => waiter.accepts(state))) target.show(state, cost);
      else this.pollItself(target);
    }
  }
}
