import { describe, expect, it } from '@jest/globals';
import { field, Mismatch } from '../../lib/model/fields';
import { read, Resource } from '../../lib/model/resource';

/** One field of each kind. */
class Thing extends Resource {
  @field.id() readonly id!: number;
  @field.name() readonly slug!: string;
  @field.text({ absent: '' }) readonly text!: string;
  @field.text({ wire: 'maybe_text', absent: null }) readonly maybeText!: string | null;
  @field.number({ wire: 'a_number', absent: null }) readonly number!: number | null;
  @field.number({ wire: 'a_count', absent: 0 }) readonly count!: number;
  @field.reference({ wire: 'owner_id', absent: null }) readonly ownerId!: number | null;
  @field.flag({ absent: false }) readonly flag!: boolean;
  @field.date({ wire: 'made_at', absent: null }) readonly madeAt!: Date | null;
  @field.texts() readonly tags!: readonly string[];
  @field.texts({ wire: 'more_tags' }) readonly moreTags!: readonly string[];
  @field.custom<number>({ wire: 'twice', read: double, write: (value) => (value as number) / 2 })
  readonly twice!: number;
  @field.custom<string>({ read: (_value, source) => Object.keys(source).join() }) readonly keys!: string;
}

function double(value: unknown): number {
  return (typeof value === 'number' ? value : 1) * 2;
}

const MINIMAL = { id: 5, slug: 's' };
const thing = (json: object): Thing => read(Thing, { ...MINIMAL, ...json });

function mismatch(json: unknown): Mismatch {
  try {
    read(Thing, json);
  } catch (error) {
    if (error instanceof Mismatch) return error;
    throw error;
  }
  throw new Error('expected a Mismatch');
}

describe('a declared field', () => {
  it('is read from its name in the JSON', () => {
    const json = {
      ...MINIMAL,
      text: 't',
      maybe_text: 'm',
      a_number: 1.5,
      a_count: 7,
      owner_id: 6,
      flag: true,
      made_at: '2026-01-31T12:00:00Z',
      tags: ['a', 'b', 'a'],
      more_tags: [],
      twice: 4,
    };
    expect(Object.fromEntries(Object.entries(read(Thing, json)))).toStrictEqual({
      ...MINIMAL,
      text: 't',
      maybeText: 'm',
      number: 1.5,
      count: 7,
      ownerId: 6,
      flag: true,
      madeAt: new Date(Date.UTC(2026, 0, 31, 12)),
      tags: ['a', 'b'],
      moreTags: [],
      twice: 8,
      keys: Object.keys(json).join(),
    });
  });

  it.each([
    ['left out', {}],
    [
      'null',
      {
        text: null,
        maybe_text: null,
        a_number: null,
        a_count: null,
        owner_id: null,
        flag: null,
        made_at: null,
        tags: null,
        more_tags: null,
      },
    ],
  ])('has the same value when it is %s', (_how, json) => {
    expect(thing(json)).toMatchObject({
      text: '',
      maybeText: null,
      number: null,
      count: 0,
      ownerId: null,
      flag: false,
      madeAt: null,
      tags: [],
      moreTags: [],
    });
  });

  it('has frozen lists that are independent of the JSON', () => {
    const sent = { tags: ['a', 'b'] };
    const { tags, moreTags } = thing(sent);
    sent.tags.push('c');
    expect([tags, moreTags, thing(sent).tags, thing({ tags: [] }).tags]).toEqual([
      ['a', 'b'],
      [],
      ['a', 'b', 'c'],
      [],
    ]);
    for (const list of [tags, moreTags]) expect(() => (list as string[]).push('d')).toThrow(TypeError);
  });

  it('reuses the previous list only when it is equal', () => {
    const lists = [
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'c'],
      ['b'],
      ['b', 'c', 'b'],
      ['b', 'c'],
      [],
      ['b', 'c'],
    ];
    expect(lists.map((tags) => thing({ tags }).tags)).toEqual(lists.map((tags) => [...new Set(tags)]));
    expect(() => thing({ tags: ['b', 5] })).toThrow('tags[1]: expected a string, got 5');
    expect(() => thing({ tags: Object.assign([], { 1: 'b' }) })).toThrow(
      'tags[0]: expected a string, got nothing',
    );
  });

  it('reads lists of any length, and reuses no long ones', () => {
    const long = Array.from({ length: 65 }, (_, at) => `tag ${at}`);
    const short = long.slice(1);
    expect([thing({ tags: long }).tags, thing({ tags: short }).tags]).toEqual([long, short]);
    expect(thing({ tags: short }).tags).toBe(thing({ tags: [...short] }).tags);
    expect(thing({ tags: long }).tags).not.toBe(thing({ tags: long }).tags);
  });

  it('is written back under its name in the JSON, in the form of the API', () => {
    expect(
      thing({ made_at: '2026-01-31T12:00:00+00:00', tags: ['a', 'a'], twice: 4 }).toJSON(),
    ).toStrictEqual({
      ...MINIMAL,
      text: '',
      maybe_text: null,
      a_number: null,
      a_count: 0,
      owner_id: null,
      flag: false,
      made_at: '2026-01-31T12:00:00Z',
      tags: ['a'],
      more_tags: [],
      twice: 4,
      keys: 'id,slug,made_at,tags,twice',
    });
  });

  it('is written with a fraction of a second only if it has one', () => {
    expect(thing({ made_at: '2026-01-31T12:00:00.120Z' }).toJSON().made_at).toBe('2026-01-31T12:00:00.120Z');
  });

  it('is written as a copy of its list', () => {
    const one = thing({ tags: ['a'] });
    (one.toJSON().tags as string[]).push('b');
    expect(one.tags).toEqual(['a']);
  });
});

