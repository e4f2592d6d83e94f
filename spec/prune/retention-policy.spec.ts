import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  applyPolicy,
  type CheckedPolicy,
  describePolicy,
  isEmptyPolicy,
  RETENTION,
} from '../../lib/prune/retention-policy';
import { spanText } from '../../lib/util/options/time-spans';
import { DAY, HOUR } from '../../lib/util/time-units';
import { checkValue } from '../../lib/util/validate';
import { scaled } from '../support/scale';

interface Item {
  id: number;
  createdAt: Date;
  tags: string[];
}

const at = (date: string, id: number, tags: string[] = []): Item => ({ id, createdAt: new Date(date), tags });
const check = (policy: unknown): CheckedPolicy => checkValue('keep', policy, RETENTION) as CheckedPolicy;
const NOW = Date.parse('2200-01-01T00:00:00Z');

/** The ids that a policy keeps, newest first. */
const kept = (items: readonly Item[], policy: unknown, now = NOW): number[] =>
  [...applyPolicy(items, check(policy), now).keys()].map(({ id }) => id);

const reasonsOf = (items: readonly Item[], policy: unknown, now = NOW): Record<number, string[]> =>
  Object.fromEntries([...applyPolicy(items, check(policy), now)].map(([{ id }, reasons]) => [id, reasons]));

/** From 1920 to 2019. */
const DAYS_OF_100_YEARS = Array.from({ length: 36_525 }, (_, index) => ({
  id: index + 1,
  createdAt: new Date(Date.UTC(1920, 0, 1 + index, 11)),
  tags: [],
}));

/** The examples that restic's documentation publishes: doc/060_forget.rst, "Removing snapshots according to a policy". */
describe("restic's published examples", () => {
  const sundays = Array.from({ length: 12 }, (_, week) => ({
    id: week + 1,
    createdAt: new Date(Date.UTC(2019, 8, 1 + 7 * week, 11)),
    tags: [],
  }));

  it('one backup every Sunday for 12 weeks: keep-daily 4 keeps the last four Sundays and removes the other eight', () => {
    expect(kept(sundays, { daily: 4 })).toEqual([12, 11, 10, 9]);
    expect(reasonsOf(sundays, { daily: 4 })).toEqual({
      12: ['daily 2019-11-17'],
      11: ['daily 2019-11-10'],
      10: ['daily 2019-11-03'],
      9: ['daily 2019-10-27'],
    });
  });

  it('keep-last 1 keeps the newer of two', () => {
    expect(kept([at('2017-02-21T10:48:33Z', 1), at('2017-02-21T10:49:18Z', 2)], { last: 1 })).toEqual([2]);
  });

  it('one backup a day for 100 years: 7 days, 4 more ends of weeks, 11 or 12 ends of months, 74 or 75 ends of years', () => {
    // The newest is of a Sunday, so that the last seven days have the end of one week.
    const days = DAYS_OF_100_YEARS.slice(0, -16);
    const policy = { daily: 7, weekly: 5, monthly: 12, yearly: 75 };
    const reasons = Object.values(reasonsOf(days, policy));
    const counts = ['daily', 'weekly', 'monthly', 'yearly'].map(
      (period) => reasons.filter((all) => all.some((one) => one.startsWith(period))).length,
    );
    expect(counts).toEqual([7, 5, 12, 75]);
    const only = (period: string): string[][] =>
      reasons.filter((all) => all[0]?.startsWith(period) && !all.some((one) => one.startsWith('daily')));
    expect(only('weekly')).toHaveLength(4);
    expect([11, 12]).toContain(only('monthly').length);
    expect([74, 75]).toContain(only('yearly').length);
    const dates = kept(days, { yearly: 3 }).map((id) => days[id - 1]?.createdAt.toISOString().slice(0, 10));
    expect(dates).toEqual(['2019-12-15', '2018-12-31', '2017-12-31']);
  });

  it('keep-tag keeps what has all tags of the option; given twice, what has those of either', () => {
    const tagged = [
      at('2020-01-01T00:00:00Z', 1, ['foo']),
      at('2020-01-02T00:00:00Z', 2, ['bar', 'foo']),
      at('2020-01-03T00:00:00Z', 3, ['bar']),
      at('2020-01-04T00:00:00Z', 4),
    ];
    expect(kept(tagged, { tags: ['foo,bar'] })).toEqual([2]);
    expect(kept(tagged, { tags: ['foo', 'bar'] })).toEqual([3, 2, 1]);
    expect(kept(tagged, { tags: [''] })).toEqual([4]);
    // DigitalOcean's tags are the same in upper and lower case.
    expect(kept(tagged, { tags: ['FOO,Bar'] })).toEqual([2]);
  });

  it('keep-within counts from the newest item, not from now', () => {
    const items = [
      at('2015-01-01T00:00:00Z', 1),
      at('2015-01-08T00:00:01Z', 2),
      at('2015-01-15T00:00:00Z', 3),
    ];
    expect(kept(items, { within: '7d' })).toEqual([3, 2]);
  });

  it('keep-within ignores items of the future, which stay', () => {
    const items = [
      at('2015-01-01T00:00:00Z', 1),
      at('2015-01-08T00:00:00Z', 2),
      at('2099-01-01T00:00:00Z', 3),
    ];
    expect(kept(items, { within: '1d' }, Date.parse('2015-01-09T00:00:00Z'))).toEqual([3, 2]);
  });

  it('weeks are from Monday 00:00 to Sunday 23:59, also over the end of a year', () => {
    const items = [
      at('2026-12-27T23:59:59Z', 1), // a Sunday
      at('2026-12-28T00:00:00Z', 2), // a Monday
      at('2027-01-03T23:59:59Z', 3), // a Sunday
      at('2027-01-04T00:00:00Z', 4), // a Monday
    ];
    expect(reasonsOf(items, { weekly: 3 })).toEqual({
      4: ['weekly 2027-W01'],
      3: ['weekly 2026-W53'],
      1: ['weekly 2026-W52'],
    });
  });

  it('an oldest item is kept, too, while there are fewer periods than may be kept', () => {
    const items = [
      at('2026-11-20T01:00:00Z', 1),
      at('2026-11-20T02:00:00Z', 2),
      at('2026-11-20T03:00:00Z', 3),
    ];
    expect(reasonsOf(items, { daily: 7 })).toEqual({
      3: ['daily 2026-11-20'],
      1: ['oldest daily 2026-11-20'],
    });
    expect(kept(items, { daily: 1 })).toEqual([3]);
  });

  it('unlimited keeps one for each period there is', () => {
    const items = [
      at('2020-11-20T01:00:00Z', 1),
      at('2023-11-20T02:00:00Z', 2),
      at('2023-12-20T03:00:00Z', 3),
    ];
    expect(kept(items, { yearly: Infinity })).toEqual([3, 1]);
    expect(kept(items, Infinity)).toEqual([3, 2, 1]);
  });
});

