import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SharedPermits } from '../../lib';
import { Fleet } from './fleet';
import { ManualClock } from './manual-clock';

const MINUTE = 60_000;

/** A store that has the time of a clock. */
export interface FleetStore {
  readonly permits: SharedPermits;
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** The behaviour of the rate limiters of many processes with a store. */
export function behavesLikeAFleet(name: string, open: (clock: ManualClock) => Promise<FleetStore>): void {
  describe(`the rate limiters of many processes with ${name}`, () => {
    let clock: ManualClock;
    let store: FleetStore;
    const fleetOf = (processes: number, limits = { perMinute: 240, perHour: 4_900 }): Fleet =>
      new Fleet(clock, store.permits, processes, limits);

    beforeEach(async () => {
      clock = new ManualClock();
      store = await open(clock);
    });
    afterEach(() => store.close());

    it('keep the limit together, use nearly all of it, and have equal parts', async () => {
      const fleet = fleetOf(8);
      for (let process = 0; process < 8; process++) fleet.send(process, 500);
      await fleet.advance(5 * MINUTE, 100);
      expect(fleet.most(MINUTE)).toBeLessThanOrEqual(240);
      expect(fleet.arrivals.length).toBeGreaterThanOrEqual(0.95 * 5 * 240);
      const part = fleet.arrivals.length / 8;
      for (let process = 0; process < 8; process++)
        expect(Math.abs(fleet.countOf(process) - part)).toBeLessThanOrEqual(0.2 * part);
    });

    it('tell how many requests are left for all of them, and when the next one can be sent', async () => {
      const fleet = fleetOf(2);
      fleet.send(0, 100);
      fleet.send(1, 1);
      await fleet.advance(3_000);
      fleet.send(1, 1);
      await fleet.advance(1_000);
      expect(fleet.limiters[1]?.status(fleet.limits)).toMatchObject({
        perMinute: { limit: 240, left: 138 },
        perHour: { limit: 4_900, left: 4_798 },
        nextAt: null,
      });
      fleet.send(0, 200);
      await fleet.advance(1_000);
      fleet.send(1, 1);
      await fleet.advance(1_000);
      const { queued, perMinute, nextAt } = fleet.limiters[1]?.status(fleet.limits) ?? {};
      expect({ queued, left: perMinute?.left }).toEqual({ queued: 1, left: 0 });
      expect(Number(nextAt)).toBeGreaterThan(clock.date());
    });

    it('keep no limit where there is none', async () => {
      const fleet = fleetOf(2, { perMinute: Infinity, perHour: Infinity });
      for (const process of [0, 1]) fleet.send(process, 1_000);
      await fleet.advance(1_000);
      expect(fleet.arrivals).toHaveLength(2_000);
    });

    it('let one that wants five requests have them soon, beside one that wants five hundred', async () => {
      const fleet = fleetOf(2);
      fleet.send(0, 500);
      await fleet.advance(MINUTE);
      fleet.send(1, 5);
      await fleet.advance(3_000);
      expect(fleet.countOf(1)).toBe(5);
      expect(fleet.most(MINUTE)).toBeLessThanOrEqual(240);
    });

    it('ask the store once for many requests while nothing is short', async () => {
      const fleet = fleetOf(1);
      for (let at = 0; at < 100; at++) {
        fleet.send(0, 1);
        await fleet.advance(100);
      }
      expect(fleet.arrivals.length).toBe(100);
      // A report each half second at most.
      expect(fleet.stores[0]?.exchanges).toBeLessThanOrEqual(30);
    });

    it('give back everything, and have no timer, soon after the last request', async () => {
      const fleet = fleetOf(2);
      fleet.send(0, 1);
      await fleet.advance(2_000);
      expect(clock.pending).toBe(0);
      fleet.send(1, 240);
      await fleet.advance(1_000);
      expect(fleet.countOf(1)).toBe(239);
    });

    it('pause together after a 429 of one of them', async () => {
      const fleet = fleetOf(2);
      fleet.send(1, 1);
      await fleet.advance(100);
      const limiter = fleet.limiters[0];
      await limiter?.acquire(fleet.limits, false, new AbortController().signal);
      limiter?.release(null, 30_000, fleet.limits);
      await fleet.advance(600);
      const before = fleet.arrivals.length;
      fleet.send(0, 5);
      fleet.send(1, 5);
      await fleet.advance(29_000);
      expect(fleet.arrivals.length).toBe(before);
      await fleet.advance(20_000);
      expect(fleet.arrivals.length).toBe(before + 10);
    });

    it('report what is left of a pause, when the store was away at the 429', async () => {
      const fleet = fleetOf(2);
      const [limiter] = fleet.limiters;
      fleet.send(1, 1);
      await fleet.advance(3_000);
      const permit = limiter?.acquire(fleet.limits, false, new AbortController().signal);
      await fleet.advance(100);
      await permit;
      for (const one of fleet.stores) one.isAway = true;
      limiter?.release(null, 30_000, fleet.limits);
      fleet.send(0, 3);
      await fleet.advance(20_000);
      for (const one of fleet.stores) one.isAway = false;
      await fleet.advance(5_000);
      const before = fleet.countOf(1);
      fleet.send(1, 1);
      await fleet.advance(3_000);
      expect(fleet.countOf(1)).toBe(before);
      await fleet.advance(5_000);
      expect(fleet.countOf(1)).toBe(before + 1);
    });

    it('report no pause that has passed while the store was away', async () => {
      const fleet = fleetOf(2);
      const [limiter] = fleet.limiters;
      const permit = limiter?.acquire(fleet.limits, false, new AbortController().signal);
      await fleet.advance(100);
      await permit;
      for (const one of fleet.stores) one.isAway = true;
      limiter?.release(null, 10_000, fleet.limits);
      fleet.send(0, 1);
      await fleet.advance(90_000);
      for (const one of fleet.stores) one.isAway = false;
      fleet.send(0, 1);
      await fleet.advance(5_000);
      fleet.send(1, 20);
      await fleet.advance(3_000);
      expect(fleet.countOf(1)).toBe(20);
    });

    it('go on with their share while the store is away, warn once, and are whole again afterwards', async () => {
      const fleet = fleetOf(4);
      const start = clock.now();
      for (const process of [0, 1, 2, 3]) fleet.send(process, 1_000);
      await fleet.advance(10_000);
      for (const one of fleet.stores) one.isAway = true;
      await fleet.advance(3 * MINUTE, 100);
      const since = (from: number, process: number) =>
        fleet.arrivals.filter((one) => one.process === process && one.at > from);
      for (const process of [0, 1, 2, 3]) {
        const alone = since(start + 11_000, process);
        expect(fleet.most(MINUTE, alone)).toBeLessThanOrEqual(24);
        expect(alone.length).toBeGreaterThanOrEqual(2 * 24);
      }
      expect(fleet.warnings).toHaveLength(4);
      for (const one of fleet.stores) one.isAway = false;
      await fleet.advance(MINUTE, 100);
      const back = clock.now();
      await fleet.advance(MINUTE, 100);
      expect(fleet.arrivals.filter(({ at }) => at > back).length).toBeGreaterThanOrEqual(0.9 * 240);
      expect(
        fleet.most(
          MINUTE,
          fleet.arrivals.filter(({ at }) => at > start + 70_000),
        ),
      ).toBeLessThanOrEqual(240);
      expect(fleet.warnings).toHaveLength(4);
    });

    it('send nothing above the limit when the store goes while others have used it up', async () => {
      const fleet = fleetOf(4);
      for (const process of [0, 1, 2, 3]) fleet.send(process, 1);
      await fleet.advance(1_000);
      fleet.send(0, 500);
      await fleet.advance(3_000);
      for (const process of [1, 2, 3]) fleet.send(process, 50);
      await fleet.advance(3_000);
      for (const one of fleet.stores) one.isAway = true;
      await fleet.advance(2 * MINUTE, 100);
      expect(fleet.most(MINUTE)).toBeLessThanOrEqual(240);
      for (const process of [1, 2, 3]) expect(fleet.countOf(process)).toBeGreaterThanOrEqual(24);
    });

    it('keep the limit when one that wants permits loses one answer', async () => {
      const fleet = fleetOf(8);
      for (let process = 0; process < 7; process++) fleet.send(process, 40);
      await fleet.advance(3_000);
      expect(fleet.arrivals).toHaveLength(240);
      const last = fleet.stores[7];
      if (last) last.isAway = true;
      fleet.send(7, 30);
      await fleet.advance(500);
      if (last) last.isAway = false;
      await fleet.advance(MINUTE - 3_000);
      expect(fleet.most(MINUTE)).toBeLessThanOrEqual(240);
      expect(fleet.warnings).toEqual([]);
      await fleet.advance(MINUTE, 100);
      expect(fleet.countOf(7)).toBe(30);
      expect(fleet.most(MINUTE)).toBeLessThanOrEqual(240);
    });

    it('use the permits that they have when one answer is lost', async () => {
      const fleet = fleetOf(1);
      fleet.send(0, 1);
      await fleet.advance(100);
      for (const one of fleet.stores) one.isAway = true;
      fleet.send(0, 13);
      await fleet.advance(100);
      fleet.send(0, 3);
      await fleet.advance(100);
      expect(fleet.arrivals).toHaveLength(17);
      expect(fleet.warnings).toEqual([]);
    });

    it('send the requests of their share one after the other, evenly', async () => {
      const fleet = fleetOf(1);
      for (const one of fleet.stores) one.isAway = true;
      fleet.send(0, 30);
      await fleet.advance(5 * MINUTE);
      const times = fleet.arrivals.map(({ at }) => at);
      expect(times).toHaveLength(30);
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(MINUTE / 24);
      expect(Math.max(...gaps)).toBeLessThanOrEqual(MINUTE / 24 + 100);
    });

    it('go on with their share when the store never answers', async () => {
      const fleet = fleetOf(1);
      for (const one of fleet.stores) one.isSilent = true;
      fleet.send(0, 5);
      await fleet.advance(40_000, 100);
      expect(fleet.arrivals).toHaveLength(5);
      expect(fleet.warnings).toEqual([expect.stringMatching(/did not answer within ten seconds/)]);
      for (const one of fleet.stores) one.isSilent = false;
      await fleet.advance(15_000, 100);
      fleet.send(0, 50);
      await fleet.advance(6_000, 100);
      expect(fleet.arrivals).toHaveLength(55);
    });

    it('do not warn when the store goes after the work is done', async () => {
      const fleet = fleetOf(1);
      fleet.send(0, 3);
      await fleet.advance(100);
      for (const one of fleet.stores) one.isAway = true;
      await fleet.advance(10_000);
      expect(fleet.warnings).toEqual([]);
      expect(clock.pending).toBe(0);
      fleet.send(0, 1);
      await fleet.advance(100);
      expect(fleet.warnings).toHaveLength(1);
      expect(fleet.arrivals).toHaveLength(4);
    });

    it('go on with their share for a minute when the store has lost its memory', async () => {
      const fleet = fleetOf(4);
      for (const process of [0, 1, 2, 3]) fleet.send(process, 1_000);
      await fleet.advance(10_000);
      const lostAt = clock.now();
      await store.clear();
      await fleet.advance(MINUTE, 100);
      for (const process of [0, 1, 2, 3]) {
        const alone = fleet.arrivals.filter((one) => one.process === process && one.at > lostAt + 1_000);
        expect(alone.length).toBeLessThanOrEqual(24);
      }
      expect(fleet.warnings).toHaveLength(4);
      await fleet.advance(3 * MINUTE, 100);
      expect(fleet.most(MINUTE)).toBeLessThanOrEqual(240);
      expect(fleet.arrivals.filter(({ at }) => at > clock.now() - MINUTE).length).toBeGreaterThanOrEqual(228);
    });

    it('send one request at a time after a 429, also those that have permits in stock', async () => {
      const fleet = fleetOf(8);
      for (let round = 0; round < 2; round++) {
        for (let process = 0; process < 8; process++) fleet.send(process, 1);
        await fleet.advance(600);
      }
      fleet.latency = () => 500;
      (await fleet.refusal(0))(5_000);
      await fleet.advance(600);
      const before = fleet.arrivals.length;
      for (let process = 0; process < 8; process++) fleet.send(process, 30);
      await fleet.advance(20_000);
      const after = fleet.arrivals.slice(before);
      expect(after.length).toBeGreaterThanOrEqual(10);
      expect(fleet.most(900, after)).toBe(1);
    });

    it('pause although the report of a 429 was lost once, and nothing else is to be reported', async () => {
      const fleet = fleetOf(2);
      for (const process of [0, 1]) fleet.send(process, 1);
      const refuse = await fleet.refusal(0);
      await fleet.advance(3_000);
      const [own] = fleet.stores;
      if (own) own.isAway = true;
      refuse(30_000);
      await fleet.advance(200);
      if (own) own.isAway = false;
      await fleet.advance(2_000);
      const before = fleet.arrivals.length;
      fleet.send(1, 100);
      await fleet.advance(20_000);
      expect(fleet.arrivals).toHaveLength(before);
    });

    it('go on while one of them has lost an answer', async () => {
      const fleet = fleetOf(2);
      for (const process of [0, 1]) fleet.send(process, 1);
      await fleet.advance(3_000);
      const [own] = fleet.stores;
      if (own) own.isAway = true;
      fleet.send(0, 1);
      await fleet.advance(100);
      if (own) own.isAway = false;
      fleet.send(1, 60);
      await fleet.advance(2_000);
      expect([fleet.countOf(0), fleet.countOf(1)]).toEqual([2, 61]);
    });

    it('begin at once when the store has forgotten them, since all have rested for hours', async () => {
      const fleet = fleetOf(2);
      for (const process of [0, 1]) fleet.send(process, 20);
      await fleet.advance(5_000);
      await clock.advance(2 * 60 * MINUTE);
      await store.clear();
      for (const process of [0, 1]) fleet.send(process, 40);
      await fleet.advance(2_000);
      expect(fleet.arrivals).toHaveLength(120);
      expect(fleet.warnings).toEqual([]);
    });

    it('keep the limit when one of them stands still with permits in stock', async () => {
      const fleet = fleetOf(3);
      fleet.send(0, 1);
      await fleet.advance(100);
      // Nothing renews its lease any more, and what it sends later must not be too much.
      const frozen = fleet.stores[0];
      if (frozen) frozen.isAway = true;
      for (let minute = 0; minute < 3; minute++) {
        fleet.send(1, 200);
        fleet.send(2, 200);
        await fleet.advance(MINUTE, 100);
      }
      if (frozen) frozen.isAway = false;
      fleet.send(0, 20);
      await fleet.advance(MINUTE, 100);
      expect(fleet.countOf(0)).toBe(21);
      expect(fleet.most(MINUTE)).toBeLessThanOrEqual(240);
    });

    it('send nothing with permits of a lease that has ended while the machine slept', async () => {
      const fleet = fleetOf(2);
      fleet.send(0, 1);
      await fleet.advance(100);
      const stock = fleet.limiters[0]?.status(fleet.limits).perMinute.left;
      expect(stock).toBe(239);
      // Its timers and its time stand still, the date does not.
      const [own] = fleet.stores;
      if (own) own.latency = () => 500;
      fleet.sleep(0, MINUTE);
      fleet.send(0, 10);
      await fleet.advance(500);
      expect(fleet.countOf(0)).toBe(1);
      await fleet.advance(3_000);
      expect(fleet.countOf(0)).toBe(11);
    });

    it('share the hour, too', async () => {
      const fleet = fleetOf(3, { perMinute: 240, perHour: 400 });
      for (const process of [0, 1, 2]) fleet.send(process, 300);
      await fleet.advance(10 * MINUTE, 250);
      expect(fleet.arrivals.length).toBeLessThanOrEqual(400);
      expect(fleet.arrivals.length).toBeGreaterThanOrEqual(396);
      await fleet.advance(55 * MINUTE, 500);
      expect(fleet.most(60 * MINUTE)).toBeLessThanOrEqual(400);
      expect(fleet.arrivals.length).toBeGreaterThanOrEqual(700);
    });

    it('let polls of one process have news while the calls of others wait', async () => {
      const fleet = fleetOf(3);
      fleet.send(0, 600);
      fleet.send(1, 600);
      await fleet.advance(MINUTE, 100);
      const from = clock.now();
      for (let at = 0; at < 12; at++) {
        fleet.send(2, 1, true);
        await fleet.advance(10_000, 100);
      }
      const polls = fleet.arrivals.filter(({ poll }) => poll).map(({ at }) => at - from);
      expect(polls.length).toBeGreaterThanOrEqual(10);
    });
  });
}
