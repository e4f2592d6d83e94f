import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scaled } from '../support/scale';
import { aReading, Delete, Insert, Leave, Read } from './models/paging';
import { aCall, anyFacts, Fail, Pass } from './models/retrying';

const RUNS = scaled(5_000, 1_000);

describe('the retry rules, compared with a model', () => {
  it.each(['safe', 'idempotent', 'unsafe'] as const)(
    'decide as the model does, for any sequence of failures: %s',
    (safety) => {
      let commands = 0;
      const pass = fc.constantFrom(0, 1, 1_000, 29_999, 30_000).map((ms) => new Pass(ms));
      fc.assert(
        fc.property(
          fc.commands([anyFacts.map((facts) => new Fail(facts)), pass], { maxCommands: 30, size: 'max' }),
          (all) => {
            const { model, real } = aCall(safety);
            fc.modelRun(() => ({ model, real }), all);
            commands += model.tries;
          },
        ),
        { numRuns: RUNS, seed: 2026 },
      );
      expect(commands).toBeGreaterThan(RUNS);
    },
    60_000,
  );
});

describe('pagination, compared with a model', () => {
  const shape = fc.record({
    size: fc.nat(24),
    perPage: fc.integer({ min: 1, max: 6 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
    consistent: fc.boolean(),
  });
  const read = [
    fc.boolean().map((ahead) => new Read(ahead)),
    fc.constant(new Read(true)),
    fc.constant(new Read(false)),
  ];
  const remove = fc.double({ min: 0, max: 0.999, noNaN: true }).map((where) => new Delete(where));
  const leave = fc.constant(new Leave());

  it.each([
    ['items are added', [fc.constant(new Insert())]],
    ['items are deleted', [remove]],
  ] as const)(
    'gives no item twice and reports missing ones while %s',
    async (_what, changes) => {
      let finished = 0;
      const commands = fc.commands([...read, ...read, ...changes, leave], { maxCommands: 60, size: 'max' });
      await fc.assert(
        fc.asyncProperty(shape, commands, async (how, all) => {
          const { model, real } = aReading(how);
          await fc.asyncModelRun(() => ({ model, real }), all);
          finished += Number(model.over);
        }),
        { numRuns: RUNS / 2, seed: 2026 },
      );
      expect(finished).toBeGreaterThan(RUNS / 10);
    },
    60_000,
  );
});
