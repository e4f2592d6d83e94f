import type { InspectOptionsStylized } from 'node:util';
import { excerpt } from '../util/sanitize';

/** `util.inspect.custom`, without loading `node:util`. */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** The options that `util.inspect` passes to a custom inspection function. */
export type InspectOptions = InspectOptionsStylized;

type Entry = readonly [label: string, value: unknown];

/** The fields that identify an object in one line; of each group, the first that is present. */
const SUMMARY: readonly (readonly string[])[] = [['id'], ['slug', 'name'], ['type'], ['status']];

const SUCCESS_STATUSES = new Set(['available', 'completed', 'active']);
const FAILURE_STATUSES = new Set(['errored', 'deleted', 'retired']);

/**
 * Formats an object as a block: one field per line, with aligned labels and without empty fields. Inside another object
 * it is one line.
 * @param now the current date in milliseconds since 1970, to show the age of dates
 */
export function block(
  name: string,
  entries: readonly Entry[],
  now: number,
  depth: number | null,
  options: InspectOptions,
): string {
  const present = entries.filter(([, value]) => !isEmpty(value));
  const title = options.stylize(name, 'special');
  // Only the outermost object has the full depth left.
  if (depth !== (options.depth ?? null)) return `${title} { ${summary(present, options)} }`;
  const indent = 4 + Math.max(0, ...present.map(([label]) => label.length));
  const width = Math.max(20, Math.min(options.breakLength ?? 80, 100) - indent);
  const lines = present.map(([label, value]) => {
    const shown = wrap(textOf(value, now), width).map((line) => paint(label, value, line, options));
    return `  ${options.stylize(label, 'undefined')}${' '.repeat(indent - 2 - label.length)}${shown.join(`\n${' '.repeat(indent)}`)}`;
  });
  return [`${title} {`, ...lines, '}'].join('\n');
}

/** The age of a date in words: `3 days ago`. */
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

function summary(entries: readonly Entry[], options: InspectOptions): string {
  const fields = new Map(entries);
  const words = SUMMARY.map((names) => names.find((name) => fields.has(name))).flatMap((name) =>
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
  // A Region, for one, has its own toString().
  return excerpt(String(value));
}

function paint(label: string, value: unknown, text: string, options: InspectOptions): string {
  if (label === 'status' && typeof value === 'string')
    return options.stylize(
      text,
      SUCCESS_STATUSES.has(value) ? 'string' : FAILURE_STATUSES.has(value) ? 'regexp' : 'number',
    );
  if (value instanceof Date) return options.stylize(text, 'date');
  return typeof value === 'number' || typeof value === 'boolean' ? options.stylize(text, 'number') : text;
}

/** Breaks lines between words. A word longer than a line stays whole, so that it can be copied. */
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
