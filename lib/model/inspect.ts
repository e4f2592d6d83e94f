import type { InspectOptionsStylized } from 'node:util';
import { excerpt } from '../util/sanitize';
import { inLargestUnit, statusTone, wrapWords } from './display';

/** Known to Node without `node:util`; the same symbol as `util.inspect.custom`. */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** What `util.inspect` hands to whoever shows itself. */
export type InspectOptions = InspectOptionsStylized;

type Entry = readonly [label: string, value: unknown];

/** What says in a line which one it is; whatever comes first of two. */
const GIST: readonly (readonly string[])[] = [['id'], ['slug', 'name'], ['type'], ['status']];

/** Styles of `util.inspect`: they are green, red and yellow. */
const STATUS_STYLES = { good: 'string', bad: 'regexp', pending: 'number' } as const;

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
    const shown = wrapWords(textOf(value, now), width).map((line) => paint(label, value, line, options));
    return `  ${options.stylize(label, 'undefined')}${' '.repeat(indent - 2 - label.length)}${shown.join(`\n${' '.repeat(indent)}`)}`;
  });
  return [`${title} {`, ...lines, '}'].join('\n');
}

/** How long ago something was: `3 days ago`. */
export function ago(then: number, now: number): string {
  const seconds = Math.round(Math.abs(now - then) / 1_000);
  if (seconds < 1) return 'just now';
  const [count, unit] = inLargestUnit(seconds);
  const span = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return then > now ? `in ${span}` : `${span} ago`;
}

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
    return options.stylize(text, STATUS_STYLES[statusTone(value)]);
  if (value instanceof Date) return options.stylize(text, 'date');
  return typeof value === 'number' || typeof value === 'boolean' ? options.stylize(text, 'number') : text;
}
