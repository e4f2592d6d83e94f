import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CASES } from '../bench/fleet/cases';
import { failuresOf } from '../bench/fleet/checks';
import type { Row } from '../bench/fleet/rows';

describe('the figures of `npm run fleet`', () => {
  const row = (value: number, bounds: { least?: number; most?: number }) => ({
    name: 'a row',
    checks: [{ what: 'the figure', value, ...bounds }],
  });

  it('fail the run when they do not reach what they have to', () => {
    expect(failuresOf([row(241, { most: 240 }), row(0.94, { least: 0.95 })])).toEqual([
      'a row: the figure is 241, and has to be at most 240',
      'a row: the figure is 0.94, and has to be at least 0.95',
    ]);
    expect(failuresOf([row(3, { least: 1, most: 2 })])).toEqual([
      'a row: the figure is 3, and has to be at least 1 and at most 2',
    ]);
  });

  it('fail it when they are no numbers', () => {
    expect(failuresOf([row(NaN, { most: 240 }), row(NaN, { least: 0 })])).toHaveLength(2);
  });

  it('pass when they reach it, or have nothing to reach', () => {
    expect(failuresOf([row(240, { least: 240, most: 240 }), row(-1, {}), { name: 'compared' }])).toEqual([]);
  });

  const published = JSON.parse(readFileSync(join(__dirname, '../bench/results/fleet.json'), 'utf8')) as Row[];

  it('are published of each row, and of no other', () => {
    const rows = Object.values(CASES).flatMap((one) => one.rows);
    expect(published.map(({ name }) => name)).toEqual(rows);
    expect(new Set(rows).size).toBe(rows.length);
  });

  it('have something to reach in each row except those of other clients, and are published when they do', () => {
    const bare = published.filter(({ checks }) => checks.length === 0).map(({ name }) => name);
    const others = ['bottleneck', 'rate-limiter-flexible', 'doapi-ts without a store'];
    expect(bare).toEqual(others.map((name) => `compared, 8 × 150 calls: ${name}`));
    expect(failuresOf(published)).toEqual([]);
  });
});
