import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PollDemand, PollDemands, PollNews, PollReport, SharedPolls } from '../../lib';

export const LEASE = 2_500;

/** A store of polls whose time the spec advances. */
export interface PollsUnderTest {
  readonly polls: SharedPolls;
  advance(ms: number): void;
  /** Loses everything that it remembers. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export const aDemand = (changes: Partial<PollDemand> = {}): PollDemand => ({
  parent: 'images/7',
  interval: 5_000,
  dueIn: 5_000,
  age: 0,
  isNew: false,
  isUrgent: false,
  ...changes,
});

export const demandsOf = (...ids: number[]): PollDemands =>
  Object.fromEntries(ids.map((id) => [`actions/${id}`, aDemand()]));

/** One process, as a store sees it. */
class Member {
  #cursor = 0;

  constructor(
    private readonly polls: SharedPolls,
    private readonly name: string,
    private readonly key = 'a key',
  ) {}

  async ask(changes: Partial<PollReport> = {}): Promise<PollNews> {
    const news = await this.polls.exchange(this.key, {
      member: this.name,
      demands: null,
      states: {},
      requests: 0,
      lease: LEASE,
      isOverdue: false,
      cursor: this.#cursor,
      ...changes,
    });
    this.#cursor = news.cursor;
    return news;
  }
}

/** The behaviour of the polls of every `SharedStore`. */
export function behavesLikeSharedPolls(name: string, open: () => Promise<PollsUnderTest>): void {
  describe(`the polls of ${name}`, () => {
    let store: PollsUnderTest;
    let a: Member;
    let b: Member;
    let c: Member;
    const shown = (json: string | null, age = 0): PollReport['states'] => ({ 'actions/1': { json, age } });

    beforeEach(async () => {
      store = await open();
      [a, b, c] = ['a', 'b', 'c'].map((id) => new Member(store.polls, id)) as [Member, Member, Member];
    });
    afterEach(() => store.close());

    it('have one leader, which is the first that waits for something', async () => {
      expect(await a.ask()).toMatchObject({ leads: false, isKnown: false });
      expect(await b.ask({ demands: demandsOf(1) })).toMatchObject({
        leads: true,
        isKnown: true,
        others: [],
      });
      expect(await c.ask({ demands: demandsOf(2) })).toMatchObject({ leads: false, isKnown: true });
      expect((await b.ask()).leads).toBe(true);
    });

    it('tell the leader once what each of the others waits for, and how long ago it said so', async () => {
      await a.ask({ demands: demandsOf(1) });
      await b.ask({ demands: demandsOf(1, 2) });
      store.advance(700);
      const { others, demands } = await a.ask();
      expect(others).toEqual(['b']);
      expect(demands).toEqual({ b: { age: 700, demands: demandsOf(1, 2) } });
      await c.ask({ demands: demandsOf(3) });
      const second = await a.ask();
      expect([...second.others].sort()).toEqual(['b', 'c']);
      expect(Object.keys(second.demands)).toEqual(['c']);
      await b.ask({ demands: demandsOf(2) });
      expect((await a.ask()).demands).toEqual({ b: { age: 0, demands: demandsOf(2) } });
    });

    it('give the states of the leader once to each that waits for them, with their age', async () => {
      await a.ask({ demands: demandsOf(1) });
      await b.ask({ demands: demandsOf(1) });
      await c.ask({ demands: demandsOf(2) });
      await a.ask({ states: shown('{"id":1}', 300), requests: 7 });
      store.advance(100);
      expect(await b.ask()).toMatchObject({ states: shown('{"id":1}', 400), requests: 7 });
      expect((await b.ask()).states).toEqual({});
      expect((await c.ask()).states).toEqual({});
    });

    it('give what they have to one that begins to wait', async () => {
      await a.ask({ demands: demandsOf(1) });
      await b.ask({ demands: demandsOf(2) });
      await a.ask({ states: shown('{"id":1}') });
      await b.ask();
      expect((await b.ask({ demands: demandsOf(1, 2) })).states).toEqual(shown('{"id":1}'));
      expect((await c.ask({ demands: demandsOf(1) })).states).toEqual(shown('{"id":1}'));
      store.advance(20_000);
      await b.ask({ demands: demandsOf(2) });
      expect((await c.ask({ demands: demandsOf(1) })).states).toEqual(shown('{"id":1}', 20_000));
    });

    it('tell of a poll that was refused', async () => {
      await a.ask({ demands: demandsOf(1) });
      await b.ask({ demands: demandsOf(1) });
      await a.ask({ states: shown(null) });
      expect((await b.ask()).states).toEqual(shown(null));
    });

    it('keep the newer state, whichever comes later', async () => {
      await a.ask({ demands: demandsOf(1) });
      await b.ask({ demands: demandsOf(1) });
      await c.ask({ demands: demandsOf(1) });
      await a.ask({ states: shown('"new"', 100) });
      await c.ask({ states: shown('"old"', 200) });
      expect((await b.ask()).states).toEqual(shown('"new"', 100));
    });

    it('take no state of a member that was not heard of in its lease: it may be older than it says', async () => {
      await a.ask({ demands: demandsOf(1) });
      store.advance(LEASE);
      await b.ask({ demands: demandsOf(1) });
      expect(await a.ask({ states: shown('"stale"') })).toMatchObject({ leads: false, isKnown: false });
      expect((await b.ask()).states).toEqual({});
    });

    it('have another leader once the lease has expired', async () => {
      await a.ask({ demands: demandsOf(1) });
      await b.ask({ demands: demandsOf(2) });
      store.advance(LEASE - 1);
      expect((await b.ask()).leads).toBe(false);
      store.advance(1);
      expect(await b.ask()).toMatchObject({ leads: true, others: [] });
      expect(await a.ask({ demands: demandsOf(1) })).toMatchObject({ leads: false });
    });

    it('have the same leader as long as it reports', async () => {
      await a.ask({ demands: demandsOf(1) });
      for (let at = 0; at < 10; at++) {
        await b.ask({ demands: demandsOf(2) });
        store.advance(LEASE - 1);
        expect((await a.ask()).leads).toBe(true);
      }
    });

    it('have another leader at once when the leader leaves, and it has all demands', async () => {
      await a.ask({ demands: demandsOf(1) });
      await b.ask({ demands: demandsOf(2) });
      await c.ask({ demands: demandsOf(3) });
      await c.ask();
      await a.ask({ demands: {}, states: { 'actions/2': { json: '"last"', age: 0 } } });
      const { leads, others, demands, states } = await b.ask();
      expect({ leads, others, targets: Object.keys(demands.c?.demands ?? {}) }).toEqual({
        leads: true,
        others: ['c'],
        targets: ['actions/3'],
      });
      expect(states).toEqual({ 'actions/2': { json: '"last"', age: 0 } });
    });

    it('have another leader when a state that a member needs is late, once the leader has had the time of a lease', async () => {
      await a.ask({ demands: demandsOf(1) });
      await b.ask({ demands: demandsOf(1) });
      store.advance(LEASE - 1);
      await a.ask();
      expect((await b.ask({ isOverdue: true })).leads).toBe(false);
      store.advance(1);
      expect((await b.ask({ isOverdue: true })).leads).toBe(true);
      expect((await a.ask()).leads).toBe(false);
    });

    it('change leaders ever more slowly while none has states to show', async () => {
      await a.ask({ demands: demandsOf(1) });
      await b.ask({ demands: demandsOf(1) });
      const tenures: number[] = [];
      let tenure = 0;
      let [leader, other] = [a, b];
      for (let at = 0; tenures.length < 4 && at < 100; at++) {
        store.advance(LEASE / 5);
        tenure += 1 / 5;
        await leader.ask();
        if (!(await other.ask({ isOverdue: true })).leads) continue;
        tenures.push(Math.round(tenure));
        tenure = 0;
        [leader, other] = [other, leader];
      }
      expect(tenures).toEqual([1, 2, 4, 8]);
      await leader.ask({ states: shown('"a state"') });
      expect((await other.ask({ isOverdue: true })).leads).toBe(false);
      store.advance(LEASE - 1);
      for (const member of [leader, other]) await member.ask();
      store.advance(1);
      expect((await other.ask({ isOverdue: true })).leads).toBe(true);
    });

    it('begin anew when the store has lost its memory', async () => {
      await a.ask({ demands: demandsOf(1) });
      await b.ask({ demands: demandsOf(1) });
      for (let at = 0; at < 5; at++) await a.ask({ states: shown(`${at}`) });
      await b.ask();
      await store.clear();
      store.advance(10);
      expect(await b.ask()).toMatchObject({ leads: false, isKnown: false });
      expect(await a.ask({ states: shown('"lost"') })).toMatchObject({ leads: false, isKnown: false });
      expect((await b.ask({ demands: demandsOf(1) })).leads).toBe(true);
      expect((await a.ask({ demands: demandsOf(1) })).leads).toBe(false);
      await b.ask({ states: shown('"new"') });
      expect((await a.ask()).states).toEqual(shown('"new"'));
    });

    it('of another token or endpoint are others', async () => {
      await a.ask({ demands: demandsOf(1) });
      const other = new Member(store.polls, 'a', 'another key');
      expect(await other.ask({ demands: demandsOf(1) })).toMatchObject({ leads: true, others: [] });
    });

    it('carry thousands of targets', async () => {
      const ids = Array.from({ length: 9_000 }, (_, index) => index + 1);
      await a.ask({ demands: demandsOf(...ids) });
      await b.ask({ demands: demandsOf(...ids) });
      expect(Object.keys((await a.ask()).demands.b?.demands ?? {})).toHaveLength(9_000);
      await a.ask({
        states: Object.fromEntries(ids.map((id) => [`actions/${id}`, { json: `${id}`, age: 0 }])),
      });
      const { states } = await b.ask();
      expect(ids.every((id) => states[`actions/${id}`]?.json === `${id}`)).toBe(true);
    });
  });
}
