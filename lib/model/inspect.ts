import type { InspectOptionsStylized } from 'node:util';
import { excerpt } from '../util/sanitize';

/** Known to Node without `node:util`; the same symbol as `util.inspect.custom`. */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** What `util.inspect` hands to whoever shows itself. */
export type InspectOptions = InspectOptionsStylized;

type Entry = readonly [label: string, value: unknown];

/** What says in a line which one it is; whatever comes first of two. */
const GIST: readonly (readonly string[])[] = [['id'], ['slug', 'name'], ['type'], ['status']];

const GOOD = new Set(['available', 'completed', 'active']);
const BAD = new Set(['errored', 'deleted', 'retired']);

/**
 * An object as a block: a field a line, labels and values aligned; what is empty is left out. Inside of something else
 * it is one line.
 * @param now the date, in milliseconds since 1970: dates say how long ago they are
 */
export function block(
  name: string,
  entries: readonly Entry[],
  now: number,
  depth: number | null,
  options: InspectOptions,
): string {
  const there = entries.filter(([, value]) => !isEmpty(value));
  const title = options.stylize(name, 'special');
  // Only what stands at the top has all of the depth left.
  if (depth !== (options.depth ?? null)) return `${title} { ${gist(there, options)} }`;
  const indent = 4 + Math.max(0, ...there.map(([label]) => label.length));
  const width = Math.max(20, Math.min(options.breakLength ?? 80, 100) - indent);
  const lines = there.map(([label, value]) => {
    const shown = wrap(textOf(value, now), width).map((line) => paint(label, value, line, options));
    return `  ${options.stylize(label, 'undefined')}${' '.repeat(indent - 2 - label.length)}${shown.join(`\n${' '.repeat(indent)}`)}`;
  });
  return [`${title} {`, ...lines, '}'].join('\n');
}

/** How long ago something was, as people say it: `3 days ago`. */
export function ago(then: number, now: number): string {
  const seconds = Math.round(Math.abs(now - then) / 1_000);
  if (seconds < 1) return 'just now';
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? ['second', 1];
  const count = Math.floor(seconds / length);
  const span = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return then > now ? `in ${span}` : `${span} ago`;
}

const DAY = 86_400;
const UNITS = [
  ['year', 365.25 * DAY],
  ['month', 30.44 * DAY],
  ['day', DAY],
  ['hour', 3_600],
  ['minute', 60],
] as const;

function isEmpty(value: unknown): boolean {
  return (
    value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

function gist(entries: readonly Entry[], options: InspectOptions): string {
  const fields = new Map(entries);
  const words = GIST.map((names) => names.find((name) => fields.has(name))).flatMap((name) =>
    name === undefined ? [] : paint(name, fields.get(name), excerpt(String(fields.get(name))), options),
  );
  return words.join(' ');
}

function textOf(value: unknown, now: number): string {
  if (Array.isArray(value)) return value.map((item) => excerpt(String(item))).join(' ');
  if (value instanceof Date) {
    const text = value.toISOString().replace('T', ' ').replace('.000', '');
    return `${text} (${ago(value.getTime(), now)})`;
  }
  // What has a text of its own, such as a Region, is shown by it.
  return excerpt(String(value));
}

function paint(label: string, value: unknown, text: string, options: InspectOptions): string {
  if (label === 'status' && typeof value === 'string')
    return options.stylize(text, GOOD.has(value) ? 'string' : BAD.has(value) ? 'regexp' : 'number');
  if (value instanceof Date) return options.stylize(text, 'date');
  return typeof value === 'number' || typeof value === 'boolean' ? options.stylize(text, 'number') : text;
}

/** Breaks between words; a word that is longer than a line is left whole, so that it can be copied. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
