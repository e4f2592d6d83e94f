import fc from 'fast-check';

type Json = unknown;

/** Values that a server might send by mistake. */
const HOSTILE: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -0,
  2 ** 53,
  2 ** 53 + 2,
  '',
  ' ',
  'x',
  '5',
  '0x10',
  'x'.repeat(2_000),
  '\u0000',
  '\ud800',
  '\u202eevil',
  '__proto__',
  'constructor',
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:60Z',
  '2026-01-31T24:00:00Z',
  '0000-00-00T00:00:00Z',
  '-271821-04-20T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '2026-01-31',
  'Infinity',
  'NaN',
  [],
  {},
  [[]],
  [null],
  [1, 'a', {}],
  { id: 5 },
  { toString: 1, valueOf: 2, toJSON: 3, then: 4 },
  { length: 3 },
  { status: 'completed' },
];

const KEYS = [
  'id',
  'status',
  'toString',
  'then',
  'toJSON',
  'constructor',
  'fetch',
  'url',
  'raw',
  'x',
  '',
  'length',
];

/** Text that breaks JSON, or nearly so. */
const TEXTS = [
  '',
  '"',
  '{',
  '}',
  ',',
  '\\',
  '\u0000',
  '<html>',
  '\ufeff',
  '1e999',
  '"__proto__":{"polluted":1},',
  '//',
  '\\ud800',
  'NaN',
];

/** Mutations of a body: numbers that choose where and what. Numbers shrink well. */
export const anyMutations: fc.Arbitrary<number[]> = fc.noBias(
  fc.array(fc.nat(), { minLength: 4, maxLength: 40, size: 'max' }),
);

/** The text of a recorded body after mutations. */
export function mutate(recorded: readonly string[], choices: readonly number[]): string {
  const source = new Source(choices);
  let json: Json = JSON.parse(recorded[source.below(recorded.length)] ?? 'null');
  do json = changed(json, source);
  while (source.hasMore && source.below(4) > 0);
  let text = JSON.stringify(json);
  while (source.hasMore && source.below(3) === 0) text = textMutated(text, source);
  return text;
}

class Source {
  #at = 0;
  constructor(private readonly choices: readonly number[]) {}

  get hasMore(): boolean {
    return this.#at < this.choices.length;
  }

  below(limit: number): number {
    return limit === 0 ? 0 : (this.choices[this.#at++] ?? 0) % limit;
  }

  oneOf<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }
}

/** A copy, since it may be mutated further. */
const hostile = (source: Source): Json => structuredClone(source.oneOf(HOSTILE));

/** Mutates `json` at some depth. */
function changed(json: Json, source: Source): Json {
  if (typeof json !== 'object' || json === null || source.below(40) === 0) return hostile(source);
  const keys = Object.keys(json);
  if (keys.length === 0) return hostile(source);
  const key = source.oneOf(keys);
  const parent = json as Record<string, Json>;
  switch (source.below(14)) {
    case 0:
      parent[key] = hostile(source);
      return json;
    case 1:
      return Array.isArray(json)
        ? json.filter((_, at) => String(at) !== key)
        : Object.fromEntries(Object.entries(parent).filter(([name]) => name !== key));
    case 2:
      if (!Array.isArray(json)) parent[source.oneOf(KEYS)] = hostile(source);
      return json;
    case 3:
      if (Array.isArray(json)) json.push(structuredClone(parent[key]));
      return json;
    case 4:
      parent[key] = nested(parent[key], source.below(80));
      return json;
    default:
      parent[key] = changed(parent[key], source);
      return json;
  }
}

function nested(json: Json, depth: number): Json {
  let wrapped = json;
  for (let level = 0; level < depth; level++) wrapped = level % 2 === 0 ? [wrapped] : { image: wrapped };
  return wrapped;
}

/** Mutates the text. */
function textMutated(text: string, source: Source): string {
  const at = source.below(text.length + 1);
  switch (source.below(5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + source.oneOf(TEXTS) + text.slice(at);
    case 2:
      return text.slice(0, at) + String.fromCharCode(source.below(0x10000)) + text.slice(at + 1);
    case 3:
      return text.replace('{', `{${source.oneOf(TEXTS)}`);
    default:
      return text.slice(at) + text.slice(0, at);
  }
}
