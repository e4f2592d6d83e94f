import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type BulkJob,
  type BulkResult,
  bulkTable,
  earliest,
  isWell,
  MAX_RATIO,
  optimumOf,
  ratioOf,
  runBulk,
  runLoop,
} from '../bench/simulate/bulk';
import { newDroplets, newSnapshots, pruning } from '../bench/simulate/bulk-droplets';
import {
  BULK_JOBS,
  callsAndWaits,
  deletesAtOnce,
  deletesInTurn,
  replications,
  transfers,
} from '../bench/simulate/bulk-jobs';
import { chaos } from '../bench/simulate/chaos';
import { bytesPerWait, costs } from '../bench/simulate/cost';
import { manyDroplets, manyLong, manyShort, oneWait, veryMany } from '../bench/simulate/crowds';
import { HOUR, MINUTE } from '../bench/simulate/account';
import { foreignTraffic } from '../bench/simulate/foreign';
import { anHourOf, hoursTable } from '../bench/simulate/hours';
import { publishBulk } from '../bench/simulate/publish-bulk';
import { atMost, isMet, none, type Row, tableOf } from '../bench/simulate/row';
import { standingQueue } from '../bench/simulate/standing';
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
    ['many Droplets', () => manyDroplets(40)],
    ['many long ones', () => manyLong(100, 10)],
    ['very many', () => veryMany(scaled(600, 300), 100)],
    ['one wait', () => oneWait([1_000, 7_000, 61_000, 600_000])],
    ['foreign traffic', () => foreignTraffic(50, 1, 600_000)],
    ['a standing queue of calls', () => standingQueue(scaled(2 * HOUR, HOUR))],
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

const RESULT: BulkResult = {
  name: 'a job',
  requests: 5,
  refused: 0,
  failures: 0,
  makespan: 105,
  optimum: 100,
  loop: { requests: 9, refused: 3, failures: 1, makespan: 200_000 },
};

describe('bulk', () => {
  it.each([
    deletesAtOnce(500),
    deletesInTurn(300),
    replications(60),
    transfers(300),
    callsAndWaits(100),
    pruning(300),
    newDroplets(100),
    newSnapshots(20),
  ])('takes at most 1.05 times what the quota allows, without a 429: $name', async (job) => {
    const result = await runBulk(job);
    expect(result).toMatchObject({ refused: 0, failures: 0 });
    expect(result.requests).toBeGreaterThanOrEqual(job.requests);
    expect(result.makespan).toBeGreaterThanOrEqual(result.optimum);
    expect(ratioOf(result)).toBeLessThanOrEqual(MAX_RATIO);
  });

  it('is shown in docs/performance.md, as npm run simulate prints it', () => {
    const page = cellsOf(readFileSync(join(ROOT, 'docs/performance.md'), 'utf8'), 'job');
    const jobs = BULK_JOBS.map((job) => job());
    const shortest = (job: BulkJob): string => `${(optimumOf(job) / 1_000).toLocaleString('en-US')} s`;
    expect(page.map(([name, , refused, failed, , optimum]) => [name, refused, failed, optimum])).toEqual(
      jobs.map((job) => [job.name, '0', '0', shortest(job)]),
    );
    for (const row of page) expect(Number(row[6])).toBeLessThanOrEqual(MAX_RATIO);
  });

  it('is compared with the requests that cannot be avoided and our own limits', () => {
    expect([1, 240, 241, 4_900, 4_901, 5_141].map(earliest)).toEqual([
      0,
      0,
      60_000,
      20 * 60_000,
      HOUR,
      HOUR + 60_000,
    ]);
    expect(optimumOf(deletesAtOnce(1_000))).toBe(4 * 60_000);
    // The last transfer begins after three minutes and takes one.
    expect(optimumOf(transfers(800))).toBe(4 * 60_000);
    expect(optimumOf(callsAndWaits(48))).toBe(60_000);
  });

  it('is compared with a loop around axios on the same server and clock, whose pauses are virtual', async () => {
    const { setTimeout } = globalThis;
    // The server admits 250 a minute: eight requests are refused at once, wait as long as it says, and succeed.
    const deletes = await runLoop(deletesAtOnce(300));
    expect(deletes).toMatchObject({ requests: 308, refused: 8, failures: 0 });
    expect(deletes.makespan).toBeGreaterThanOrEqual(MINUTE);
    expect(deletes.makespan).toBeLessThan(2 * MINUTE);
    // Eight at a time, and each waits for its minute.
    expect((await runLoop(transfers(16))).makespan).toBe(2 * MINUTE);
    expect(await runLoop(newDroplets(8))).toMatchObject({ requests: 8 + 8 * 12, failures: 0 });
    expect(await runLoop(newSnapshots(8))).toMatchObject({ requests: 8 * (1 + 12 + 1), failures: 0 });
    expect(await runLoop(pruning(200))).toMatchObject({ requests: 202, failures: 0 });
    expect(globalThis.setTimeout).toBe(setTimeout);
  });

  it('is written between the marks of docs/performance.md', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'doapi-ts-simulate-')), 'page.md');
    const marks = ['<!-- simulate: written by `npm run simulate` -->', '<!-- simulate: end -->'];
    writeFileSync(file, `# Mine\n\n${marks.join('\nold\n')}\n\nMine, too.\n`);
    publishBulk([RESULT], file);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^# Mine\n.*\nMine, too\.\n$/s);
    expect(text).not.toContain('old');
    expect(cellsOf(text, 'job')).toEqual(cellsOf(`${bulkTable([RESULT])}\n`, 'job'));
    writeFileSync(file, '# Mine\n');
    expect(() => publishBulk([RESULT], file)).toThrow('has no marks');
    rmSync(dirname(file), { recursive: true });
  });

  it('is well only without a failure, a 429, or a loss of time', () => {
    expect(isWell(RESULT)).toBe(true);
    for (const worse of [{ refused: 1 }, { failures: 1 }, { makespan: 106 }])
      expect(isWell({ ...RESULT, ...worse })).toBe(false);
    expect(bulkTable([{ ...RESULT, makespan: 60_000, optimum: 50_000 }])).toContain(
      '| a job | 5 | 0 | 0 | 60 s | 50 s | **1.200** | 9 | 3 | 1 | 200 s |',
    );
  });
});

describe('200 Droplets', () => {
  it('cost what docs/performance.md says', async () => {
    const { checks, usual } = await manyDroplets();
    const page = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8').replace(/\s+/g, ' ');
    const [wrong, polls, posts] = checks.map(({ measured }) => measured);
    expect([wrong, polls, posts]).toEqual(['none', '5 requests', '20 requests']);
    expect(page).toContain('20 POSTs and **5 polls**');
    expect(page).toContain(`by itself sends ${usual}.`);
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
