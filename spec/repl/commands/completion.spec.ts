import { describe, expect, it } from '@jest/globals';
import { createContext, runInContext, Script } from 'node:vm';
import fc from 'fast-check';
import { Region, Snapshot } from '../../../lib';
import { read } from '../../../lib/model/resource';
import { Sandbox } from '../../../lib/sandbox';
import { completeWord } from '../../../lib/repl/commands/completion';
import { CompletionIndex } from '../../../lib/repl/commands/completion-index';
import { openString } from '../../../lib/repl/commands/open-string';
import { scaled } from '../../support/scale';
import { dangerousIn, HOSTILE_PARTS, hostileText } from '../../support/hostile-text';

const api = new Sandbox({ images: 0 }).api();

function indexOf(...names: string[]): CompletionIndex {
  const index = new CompletionIndex();
  index.add(names.map((name, at) => api.image({ id: at + 1, name })));
  return index;
}

const dropletNamed = (id: number, name: string): object => api.droplet({ id, name });

/** The line once Tab has inserted its only completion; `null` without one. */
function completed(line: string, name: string, before = '', index = indexOf(name)): string | null {
  const [matches, typed] = completeWord(line, before, index) ?? [[], ''];
  const [match] = matches;
  if (match === undefined) return null;
  // A readline inserts what follows the text that is there.
  expect(match.startsWith(typed) && line.endsWith(typed)).toBe(true);
  return line + match.slice(typed.length);
}

/** What a line evaluates to, and whether a name has run code. */
function evaluate(code: string): { value: unknown; pwned: unknown } {
  const context = createContext({ id: (text: unknown) => text });
  return { value: runInContext(code, context) as unknown, pwned: (context as { pwned?: unknown }).pwned };
}

describe('a completion inside a string', () => {
  it.each([
    ["id('we", 'web-00', "id('web-00'"],
    ['id("we', "web's", 'id("web\\\'s"'],
    ['id(`web', 'web${x}', 'id(`web\\$\\{x\\}`'],
    ["id('a\\'", "a'b", "id('a\\'b'"],
    ["/'/.test('we", 'web', "/'/.test('web'"],
    ['a / b + "we', 'web', 'a / b + "web"'],
    ['`${"we', 'web', '`${"web"'],
  ])('of %s with the name %s is %s', (line, name, whole) => {
    expect(completed(line, name)).toBe(whole);
  });

  const starts = ["id('", 'id("', 'id(`', 'id(/* " */ \'', '/["\'`]/, id("', '`${1}`, id(`'];

  it('is a literal of exactly that name, which runs no code, for any name, quote and beginning', () => {
    fc.assert(
      fc.property(
        hostileText.filter(Boolean),
        fc.constantFrom(...starts),
        fc.nat(8),
        fc.boolean(),
        (name, start, length, isDroplet) => {
          const index = new CompletionIndex();
          index.add(isDroplet ? dropletNamed(5, name) : api.image({ id: 5, name }));
          // Typed by a person, who escapes what the literal needs.
          const typed = /^[\w ${}*-]*/.exec(name.slice(0, length))?.[0] ?? '';
          fc.pre(!(start.endsWith('`') && typed.includes('${')));
          const line = completed(start + typed, name, '', index);
          expect(line).not.toBeNull();
          expect(dangerousIn(line ?? '')).toBeNull();
          expect(line).not.toContain('\n');
          expect(evaluate(`${line})`)).toEqual({ value: name, pwned: undefined });
        },
      ),
      { numRuns: scaled(20_000, 500) },
    );
  });

  it('holds in a statement of several lines', () => {
    expect(completed("name: 'we", 'web', 'id({\n')).toBe("name: 'web'");
    expect(completed("it's we", 'web', 'id(`\n')).toBeNull();
    expect(completed("` + 'we", 'web', 'id(`\n')).toBe("` + 'web'");
  });
});

