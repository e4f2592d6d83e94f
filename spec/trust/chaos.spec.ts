import { describe, expect, it } from '@jest/globals';
import { live } from '../../tools/chaos/life';

// A short form; `npm run soak` takes five minutes. How long it takes here depends on the machine, how much it is does not.
const ENOUGH = { lives: 20, connections: 60 };

describe('images that are made, waited for, transferred, renamed and deleted in bad weather', () => {
  it('come to no harm: nothing happens twice, nothing is said that is not so', async () => {
    const chronicle = await live({ ...ENOUGH, atMost: 40_000, workers: 10, seed: 7 });
    expect(chronicle.violations).toEqual([]);
    expect(chronicle.lives).toBeGreaterThanOrEqual(ENOUGH.lives);
    expect(chronicle.connections).toBeGreaterThanOrEqual(ENOUGH.connections);
  }, 60_000);
});
