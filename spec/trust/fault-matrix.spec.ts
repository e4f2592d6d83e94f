import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Cell, tryRow } from '../../tools/fault-matrix/cell';
import type { Fault } from '../../tools/fault-matrix/fault';
import { FAULTS } from '../../tools/fault-matrix/faults';
import { type Operation, OPERATIONS } from '../../tools/fault-matrix/operations';
import { scaled } from '../support/scale';

/** All operations; in a sample one that shows most of the fault, or that it can meet, in turns. */
function operationsFor(fault: Fault, index: number): readonly Operation[] {
  const possible = OPERATIONS.filter(
    (operation) =>
      fault.cannot?.(operation) === undefined && (fault.sample ?? operation.name) === operation.name,
  );
  const at = index % possible.length;
  return scaled(OPERATIONS, possible.slice(at, at + 1));
}

const cells: Cell[] = [];

describe('the matrix of faults and operations', () => {
  it('has 75 faults and 18 operations', () => {
    expect(FAULTS.map(({ code }) => code)).toEqual(
      Array.from({ length: 75 }, (_, at) => `F${String(at + 1).padStart(2, '0')}`),
    );
    expect(OPERATIONS).toHaveLength(18);
  });
});

describe.each(FAULTS.map((fault, index) => ({ ...fault, fault, index })))(
  '$code $name',
  ({ fault, index }) => {
    const operations = operationsFor(fault, index);
    const row = new Map<string, Cell>();

    beforeAll(async () => {
      for (const cell of await tryRow(fault, operations)) {
        row.set(cell.operation.name, cell);
        cells.push(cell);
      }
    }, 60_000);

    it.each(operations)('$name', ({ name }) => {
      expect(row.get(name)?.problems).toEqual([]);
    });
  },
);

describe('all cells', () => {
  it(scaled('are 1,350, of which at most 86 cannot occur', 'are 75, with every fault and operation'), () => {
    expect(cells).toHaveLength(scaled(1_350, 75));
    expect(cells.filter(({ cannot }) => cannot !== null).length).toBeLessThanOrEqual(86);
    expect(cells.filter(({ seen, cannot }) => (seen === null) === (cannot === null))).toEqual([]);
    const tried = cells.filter(({ seen }) => seen !== null);
    expect(new Set(tried.map(({ fault }) => fault))).toEqual(new Set(FAULTS));
    expect(new Set(tried.map(({ operation }) => operation))).toEqual(new Set(OPERATIONS));
  });

  it('were searched for the token', () => {
    const checks = cells.reduce((sum, { leakChecks }) => sum + leakChecks, 0);
    expect(checks).toBeGreaterThanOrEqual(scaled(20_224, 1_200));
  });
});