describe('outside of a string', () => {
  it.each([
    'we',
    'id(we',
    "'a' + we",
    "// it's we",
    "/* it's we",
    '`${we',
    '`${1} we',
    "/'we",
    "/'/; we",
    "a.match(/[/']/); we",
    "(a) / 'we",
    "if (a) /'/; we",
    "a! / '/' + 'b' / 'we",
    "return /'/; 'we",
    "<!-- 'we",
    "#!'we",
    "'a\\",
  ])('no name is completed as code: %s', (line) => {
    const [, tail = ''] = /([^'"`/]*)$/.exec(line) ?? [];
    for (const prefix of ['we', tail, line])
      expect(completeWord(line, '', indexOf(`${prefix}b;globalThis.pwned=1`))).toBeNull();
  });

  it('a string is open only where the code has an error without its end, and none with it', () => {
    const parts = fc.constantFrom(
      "'",
      '"',
      '`',
      '${',
      '}',
      '{',
      '/',
      '\\',
      ' ',
      'a',
      ')',
      '(',
      '*',
      '\n',
      '+',
    );
    const parses = (code: string): boolean => {
      try {
        new Script(code);
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (all) => {
        const code = all.join('');
        const open = openString(code);
        // What parses ends in no string.
        if (parses(code)) expect(open).toBeNull();
      }),
      { numRuns: scaled(100_000, 3_000) },
    );
  });
});

describe('the words of a session', () => {
  it('are those of Droplets with their region, size and image, and of snapshots', () => {
    const index = new CompletionIndex();
    const region = { slug: 'fra1', name: 'Frankfurt 1', available: true };
    index.add({
      items: [
        api.droplet({
          id: 7,
          name: 'web-1',
          size_slug: 's-1vcpu-1gb',
          region,
          image: { id: 8, slug: 'debian' },
        }),
        read(Snapshot, { id: '9', name: 'nightly', regions: ['ams3'], resource_id: '7' }),
        read(Region, region),
      ],
    });
    expect(index.startingWith('')).toEqual(['ams3', 'debian', 'fra1', 'nightly', 's-1vcpu-1gb', 'web-1']);
    expect(index.idsStartingWith('droplet', '')).toEqual(['7']);
    expect(index.idsStartingWith('image', '')).toEqual(['8', '9']);
  });

  it('name an image and a Droplet of the same id each by its own name, also once it is known by its id alone', () => {
    const index = new CompletionIndex();
    index.add([api.image({ id: 5, name: 'golden', slug: '' }), dropletNamed(5, 'web-1')]);
    index.add([api.image(5), api.droplet(5), api.droplet(6)]);
    expect([index.nameOf('image', '5'), index.nameOf('droplet', '5')]).toEqual(['golden', 'web-1']);
    expect([index.nameOf('droplet', '6'), index.nameOf('image', '7')]).toEqual([null, null]);
  });
});

describe('a completion after a command', () => {
  it('is an id of what the command takes, or a name', () => {
    const index = new CompletionIndex();
    index.add([
      api.image({ id: 31, name: '3-images' }),
      dropletNamed(32, '3-droplets'),
      dropletNamed(45, 'x'),
    ]);
    expect(completeWord('.droplet 3', '', index)).toEqual([['32', '3-droplets', '3-images'], '3']);
    expect(completeWord('.image 3', '', index)).toEqual([['31', '3-droplets', '3-images'], '3']);
    expect(completeWord('.droplets 3', '', index)).toEqual([['3-droplets', '3-images'], '3']);
    expect(completeWord('.snapshots x', '', index)).toEqual([['x'], 'x']);
  });

  it('is an option of a plan', () => {
    const wordsAfter = (line: string): unknown => completeWord(line, '', indexOf('daily-1'));
    expect(wordsAfter('.plan da')).toEqual([['daily='], 'da']);
    expect(wordsAfter('.plan daily=7 group')).toEqual([
      ['groupBy=', 'groupBy=name', 'groupBy=droplet', 'groupBy=prefix'],
      'group',
    ]);
    expect(wordsAfter('.plan groupBy=d')).toEqual([['groupBy=droplet'], 'groupBy=d']);
    expect(wordsAfter('.plan 3 ')).toEqual([expect.arrayContaining(['last=', 'name=', 'olderThan=']), '']);
  });

  it('is a name as it is, if it is printable', () => {
    expect(completeWord('.image we', '', indexOf('web 1', "web's", 'web\n2', 'web\u202e'))).toEqual([
      ['web 1', "web's"],
      'we',
    ]);
    for (const part of HOSTILE_PARTS) {
      const [matches] = completeWord('.images x', '', indexOf(`x${part}`)) ?? [[]];
      for (const match of matches) expect(dangerousIn(match)).toBeNull();
    }
  });
});

describe('a completion where a region or size belongs', () => {
  const index = new CompletionIndex();
  index.add(api.image({ id: 1, name: 'fra-image', regions: ['fra1'] }));
  index.add(api.droplet({ id: 1, name: 's-web', size_slug: 's-1vcpu-1gb' }));
  const matches = (line: string): readonly string[] => completeWord(line, '', index)?.[0] ?? [];

  it.each([
    ["image.transfer('", ["fra1'"]],
    ["await image.replicate(['nyc1', 'f", ["fra1'"]],
    ["api.createDroplet({ region: 'f", ["fra1'"]],
    ["{ 'region': 'f", ["fra1'"]],
    ["{ regions: ['f", ["fra1'"]],
    ["droplet.resize('s", ["s-1vcpu-1gb'"]],
    ["{ size: 's", ["s-1vcpu-1gb'"]],
    ["api.fetchImage('f", ["fra-image'", "fra1'"]],
    ["image.transfer(x('f", ["fra-image'", "fra1'"]],
  ])('%s has %j', (line, expected) => expect(matches(line)).toEqual(expected));
});
