import type { PollDemands, PollNews, PollReport, SharedPolls, SharedState } from '../../../lib/shared-polls';
import type { Clock } from '../../../lib/util/clock';

/** The polls of several managers of one process that act as if each was a process of its own, for tests. */
export class MemoryPolls implements SharedPolls {
  readonly #boards = new Map<string, PollBoard>();

  constructor(private readonly clock: Clock) {}

  exchange(key: string, report: PollReport): Promise<PollNews> {
    const now = this.clock.now();
    const board = this.#boards.get(key) ?? new PollBoard();
    this.#boards.set(key, board);
    return Promise.resolve(board.exchange(now, report));
  }

  /** Loses everything, as Redis does when it is flushed. */
  clear(): void {
    this.#boards.clear();
  }
}

/** A state is forgotten when the next period after its own has passed, in milliseconds: all members ask more often. */
const PERIOD = 30_000;

/** Changes of leaders without a state that are counted. */
const MAX_CHANGES = 16;

interface Member {
  expiresAt: number;
  demands: PollDemands;
  demandsAt: number;
  /** The place of its demands among all changes. */
  sequence: number;
}

interface Shown {
  json: string | null;
  /** When its request was sent. */
  sentAt: number;
  period: number;
  sequence: number;
}

/** What a store knows of the polls of a token, and what it decides. */
class PollBoard {
  readonly #members = new Map<string, Member>();
  readonly #states = new Map<string, Shown>();
  #leader: { member: string; since: number } | null = null;
  /** Changes of leaders since the last state. */
  #changes = 0;
  #sequence = 1;
  #requests = 0;

  exchange(now: number, report: PollReport): PollNews {
    this.#forget(now);
    const { member, demands, lease, cursor } = report;
    const known = this.#members.get(member);
    // Else it has slept: its states may be older than it thinks.
    if (known) this.#publish(now, report);
    const before = known?.demands ?? {};
    const wasLeader = this.#leader?.member === member;
    if (demands && Object.keys(demands).length === 0) this.#members.delete(member);
    else if (demands) {
      this.#sequence += 1;
      const sequence = this.#sequence;
      this.#members.set(member, { expiresAt: now + lease, demands, demandsAt: now, sequence });
    } else if (known) known.expiresAt = now + lease;
    this.#elect(now, report);
    const leads = this.#leader?.member === member;
    // A store that has lost its memory counts from the start.
    const since = cursor > this.#sequence ? 0 : cursor;
    return {
      leads,
      isKnown: this.#members.has(member),
      cursor: this.#sequence,
      others: leads ? [...this.#members.keys()].filter((name) => name !== member) : [],
      demands: leads ? this.#demandsOfOthers(now, member, wasLeader ? since : 0) : {},
      states: wasLeader ? {} : this.#statesFor(now, member, before, since),
      requests: this.#requests,
    };
  }

  #forget(now: number): void {
    for (const [name, { expiresAt }] of this.#members) if (expiresAt <= now) this.#members.delete(name);
    const former = Math.floor(now / PERIOD) - 1;
    for (const [target, { period }] of this.#states) if (period < former) this.#states.delete(target);
    if (this.#leader && !this.#members.has(this.#leader.member)) this.#leader = null;
  }

  #publish(now: number, { member, states, requests }: PollReport): void {
    const shown = Object.entries(states);
    if (shown.length === 0) return;
    this.#sequence += 1;
    this.#changes = 0;
    if (this.#leader?.member === member) this.#requests = requests;
    for (const [target, { json, age }] of shown) {
      const sentAt = now - age;
      if ((this.#states.get(target)?.sentAt ?? -Infinity) < sentAt)
        this.#states.set(target, {
          json,
          sentAt,
          period: Math.floor(now / PERIOD),
          sequence: this.#sequence,
        });
    }
  }

  #elect(now: number, { member, lease, isOverdue }: PollReport): void {
    if (this.#leader && !this.#members.has(this.#leader.member)) this.#leader = null;
    if (!this.#members.has(member)) return;
    if (this.#leader) {
      if (this.#leader.member === member || !isOverdue) return;
      if (now - this.#leader.since < lease * 2 ** this.#changes) return;
      this.#changes = Math.min(MAX_CHANGES, this.#changes + 1);
    }
    this.#leader = { member, since: now };
  }

  #demandsOfOthers(now: number, member: string, since: number): PollNews['demands'] {
    const others = [...this.#members].filter(([name, { sequence }]) => name !== member && sequence > since);
    return Object.fromEntries(
      others.map(([name, { demands, demandsAt }]) => [name, { age: now - demandsAt, demands }]),
    );
  }

  #statesFor(now: number, member: string, before: PollDemands, since: number): Record<string, SharedState> {
    const states: Record<string, SharedState> = {};
    for (const target of Object.keys(this.#members.get(member)?.demands ?? {})) {
      const shown = this.#states.get(target);
      const isNew = !Object.hasOwn(before, target);
      if (shown && (isNew || shown.sequence > since))
        states[target] = { json: shown.json, age: now - shown.sentAt };
    }
    return states;
  }
}