describe('an invalid value', () => {
  /** Every kind of JSON value. */
  const VALUES = [
    'text',
    '',
    '5',
    5,
    0,
    -1,
    1.5,
    2 ** 53,
    true,
    false,
    [],
    ['a'],
    [5],
    [null],
    {},
    { id: 5 },
  ];
  const isString = (value: unknown): boolean => typeof value === 'string';
  const isId = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
  const isNumber = (value: unknown): boolean => typeof value === 'number';
  const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isString);

  const FIELDS: [wire: string, expected: string, accepts: (value: unknown) => boolean][] = [
    ['id', 'a positive whole number', isId],
    ['slug', 'a string', isString],
    ['text', 'a string', isString],
    ['maybe_text', 'a string', isString],
    ['a_number', 'a number', isNumber],
    ['owner_id', 'a positive whole number', isId],
    ['flag', 'true or false', (value) => typeof value === 'boolean'],
    ['made_at', 'a date like 2026-01-31T12:00:00Z', (value) => value === ''],
    ['tags', 'an array of strings', isList],
  ];

  const cells = FIELDS.flatMap(([wire, expected, accepts]) =>
    VALUES.map((value) => ({ wire, value, expected, accepted: accepts(value) })),
  );

  it.each(cells.filter(({ accepted }) => accepted))('$wire = $value is valid', ({ wire, value }) => {
    expect(() => thing({ [wire]: value })).not.toThrow();
  });

  it.each(cells.filter(({ accepted }) => !accepted))(
    '$wire = $value is reported by its path',
    ({ wire, value, expected }) => {
      const error = mismatch({ ...MINIMAL, [wire]: value });
      const inList = wire === 'tags' && Array.isArray(value);
      expect(error.path).toBe(inList ? 'tags[0]' : wire);
      expect(error.expected).toBe(inList ? 'a string' : expected);
      expect(error.message).toMatch(/^[\w[\]]+: expected .+, got .+$/);
    },
  );

  it('is NaN or infinite for a number', () => {
    for (const value of [NaN, Infinity, -Infinity])
      expect(mismatch({ ...MINIMAL, a_number: value }).path).toBe('a_number');
  });

  it.each(['id', 'slug'])('is null or undefined for a required field: %s', (wire) => {
    expect(mismatch({ ...MINIMAL, [wire]: null }).message).toMatch(/^\w+: expected .+, got null$/);
    expect(mismatch({ ...MINIMAL, [wire]: undefined }).message).toMatch(/^\w+: expected .+, got nothing$/);
  });

  it.each([[null], [undefined], ['text'], [5], [[]], [[MINIMAL]]])('can be the whole object: %j', (json) => {
    expect(mismatch(json)).toMatchObject({ path: '', expected: 'an object' });
  });

  it('is reported by its index in a list', () => {
    expect(mismatch({ ...MINIMAL, tags: ['a', 5, 6] }).message).toBe('tags[1]: expected a string, got 5');
  });

  it('is reported by its path through objects and lists', () => {
    const error = mismatch({ ...MINIMAL, tags: [5] });
    expect(error.within('image').message).toBe('image.tags[0]: expected a string, got 5');
    expect(error.within('images[3]').path).toBe('images[3].tags[0]');
    expect(mismatch(null).within('images[3]').within('body').path).toBe('body.images[3]');
  });

  it('can be shown without a secret', () => {
    const error = new Mismatch('image.name', 'a date', 'a secret');
    const hidden = error.without((text) => text.replace('secret', '***'));
    expect(hidden.message).toBe('image.name: expected a date, got "a ***"');
    expect(new Mismatch('id', 'a string', 5).without(() => '').message).toBe('id: expected a string, got 5');
  });

  it('is not confused with an error of the codec', () => {
    class Broken extends Resource {
      @field.custom<number>({
        read: () => {
          throw new RangeError('an error of the codec');
        },
      })
      readonly id!: number;
    }
    expect(() => read(Broken, {})).toThrow(RangeError);
  });
});
