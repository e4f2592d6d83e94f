import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './support/program';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** A spec file and the titles behind it: `spec/x.spec.ts` (_one title_, _another_). */
const MENTION = /`(spec\/[\w/.-]+\.spec\.ts)`( \(_(?:[^|]+?)_\))?/g;

/** The specs that a text names, with the titles of their `describe`. */
function mentionsIn(text: string): { path: string; titles: string[] }[] {
  return Array.from(text.matchAll(MENTION), ([, path = '', titles]) => ({
    path,
    titles: titles ? titles.slice(3, -2).replaceAll('\\`', '`').split('_, _') : [],
  }));
}

/** The titles of `describe`, `describe.each` and `describeWithRedis` in the text of a spec. */
const titlesIn = (spec: string): string[] =>
  Array.from(
    spec.matchAll(/^(?:describe(?:WithRedis)?\(|(?:describe[^]*?)?\)\()\s*(['"`])(.*?)\1,/gm),
    ([, , title = '']) => title,
  );

const security = read('SECURITY.md');
const mentions = mentionsIn(security);

describe('SECURITY.md', () => {
  it('names a spec for each promise', () => {
    const rows = security
      .split('\n')
      .filter((line) => line.startsWith('| ') && !/^\| (Promise|-)/.test(line));
    expect(rows.length).toBeGreaterThan(25);
    const withoutTitle = rows.filter((row) => mentionsIn(row).every(({ titles }) => titles.length === 0));
    expect(withoutTitle).toEqual([]);
  });

  it.each(mentions)('names a spec that exists, with its titles: $path', ({ path, titles }) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
    expect(titlesIn(read(path))).toEqual(expect.arrayContaining(titles));
  });
});

describe('the check of what SECURITY.md names', () => {
  it('reads every path and title', () => {
    expect(mentionsIn('| x | `spec/a.spec.ts` (_b_, _c `d`_), `spec/e/f.spec.ts` |')).toEqual([
      { path: 'spec/a.spec.ts', titles: ['b', 'c `d`'] },
      { path: 'spec/e/f.spec.ts', titles: [] },
    ]);
  });

  it('finds the titles of a spec', () => {
    const spec =
      "describe('a', () => {\n  describe('inner', () => {});\n});\ndescribe.each([\n  1,\n])('b $x', () => {});\n";
    expect(titlesIn(spec)).toEqual(['a', 'b $x']);
  });
});