/** The meaning of restic's options, written from its documentation and not from the code under test. */
function model(items: readonly Item[], policy: CheckedPolicy, now: number): Set<number> {
  const newest = [...items].sort((a, b) => Number(b.createdAt) - Number(a.createdAt) || b.id - a.id);
  const month = (date: Date): number => date.getUTCFullYear() * 12 + date.getUTCMonth();
  const keep = new Set<number>();
  const natural: [number | undefined, (date: Date) => number][] = [
    [policy.hourly, (date) => Math.floor(Number(date) / HOUR)],
    [policy.daily, (date) => Math.floor(Number(date) / DAY)],
    // 1970 began on a Thursday.
    [policy.weekly, (date) => Math.floor((Number(date) / DAY + 3) / 7)],
    [policy.monthly, month],
    [policy.yearly, (date) => Math.floor(month(date) / 12)],
  ];
  for (const { id } of newest.slice(0, policy.last ?? 0)) keep.add(id);
  for (const [count = 0, bucketOf] of natural) {
    if (count === 0) continue;
    const firsts = new Map<number, number>();
    for (const { id, createdAt } of newest)
      if (!firsts.has(bucketOf(createdAt))) firsts.set(bucketOf(createdAt), id);
    for (const id of [...firsts.values()].slice(0, count)) keep.add(id);
    const oldest = newest.at(-1);
    if (firsts.size < count && oldest) keep.add(oldest.id);
  }
  const past = newest.filter(({ createdAt }) => Number(createdAt) <= now);
  const from = Number(past[0]?.createdAt ?? now) - (policy.within ?? 0);
  if (policy.within) for (const { id, createdAt } of newest) if (Number(createdAt) > from) keep.add(id);
  for (const list of policy.tags ?? []) {
    const fits = ({ tags }: Item): boolean =>
      list === '' ? tags.length === 0 : list.split(',').every((tag) => tags.includes(tag));
    for (const item of newest) if (fits(item)) keep.add(item.id);
  }
  return keep;
}

const START = Date.parse('2024-12-20T00:00:00Z');
const anyDate = fc
  .tuple(fc.constantFrom(20, 400, 20_000), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([hours, part]) => new Date(START + Math.floor(hours * part * 4) * (HOUR / 4)));
