import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareClocks, serverClockOf } from '../../lib/util/server-clock';

const local = (...offsets: number[]): { now: number; date: number }[] =>
  offsets.map((offset, at) => ({ now: at * 1_000, date: at * 1_000 + offset }));

describe('a date header', () => {
  it('tells the difference of the clocks as far as full seconds and the time of the response allow', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.nat(3e4),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer(),
        (sentAt, takes, share, off) => {
          const writtenAt = sentAt + takes * share;
          const date = Math.floor((writtenAt + off) / 1_000) * 1_000;
          const { min, max } = serverClockOf(date, sentAt, sentAt + takes);
          expect(min).toBeLessThanOrEqual(off);
          expect(max).toBeGreaterThanOrEqual(off);
          expect(max - min).toBe(1_000 + takes);
        },
      ),
    );
  });
});

describe('clocks', () => {
  const header = (date: number, at: number): ReturnType<typeof serverClockOf> => serverClockOf(date, at, at);

  it.each([
    ['the same', [header(0, 0), header(9_000, 9_000)], local(0, 0), true],
    ['a local one that is 5 s off', [header(0, 0)], local(5_000, 5_000), true],
    ['a local one that is 7 s off', [header(0, 0)], local(7_000, 7_000), false],
    ['a local one that is 7 s behind', [header(0, 0)], local(-7_000, -7_000), false],
    ['a local one that was set', [header(0, 0)], local(-4_000, 4_000), false],
    ['headers 5 s apart', [header(0, 0), header(6_000, 0)], local(3_000), true],
    ['headers 8 s apart', [header(0, 0), header(8_000, 0)], local(4_000), false],
  ])('agree, or not: %s', (_what, headers, moments, agree) => {
    expect(compareClocks(headers, moments).agree).toBe(agree);
  });

  it('bound the difference by what all headers allow, and by a local clock outside', () => {
    const headers = [header(0, 300), header(9_000, 9_100)];
    expect(compareClocks(headers, local(0))).toEqual({ min: -100, max: 700, agree: true });
    expect(compareClocks(headers, local(2_000))).toEqual({ min: -100, max: 2_000, agree: true });
  });

  it('bound it by the farthest of headers that contradict each other', () => {
    const headers = [header(0, 0), header(60_000, 0)];
    expect(compareClocks(headers, local(0))).toEqual({ min: 0, max: 61_000, agree: false });
  });
});
