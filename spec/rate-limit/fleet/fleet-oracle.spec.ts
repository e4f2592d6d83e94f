import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryPermits } from '../../support/shared-store/memory-permits';
import { seededRandom } from '../../../lib/sandbox/state/random';
import { Fleet } from '../../support/fleet';
import { ManualClock } from '../../support/manual-clock';
import { scaled } from '../../support/scale';

const MINUTE = 60_000;
const LIMITS = { perMinute: 60, perHour: 100_000 };

describe('in any fleet, with ways to the store and to the server of any length', () => {
  const anyFleet = fc.record({
    processes: fc.integer({ min: 1, max: 6 }),
    seed: fc.integer({ min: 1, max: 1e6 }),
    storeLatency: fc.constantFrom(0, 5, 100, 900),
    serverLatency: fc.constantFrom(1, 30, 1_000, 8_000),
    work: fc.array(
      fc.record({ process: fc.nat({ max: 5 }), requests: fc.constantFrom(1, 3, 20, 80), poll: fc.boolean() }),
      { minLength: 1, maxLength: 8 },
    ),
    event: fc.constantFrom('nothing', 'the store loses its memory', 'the store is away'),
    at: fc.integer({ min: 0, max: 100_000 }),
  });

  it('the server never sees more than the limit in any minute, and all requests get there', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyFleet,
        async ({ processes, seed, storeLatency, serverLatency, work, event, at }) => {
          const clock = new ManualClock();
          const permits = new MemoryPermits(clock);
          const fleet = new Fleet(clock, permits, processes, LIMITS);
          const random = seededRandom(seed);
          fleet.latency = () => Math.ceil(random() * serverLatency);
          for (const store of fleet.stores) store.latency = () => Math.floor(random() * storeLatency);
          const steps: [at: number, run: () => void][] = work.map(({ process, requests, poll }, index) => [
            index * 15_000,
            () => fleet.send(process % processes, requests, poll),
          ]);
          const away = (isAway: boolean) => (): void => {
            for (const store of fleet.stores) store.isAway = isAway;
          };
          if (event === 'the store loses its memory') steps.push([at, () => permits.clear()]);
          if (event === 'the store is away') steps.push([at, away(true)], [at + 20_000, away(false)]);
          for (const [time, run] of steps.sort(([a], [b]) => a - b)) {
            await fleet.advance(Math.max(0, time - clock.now()), 100);
            run();
          }
          await fleet.advance(20 * MINUTE, 250);
          const wanted = work.reduce((sum, { requests }) => sum + requests, 0);
          expect(fleet.arrivals).toHaveLength(wanted);
          // Where the store is away, a process that has sent nothing yet has its share beside what others have sent.
          const share = event === 'nothing' ? 0 : processes * Math.floor(0.1 * LIMITS.perMinute);
          // What processes that rest have sent before, a store without memory does not know, nor does one that has just started.
          const isForgotten = (time: number): boolean => time > at - MINUTE && time <= at + serverLatency;
          const forgotten =
            event === 'the store loses its memory'
              ? fleet.arrivals.filter((one) => isForgotten(one.at)).length
              : 0;
          expect(fleet.most(MINUTE)).toBeLessThanOrEqual(LIMITS.perMinute + share + forgotten);
          if (event === 'nothing') expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: scaled(300, 40) },
    );
  }, 120_000);
});
