import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Cell, tryCell } from '../../tools/fault-matrix/cell';
import { FAULTS } from '../../tools/fault-matrix/faults';
import { OPERATIONS } from '../../tools/fault-matrix/operations';

const cells: Cell[] = [];

describe('the matrix of faults and operations', () => {
  it('has 64 faults and 12 operations', () => {
    expect(FAULTS.map(({ code }) => code)).toEqual(
      Array.from({ length: 64 }, (_, at) => `F${String(at + 1).padStart(2, '0')}`),
    );
    expect(OPERATIONS).toHaveLength(12);
  });
});

describe.each(FAULTS)('$code $name', (fault) => {
  const row = new Map<string, Cell>();

  beforeAll(async () => {
    for (const cell of await Promise.all(OPERATIONS.map((operation) => tryCell(fault, operation)))) {
      row.set(cell.operation.name, cell);
      cells.push(cell);
    }
  }, 60_000);

  it.each(OPERATIONS)('$name', ({ name }) => {
    expect(row.get(name)?.problems).toEqual([]);
  });
});

describe('all cells together', () => {
  it('are 768, of which few cannot occur, each for a reason', () => {
    expect(cells).toHaveLength(768);
    const left = cells.filter(({ cannot }) => cannot !== null);
    expect(left.length).toBeLessThanOrEqual(29);
    expect(cells.filter(({ seen, cannot }) => (seen === null) === (cannot === null))).toEqual([]);
  });

  it('have looked for the token in at least 9,600 places', () => {
    expect(cells.reduce((sum, { leakChecks }) => sum + leakChecks, 0)).toBeGreaterThanOrEqual(9_600);
  });
});
