import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SharedPermits } from '../../lib';
import { PermitMember } from './permit-member';

const MINUTE = 60_000;
const HOUR = 3_600_000;
/** A bucket of the minute. */
const BUCKET = 500;

/** A store whose time the spec advances. */
export interface StoreUnderTest {
  readonly permits: SharedPermits;
  advance(ms: number): void;
  /** Loses everything that it remembers. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** The behaviour of every `SharedStore`. */
export function behavesLikeASharedStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the permits of ${name}`, () => {
    let store: StoreUnderTest;
    let members: Record<'a' | 'b' | 'c', PermitMember>;
    const member = (id: string): PermitMember => new PermitMember(store.permits, id);

    beforeEach(async () => {
      store = await open();
      members = { a: member('a'), b: member('b'), c: member('c') };
    });
    afterEach(() => store.close());

    it('are as many as the limit of the minute, for all members together', async () => {
      const { a, b } = members;
      expect([await a.take(200), await b.take(200)]).toEqual([200, 40]);
      expect(await a.take(1)).toBe(0);
    });

    it('count while they are held, and until the window has passed after the end of the request', async () => {
      const { a, b } = members;
      await a.take(240);
      store.advance(30_000);
      a.end(240);
      expect((await a.ask()).left.perMinute).toBe(0);
      store.advance(MINUTE);
      expect(await b.take(1)).toBe(0);
      store.advance(BUCKET);
      expect(await b.take(240)).toBe(240);
    });

    it('count in the hour', async () => {
      const { a } = members;
      for (let minute = 0; minute < 20; minute++) {
        expect(await a.take(240)).toBe(240);
        a.end(240);
        await a.ask();
        store.advance(MINUTE + BUCKET);
      }
      expect(await a.take(240)).toBe(100);
      a.end(100);
      await a.ask();
      store.advance(HOUR - 21 * (MINUTE + BUCKET));
      expect(await a.take(240)).toBe(0);
      store.advance(MINUTE + BUCKET + 10_000);
      expect(await a.take(240)).toBe(240);
    });

    it('come back when they are given back unused', async () => {
      const { a, b } = members;
      await a.take(240);
      a.held -= 100;
      await a.ask();
      expect(await b.take(240)).toBe(100);
    });

    it('of a member that is not heard of count from the moment they expire', async () => {
      const { a, b } = members;
      const { validFor } = await a.ask({ calls: 16 });
      store.advance(validFor - 1);
      expect(await b.take(240)).toBe(224);
      b.held -= 224;
      await b.ask();
      store.advance(MINUTE);
      expect(await b.take(240)).toBe(224);
      b.held -= 224;
      await b.ask();
      store.advance(BUCKET + 1);
      expect(await b.take(240)).toBe(240);
    });

    it('are renewed by each report', async () => {
      const { a, b } = members;
      const { validFor } = await a.ask({ calls: 10 });
      for (let at = 0; at < 5; at++) {
        store.advance(validFor / 2);
        await a.ask();
      }
      expect(await b.take(240)).toBe(230);
    });

    it('are fair: a member that wants five gets them from one that wants five hundred', async () => {
      const { a, b } = members;
      expect(await a.take(500)).toBe(240);
      a.end(240);
      await a.ask({ calls: 260 });
      expect(await b.take(5)).toBe(0);
      for (let at = 0; at <= MINUTE; at += BUCKET) {
        store.advance(BUCKET);
        await a.ask({ calls: 260 });
        await b.ask({ calls: 5 });
        if (b.held > 0) break;
      }
      expect(b.held).toBe(5);
    });

    it('are fair: members that want as many get as many, however late one of them asks', async () => {
      const { a, b, c } = members;
      const all = [a, b, c];
      await a.take(120);
      for (let at = 0; at < 3 * MINUTE; at += BUCKET) {
        store.advance(BUCKET);
        for (const one of at < MINUTE ? [a, b] : all) {
          one.end(one.held);
          await one.take(500);
        }
      }
      const inLastMinute = all.map((one) => one.ended);
      for (let at = 0; at < 4 * MINUTE; at += BUCKET) {
        store.advance(BUCKET);
        for (const one of all) {
          one.end(one.held);
          await one.take(500);
        }
      }
      const got = all.map((one, index) => one.ended - (inLastMinute[index] ?? 0));
      for (const count of got) expect(Math.abs(count - 320)).toBeLessThanOrEqual(32);
    });

    it('of a member that stopped asking go to the others', async () => {
      const { a, b, c } = members;
      await a.take(240);
      a.end(240);
      await a.ask();
      await b.ask({ calls: 500 });
      store.advance(MINUTE + BUCKET);
      expect(await c.take(500)).toBe(240);
    });

    it('go to calls before polls', async () => {
      const { a, b } = members;
      await a.take(240);
      a.end(240);
      await a.ask({ calls: 10 });
      // The share of polls has its first permit at once.
      await b.ask({ polls: 10, expectsPolls: true });
      store.advance(MINUTE + BUCKET);
      await a.ask({ calls: 300 });
      const before = b.held;
      await b.ask({ polls: 10 });
      expect(b.held - before).toBeLessThanOrEqual(1);
      expect(await a.take(300)).toBeGreaterThan(200);
    });

    it('are kept for polls while a wait is under way: one in ten seconds', async () => {
      const { a, b } = members;
      await b.ask({ expectsPolls: true });
      expect(await a.take(240)).toBe(233);
      for (let at = 0; at < 6; at++) {
        expect((await b.ask({ polls: 5, expectsPolls: true })).granted).toBe(1);
        expect((await b.ask({ polls: 5, expectsPolls: true })).granted).toBe(0);
        store.advance(10_000);
      }
    });

    it('stop after a 429 of any member, then come one by one', async () => {
      const { a, b } = members;
      await a.take(5);
      await a.ask({ pause: 20_000 });
      const { granted, pausedFor, retryIn } = await b.ask({ calls: 10 });
      expect({ granted, pausedFor, retryIn }).toEqual({ granted: 0, pausedFor: 20_000, retryIn: 20_000 });
      store.advance(20_000);
      expect(await b.ask({ calls: 10 })).toMatchObject({ granted: 1, pausedFor: 0, oneByOne: true });
      expect((await a.ask({ calls: 10 })).granted).toBe(0);
      store.advance(100);
      b.end(1);
      await b.ask();
      a.end(5);
      expect((await a.ask({ calls: 10 })).granted).toBe(1);
      store.advance(999);
      expect((await b.ask({ calls: 10 })).granted).toBe(0);
      store.advance(1);
      expect((await b.ask({ calls: 10 })).granted).toBe(1);
    });

    it('are no more than the server has left, by the lowest report', async () => {
      const { a, b } = members;
      await a.take(10);
      a.end(4);
      await a.ask({ remaining: { requests: 30, validFor: HOUR } });
      await b.ask({ remaining: { requests: 90, validFor: HOUR } });
      // Six are in flight.
      expect(await b.take(100)).toBe(24);
    });

    it('come in stock where nothing is short, and only so many that enough is left for others', async () => {
      const { a, b } = members;
      expect((await a.ask({ calls: 1, spare: 16 })).granted).toBe(17);
      await b.take(200);
      expect((await a.ask({ spare: 16 })).granted).toBe(2);
      await b.take(500);
      expect((await a.ask({ calls: 1, spare: 16 })).granted).toBe(0);
    });

    it('tell a member that waits when to ask again, and one that has all it wants that it may ask at once', async () => {
      const { a, b } = members;
      expect((await a.ask({ calls: 5 })).retryIn).toBe(0);
      expect((await a.ask({ calls: 100 })).retryIn).toBe(0);
      await a.take(220);
      a.end(100);
      await a.ask();
      store.advance(MINUTE - BUCKET);
      const { granted, retryIn } = await b.ask({ calls: 5 });
      expect(granted).toBe(0);
      expect(retryIn).toBeGreaterThan(BUCKET);
      expect(retryIn).toBeLessThanOrEqual(2 * BUCKET);
      store.advance(retryIn);
      expect((await b.ask({ calls: 5 })).granted).toBe(5);
    });

    it('are the same when a report comes late, twice, or not at all', async () => {
      const { a, b } = members;
      const late = a.report({ calls: 10 });
      await a.take(10);
      expect((await store.permits.exchange('a key', late)).granted).toBe(0);
      // The answer to this one got lost: its permits come back with the next report.
      await store.permits.exchange('a key', a.report({ calls: 16 }));
      a.end(5);
      await store.permits.exchange('a key', a.report());
      await a.ask();
      expect(await b.take(240)).toBe(230);
    });

    it('of another token or endpoint are others', async () => {
      await members.a.take(240);
      const other = new PermitMember(store.permits, 'a', undefined, 'another key');
      expect(await other.take(240)).toBe(240);
    });

    it('are known again one minute after the store has lost its memory', async () => {
      const { a, b } = members;
      await a.take(100);
      a.end(60);
      await a.ask();
      await b.take(30);
      await store.clear();
      const { rebuildsFor, granted } = await a.ask({ calls: 5 });
      expect({ rebuildsFor, granted }).toEqual({ rebuildsFor: MINUTE - 5_000, granted: 0 });
      expect((await b.ask({ calls: 5 })).granted).toBe(0);
      store.advance(MINUTE / 2);
      expect((await a.ask({ calls: 5 })).granted).toBe(0);
      expect((await b.ask({ calls: 5 })).granted).toBe(0);
      store.advance(MINUTE / 2 + BUCKET);
      a.end(40);
      expect(await a.ask({ recent: { minute: 40, hour: 100 } })).toMatchObject({ rebuildsFor: 0 });
      expect(await b.take(240)).toBe(170);
    });

    it('are granted five seconds after the first member that was away is back, when the others are, too', async () => {
      const { a, b } = members;
      await a.take(10);
      await b.take(10);
      a.end(20);
      a.held = 0;
      expect(await a.ask({ calls: 5, returns: true })).toMatchObject({ granted: 0, retryIn: 5_000 });
      store.advance(4_000);
      b.end(30);
      b.held = 0;
      expect(await b.ask({ calls: 5, returns: true })).toMatchObject({ granted: 0, retryIn: 1_000 });
      store.advance(1_000);
      expect(await a.take(240)).toBe(185);
      // One bad connection does not harm the others.
      expect((await b.ask({ calls: 5, returns: true })).granted).toBe(5);
    });

    it('of a new fleet need no such minute', async () => {
      expect(await members.a.ask({ calls: 1 })).toMatchObject({ granted: 1, rebuildsFor: 0 });
    });
  });
}