const anyItems = fc
  .array(fc.record({ createdAt: anyDate, tags: fc.subarray(['a', 'b', 'c']) }), { maxLength: 40 })
  .map((all) => all.map((one, index) => ({ ...one, id: index + 1 })));
const anyCount = fc.option(fc.oneof(fc.nat(8), fc.constant(Infinity)), { nil: undefined });
const anyPolicy = fc.record({
  last: anyCount,
  hourly: anyCount,
  daily: anyCount,
  weekly: anyCount,
  monthly: anyCount,
  yearly: anyCount,
  within: fc.option(fc.constantFrom('1h', '36h', '14d', '8w'), { nil: undefined }),
  tags: fc.option(fc.subarray(['a', 'b,c', '']), { nil: undefined }),
});
const anyNow = fc.constantFrom(NOW, START + 10 * DAY);

describe('applyPolicy', () => {
  const runs = { numRuns: scaled(5_000, 500) };

  it("keeps what a model of restic's documentation keeps", () => {
    fc.assert(
      fc.property(anyItems, anyPolicy, anyNow, (items, policy, now) => {
        const checked = check(policy);
        expect(new Set(kept(items, policy, now))).toEqual(model(items, checked, now));
      }),
      runs,
    );
  });

  it('keeps with larger numbers what it keeps with smaller ones', () => {
    const keys = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
    fc.assert(
      fc.property(
        anyItems,
        anyPolicy,
        fc.constantFrom(...keys),
        fc.integer({ min: 1, max: 5 }),
        (items, policy, key, more) => {
          const larger = { ...policy, [key]: (policy[key] ?? 0) + more };
          expect(kept(items, larger)).toEqual(expect.arrayContaining(kept(items, policy)));
        },
      ),
      runs,
    );
  });

  it('does not depend on the order of the list; of the same date, the higher id is newer', () => {
    const items = [
      at('2026-11-20T01:00:00Z', 7),
      at('2026-11-20T01:00:00Z', 9),
      at('2026-11-20T01:00:00Z', 8),
    ];
    expect(kept(items, 2)).toEqual([9, 8]);
    fc.assert(
      fc.property(anyItems, anyPolicy, (items, policy) => {
        expect(kept([...items].reverse(), policy)).toEqual(kept(items, policy));
      }),
    );
  });

  it('says every reason', () => {
    const items = [at('2026-11-20T13:30:00Z', 1, ['gold'])];
    const policy = {
      last: 1,
      hourly: 1,
      daily: 1,
      weekly: 1,
      monthly: 1,
      yearly: 1,
      within: '2w',
      tags: ['gold'],
    };
    expect(reasonsOf(items, policy)[1]).toEqual([
      'tagged gold',
      'within 14d',
      'last 1',
      'hourly 2026-11-20 13:00',
      'daily 2026-11-20',
      'weekly 2026-W47',
      'monthly 2026-11',
      'yearly 2026',
    ]);
  });
});

describe('a policy', () => {
  it('may be a number: that many of the newest', () => {
    expect(check(3)).toEqual({ last: 3 });
  });

  it.each([
    [-1, RangeError, 'keep: expected a whole number from 0 up'],
    [1.5, RangeError, 'keep: expected a whole number from 0 up'],
    ['3', TypeError, 'keep: expected a whole number from 0 up'],
    [{ daily: -1 }, RangeError, 'keep.daily: expected a whole number from 0 up, or Infinity, got -1'],
    [{ dayly: 1 }, TypeError, 'keep.dayly: unknown option; did you mean daily?'],
    [{ within: '3 days' }, TypeError, 'keep.within: expected milliseconds'],
    [{ tags: ['a b'] }, TypeError, 'keep.tags[0]: expected a tag'],
  ])('is refused when it is %j', (policy, type, message) => {
    expect(() => check(policy)).toThrow(type);
    expect(() => check(policy)).toThrow(message);
  });

  it('is described in words', () => {
    expect(
      describePolicy(check({ last: 3, daily: 0, yearly: Infinity, within: '36h', tags: ['a,b', ''] })),
    ).toBe('last 3, yearly without end, within 36h, tagged a,b, untagged');
    expect(describePolicy(check(0))).toBe('nothing');
    expect([spanText(14 * DAY), spanText(1_500), spanText(Infinity)]).toEqual(['14d', '1500 ms', 'any time']);
  });

  it('is empty when it keeps nothing, whatever the images', () => {
    expect([0, {}, { daily: 0, tags: [], within: 0 }].map((one) => isEmptyPolicy(check(one)))).toEqual([
      true,
      true,
      true,
    ]);
    expect([1, { tags: [''] }, { within: 1 }].map((one) => isEmptyPolicy(check(one)))).toEqual([
      false,
      false,
      false,
    ]);
  });
});
