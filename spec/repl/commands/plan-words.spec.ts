import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PruneOptions } from '../../../lib';
import { Sandbox } from '../../../lib/sandbox';
import { planOptionsOf } from '../../../lib/repl/commands/plan-words';
import { scaled } from '../../support/scale';

describe('the words after .plan', () => {
  it.each<[string, Partial<PruneOptions>]>([
    ['3', { keep: { last: 3 } }],
    ['  last=3   daily=7 ', { keep: { last: 3, daily: 7 } }],
    ['hourly=1 weekly=4 monthly=6 yearly=2', { keep: { hourly: 1, weekly: 4, monthly: 6, yearly: 2 } }],
    ['within=14d', { keep: { within: '14d' } }],
    ['tags=a,b tags=c tags=7', { keep: { tags: ['a,b', 'c', '7'] } }],
    ['tags=', { keep: { tags: [''] } }],
    ['3 groupBy=droplet olderThan=36h', { groupBy: 'droplet', olderThan: '36h', keep: { last: 3 } }],
    ['0 keepNone=true', { keepNone: true, keep: { last: 0 } }],
    ['1 name=web-1 tag=5', { keep: { last: 1 }, match: { name: 'web-1', tag: '5' } }],
    ['1 name="my image" region=nyc1', { keep: { last: 1 }, match: { name: 'my image', region: 'nyc1' } }],
    ['1 name=\'a "b" c\'', { keep: { last: 1 }, match: { name: 'a "b" c' } }],
    ['1 name=/^web \\/\\d+$/i', { keep: { last: 1 }, match: { name: /^web \/\d+$/i } }],
    ['1 name=/', { keep: { last: 1 }, match: { name: '/' } }],
    ['1 name=a=b', { keep: { last: 1 }, match: { name: 'a=b' } }],
  ])('%j are options of planPrune', (words, options) => {
    expect(planOptionsOf(words)).toEqual({ match: {}, ...options });
  });

  it.each([
    ['lasst=3', 'lasst: unknown option; did you mean last?'],
    ['signal=x', 'signal: unknown option; the options are last, hourly'],
    ['--keep-daily 7', '.plan: expected a number or option=value, such as daily=7, got "--keep-daily"'],
    ['last', '.plan: expected a number or option=value, such as daily=7, got "last"'],
    ['3 last=4', 'last: given twice'],
    ['daily=7 daily=8', 'daily: given twice'],
    ['==3', '.plan: expected a number or option=value, such as daily=7, got "==3"'],
    ['1 =3', '.plan: expected a number or option=value, such as daily=7, got "=3"'],
    ['1 name=/^web-/3', 'name: expected a value in whole, got "/^web-/3"'],
    ['1 name=/^web/=3', 'name: expected a value in whole, got "/^web/=3"'],
    ['1 name="a"3', 'name: expected a value in whole, got'],
    ['1 name="a', 'name: expected a value in whole, got'],
    ['1 name=/(/', 'name: expected a regular expression; Invalid regular expression'],
  ])('%j are refused', (words, message) => {
    expect(() => planOptionsOf(words)).toThrow(message);
  });

  it.each([
    ['last=x', 'keep.last: expected'],
    ['daily=', 'keep.daily: expected'],
    ['within=14days', 'keep.within: expected'],
    ['1 groupBy=region', 'groupBy: expected'],
    ['1 olderThan=soon', 'olderThan: expected'],
    ['1 olderThan=14', 'olderThan: expected'],
    ['within=14', 'keep.within: expected'],
    ['1 youngerThan=soon', 'match.youngerThan: expected'],
    ['1 keepNone=yes', 'keepNone: expected'],
    ['name=web-1', 'keep: expected a policy that keeps something'],
  ])('%j are left to planPrune, which names the option', async (words, message) => {
    const sandbox = new Sandbox({ images: 0, droplets: 0 });
    await expect(sandbox.api().planPrune(planOptionsOf(words))).rejects.toThrow(message);
    expect(sandbox.requests).toEqual([]);
  });

  it('of any text are options, or an error of one line that names them', () => {
    const words = fc.array(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('last=', 'name=', '"', "'", '/', '__proto__=1', 'toString=1', ' ', '3'),
      ),
    );
    fc.assert(
      fc.property(words, (all) => {
        try {
          const { keep, match, ...plan } = planOptionsOf(all.join(''));
          expect([keep, match]).toEqual([expect.any(Object), expect.any(Object)]);
          expect(['groupBy', 'olderThan', 'keepNone']).toEqual(expect.arrayContaining(Object.keys(plan)));
        } catch (error) {
          expect(String(error)).toMatch(/^TypeError: \P{Cc}+$/u);
        }
      }),
      { numRuns: scaled(20_000, 500) },
    );
  });
});
