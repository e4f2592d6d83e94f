import { describe, expect, it } from '@jest/globals';
import { runChaos } from '../../tools/chaos/lifecycle';
import { scaled } from '../support/scale';

/** `npm run soak` runs for five minutes. An amount in place of a time gives every machine the same work. */
const AMOUNT = { lifecycles: scaled(20, 8), connections: scaled(60, 30) };

describe('images that are created, waited for, transferred, renamed and deleted under random faults', () => {
  it('keep all invariants: nothing is carried out twice, and every result is right', async () => {
    const report = await runChaos({ ...AMOUNT, atMost: 40_000, workers: 10, seed: 7 });
    expect(report.violations).toEqual([]);
    expect(report.completed).toBeGreaterThanOrEqual(AMOUNT.lifecycles);
    expect(report.connections).toBeGreaterThanOrEqual(AMOUNT.connections);
  }, 60_000);
});
