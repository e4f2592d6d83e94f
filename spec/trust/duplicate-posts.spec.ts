import { describe, expect, it } from '@jest/globals';
import { KINDS, SCENARIOS } from '../../tools/duplicate-posts/lossy-sandbox';
import { emptyTally, runTrial } from '../../tools/duplicate-posts/trial';
import { scaled } from '../support/scale';

/** `npm run duplicates` sends 30,000. */
const CALLS = scaled(500, 200);

describe.each(KINDS)('%s, when its response is lost', (kind) => {
  const seed = KINDS.indexOf(kind) + 1;

  it('is carried out at most once, rejects with UnknownOutcomeError, and can be reconciled', async () => {
    const tally = await runTrial({ kind, calls: CALLS, seed });
    const { ambiguous } = tally;
    expect(ambiguous).toBeGreaterThan(CALLS / 2);
    expect(tally).toEqual({
      ...emptyTally(),
      calls: CALLS,
      ambiguous,
      unknown: ambiguous,
      correct: ambiguous,
    });
  }, 60_000);

  it('is found by reconcile() in lists that lag by less than a minute', async () => {
    const tally = await runTrial({ kind, calls: CALLS / 2, seed: seed + 10, lag: 59_000 });
    const { ambiguous } = tally;
    expect(tally).toEqual({
      ...emptyTally(),
      calls: CALLS / 2,
      ambiguous,
      unknown: ambiguous,
      correct: ambiguous,
    });
  }, 60_000);
});

describe('the scenarios of a lost response', () => {
  it('have different names, and are at least 20', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
    expect(SCENARIOS.length).toBeGreaterThanOrEqual(20);
  });
});
