import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nearestName } from '../../../lib/util/options/suggest';

const FILTER = ['signal', 'timeout', 'retries', 'perPage', 'concurrency', 'type', 'private', 'tagName'];
const CLIENT = [
  'token',
  'perPage',
  'timeout',
  'waitInterval',
  'waitTime',
  'retries',
  'rateLimit',
  'readOnly',
];

describe('nearestName', () => {
  it.each([
    // The same letters in another notation.
    ['tag_name', 'tagName'],
    ['tag-name', 'tagName'],
    ['TAGNAME', 'tagName'],
    ['tagname', 'tagName'],
    ['per_page', 'perPage'],
    // A beginning or an end.
    ['tag', 'tagName'],
    ['tags', 'tagName'],
    ['abortSignal', 'signal'],
    ['timeoutMs', 'timeout'],
    ['maxRetries', 'retries'],
    // A typo.
    ['sginal', 'signal'],
    ['signl', 'signal'],
    ['timout', 'timeout'],
    ['timeuot', 'timeout'],
    ['retry', 'retries'],
    ['concurency', 'concurrency'],
    ['pirvate', 'private'],
    ['tpye', 'type'],
  ])('%s: %s', (name, nearest) => {
    expect(nearestName(name, FILTER)).toBe(nearest);
  });

  it.each([
    ['interval', 'waitInterval'],
    ['limit', 'rateLimit'],
    ['read', 'readOnly'],
    ['wait', 'waitTime'],
  ])('of the options of a client: %s: %s', (name, nearest) => {
    expect(nearestName(name, CLIENT)).toBe(nearest);
  });

  it.each(['', 's', '_', 'on', 'query', 'region', 'distribution', 'x'.repeat(1e6)])(
    'is null when none is near: %.20s',
    (name) => {
      expect(nearestName(name, FILTER)).toBeNull();
    },
  );

  it('prefers a typo to a part, and the nearest of several', () => {
    expect(nearestName('tim', ['timeout', 'time'])).toBe('time');
    expect(nearestName('time', ['timeout', 'tile'])).toBe('tile');
  });

  it('finds every name after a single typo', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FILTER.filter((name) => name.length > 4)),
        fc.nat(),
        fc.constantFrom('drop', 'swap', 'double', 'replace'),
        (name, position, edit) => {
          const at = position % (name.length - 1);
          const [a = '', b = ''] = name.slice(at, at + 2);
          const middle = { drop: b, swap: b + a, double: a + a + b, replace: `x${b}` }[edit];
          expect(nearestName(name.slice(0, at) + middle + name.slice(at + 2), FILTER)).toBe(name);
        },
      ),
    );
  });
});
