import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { chaos } from '../bench/simulate/chaos';
import { bytesPerWait, costs } from '../bench/simulate/cost';
import { manyLong, manyShort, oneWait, veryMany } from '../bench/simulate/crowds';
import { foreignTraffic } from '../bench/simulate/foreign';
import { anHourOf, hoursTable } from '../bench/simulate/hours';
import { atMost, isMet, none, type Row, tableOf } from '../bench/simulate/row';
import { mostIn, usualRequests } from '../bench/simulate/watching';
import { seededRandom } from '../lib/sandbox/state/random';
import { ROOT } from './support/program';
import { tableOf as cellsOf } from './support/readme';
import { scaled } from './support/scale';

beforeEach(() => {
  jest.spyOn(Math, 'random').mockImplementation(seededRandom(1));
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe('npm run simulate, with smaller numbers', () => {
  it.each<[what: string, run: () => Promise<Row>]>([
    ['many short actions', () => manyShort(50)],
    ['many long ones', () => manyLong(100, 10)],
    ['very many', () => veryMany(scaled(600, 300), 100)],
    ['one wait', () => oneWait([1_000, 7_000, 61_000, 600_000])],
    ['foreign traffic', () => foreignTraffic(50, 1, 600_000)],
    ['chaos', () => chaos(5)],
  ])('meets its targets: %s', async (_what, run) => {
    const row = await run();
    expect(row.checks.filter(({ met }) => !met)).toEqual([]);
    expect(row.checks.length).toBeGreaterThan(0);
  });

  it('measures memory and time', async () => {
    // The values are not checked: coverage changes them.
    const { name, checks } = await costs([500, 1_000], scaled(3_000, 500));
    expect(name).toMatch(
      /^500 \/ 1,000 waits: [\d,]+ \/ [\d,]+ bytes per wait, [\d.]+ \/ [\d.]+ ms per tick$/,
    );
    expect(checks).toHaveLength(3);
    expect(await bytesPerWait(1_000)).toBeGreaterThan(500);
  }, 60_000);

  it('counts the requests of an hour', async () => {
    const hour = await anHourOf(10);
    expect(hour).toMatchObject({ waits: 10, usual: 7_200 });
    expect(hour.requests).toBeGreaterThan(100);
    expect(hour.requests).toBeLessThan(200);
  });
});

describe('docs/waiting.md', () => {
  it('shows the requests of an hour that the simulation counts', async () => {
    const page = readFileSync(join(ROOT, 'docs/waiting.md'), 'utf8');
    const counted = `${await hoursTable()}\n`;
    expect(cellsOf(page, 'waits')).toEqual(cellsOf(counted, 'waits'));
  }, 30_000);
});

describe('the table', () => {
  const row: Row = {
    name: 'a case',
    checks: [atMost('polls', 7, 6, ' requests'), none('429', 0)],
    usual: '400',
  };

  it('shows targets and measured values, missed ones in bold', () => {
    expect(tableOf([row]).split('\n')[2]).toBe(
      '| a case | polls ≤ 6 requests<br>no 429 | **7 requests**<br>none | 400 | **no** |',
    );
  });

  it('is met when every check of the row is met', () => {
    expect(isMet(row)).toBe(false);
    expect(isMet({ ...row, checks: [atMost('polls', 6, 6), none('429', 0)] })).toBe(true);
    expect(isMet({ ...row, checks: [none('429', 1)] })).toBe(false);
  });
});

describe('the counters', () => {
  it('count the most requests in any window, its ends included', () => {
    expect(mostIn(10, [0, 5, 10, 11, 21, 21])).toBe(3);
    expect(mostIn(10, [])).toBe(0);
  });

  it('count the requests of a simple loop: one every five seconds until the end', () => {
    expect(usualRequests([{ endsAt: 10_000 }, { endsAt: 10_001 }, { endsAt: 1 }])).toBe(2 + 3 + 1);
  });
});
