import { describe, expect, it } from '@jest/globals';
import { painter, screenOf, wantsColours } from '../../../lib/repl/show/style';
import { type Column, definitions, table } from '../../../lib/repl/show/table';
import { age, bar, clip, duration, pad, widthOf, wrap } from '../../../lib/repl/show/text-layout';

interface Row {
  id: number;
  name: string;
  note: string;
}

const columns: Column<Row>[] = [
  { title: 'id', text: ({ id }) => String(id), right: true },
  { title: 'name', text: ({ name }) => name, least: 6 },
  { title: 'note', text: ({ note }) => note },
];
const plain = painter(false);
const rows = [
  { id: 5, name: 'golden image', note: 'kept' },
  { id: 12, name: 'web', note: '' },
];

describe('a table', () => {
  it('is as wide as its texts', () => {
    expect(
      table(rows, columns, 80, plain)
        .split('\n')
        .map((line) => line.trimEnd()),
    ).toEqual(['id  name          note', ' 5  golden image  kept', '12  web']);
  });

  it('cuts long texts to fit, then leaves out the last columns', () => {
    const at = (width: number): string => table(rows, columns, width, plain).split('\n')[1] ?? '';
    expect(at(18)).toBe(' 5  golden …  kept');
    expect(at(15)).toBe(' 5  golden ima…');
    expect(at(10)).toBe(' 5  golde…');
    expect(at(3)).toBe(' 5');
  });

  it('leaves out a column without text', () => {
    expect(table(rows.slice(1), columns, 80, plain)).not.toContain('note');
  });

  it('does not let a name control the terminal', () => {
    const text = table([{ id: 1, name: 'a\u001b[2Jb\nc\u202e', note: '' }], columns, 80, plain);
    expect(text.split('\n')[1]?.trimEnd()).toBe(' 1  a [2Jb c');
  });

  it('aligns its columns with wide characters', () => {
    const wide = table([{ id: 1, name: '図書館', note: 'x' }, ...rows], columns, 80, plain).split('\n');
    expect(new Set(wide.slice(1, 3).map((line) => widthOf(line.slice(0, line.search(/x|kept/)))))).toEqual(
      new Set([18]),
    );
  });
});

describe('names and their meanings', () => {
  const entries = [['.image', 'one image, by its id']] as const;

  it('stand side by side on a wide screen', () => {
    expect(definitions(entries, 80, plain)).toBe('.image  one image, by its id');
  });

  it('stand below each other on a narrow screen', () => {
    expect(definitions(entries, 20, plain)).toBe('.image\n  one image, by its\n  id');
  });
});

describe('texts', () => {
  it.each([
    ['abc', 3],
    ['é', 1],
    ['日本', 4],
    ['👩‍💻', 2],
    ['\u001b[31mred\u001b[39m', 3],
  ])('take columns: %j', (text, width) => expect(widthOf(text)).toBe(width));

  it('are cut and padded to a width', () => {
    expect([clip('日本語', 5), pad('ab', 4), pad('ab', 4, true)]).toEqual(['日本…', 'ab  ', '  ab']);
  });

  it('are broken between words', () => {
    expect(wrap('one two three', 7, '  ')).toBe('one two\n  three');
  });

  it.each([
    [42_000, '42 s'],
    [60_000, '1 min'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
  ])('show %i ms as %s', (ms, text) => expect(duration(ms)).toBe(text));

  it.each([
    [-5, '0 s'],
    [59_000, '59 s'],
    [3 * 86_400_000, '3 d'],
    [800 * 86_400_000, '2 y'],
  ])('show an age of %i ms as %s', (ms, text) => expect(age(ms)).toBe(text));

  it('show a share as a bar', () => {
    expect(bar(0.5, 4)).toEqual({ full: '██', empty: '░░' });
    expect(bar(7, 2)).toEqual({ full: '██', empty: '' });
  });
});

describe('colours', () => {
  const stream = (isTTY: boolean): NodeJS.WriteStream =>
    ({ isTTY, hasColors: () => true }) as unknown as NodeJS.WriteStream;

  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ])('at a terminal (%j) with %j: %j', (isTTY, env, wanted) => {
    expect(wantsColours(stream(isTTY), env)).toBe(wanted);
  });
});

describe('the screen', () => {
  it.each([
    ['no terminal', { isTTY: false }, [80, 24]],
    ['a terminal that does not tell its size', { isTTY: true, columns: 0, rows: 0 }, [80, 24]],
    ['a narrow terminal', { isTTY: true, columns: 5, rows: 3 }, [20, 3]],
    ['a wide terminal', { isTTY: true, columns: 200, rows: 60 }, [200, 60]],
  ])('of %s', (_, stream, size) => {
    const { columns, rows } = screenOf({
      hasColors: () => false,
      ...stream,
    } as unknown as NodeJS.WriteStream);
    expect([columns, rows]).toEqual(size);
  });
});
