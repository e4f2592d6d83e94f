import { describe, expect, it } from '@jest/globals';
import { FATES, KINDS } from '../../tools/duplicate-posts/lossy';
import { nothing, trial } from '../../tools/duplicate-posts/trial';

// A short form: `npm run matrix` has a sister, `npm run duplicates`, which sends 30,000.
const CALLS = 500;

describe.each(KINDS)('%s, whose answer is lost', (kind) => {
  const seed = KINDS.indexOf(kind) + 1;

  it('is carried out once at most, says so, and can be looked up', async () => {
    const tally = await trial({ kind, calls: CALLS, seed });
    const { ambiguous } = tally;
    expect(ambiguous).toBeGreaterThan(CALLS / 2);
    expect(tally).toEqual({ ...nothing(), calls: CALLS, ambiguous, unknown: ambiguous, right: ambiguous });
  }, 60_000);

  it('is never said not to be there while the list lags behind, for less than a minute', async () => {
    const tally = await trial({ kind, calls: CALLS / 2, seed: seed + 10, lag: 59_000 });
    const { ambiguous } = tally;
    expect(tally).toEqual({
      ...nothing(),
      calls: CALLS / 2,
      ambiguous,
      unknown: ambiguous,
      right: ambiguous,
    });
  }, 60_000);
});

describe('the ways in which an answer is lost', () => {
  it('are many, and differ in what is known afterwards', () => {
    expect(new Set(FATES.map(({ name }) => name)).size).toBe(FATES.length);
    expect(FATES.length).toBeGreaterThanOrEqual(20);
  });
});
