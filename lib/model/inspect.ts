import type { InspectOptionsStylized } from 'node:util';
import { excerpt } from '../util/text/sanitize';
import { inLargestUnit, statusTone, wrapWords } from './display';
import { MachineDate } from '../util/machine-timers';

/** `util.inspect.custom`, without loading `node:util`. */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** The options that `util.inspect` passes to a custom inspection function. */
export type InspectOptions = InspectOptionsStylized;

type Entry = readonly [label: string, value: unknown];

/** The fields that identify an object in one line; of each group, the first that is present. */
const SUMMARY: readonly (readonly string[])[] = [['id', 'ipAddress'], ['slug', 'name'], ['type'], ['status']];

/** Styles of `util.inspect`: they are green, red and yellow. */
const STATUS_STYLES = { good: 'string', bad: 'regexp', pending: 'number' } as const;

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
    const shown = wrapWords(textOf(value, now), width).map((line) => paint(label, value, line, options));
    return `  ${options.stylize(label, 'undefined')}${' '.repeat(indent - 2 - label.length)}${shown.join(`\n${' '.repeat(indent)}`)}`;
  });
  return [`${title} {`, ...lines, '}'].join('\n');
}

/** The age of a date in words: `3 days ago`. */
export function ago(then: number, now: number): string {
  const seconds = Math.round(Math.abs(now - then) / 1_000);
  if (seconds < 1) return 'just now';
  const [count, unit] = inLargestUnit(seconds);
  const span = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return then > now ? `in ${span}` : `${span} ago`;
}

function isEmpty(value: unknown): boolean {
  if (isGroup(value)) return Object.values(value).every(isEmpty);
  return (
    value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

/** Whether a value is an object of several values, such as the networks of a Droplet. A resource has a text of its own. */
function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The fields that identify an object, without those that are absent. */
function identifying(fields: ReadonlyMap<string, unknown>): string[] {
  return SUMMARY.flatMap((names) => names.find((name) => fields.has(name)) ?? []);
}

function summary(entries: readonly Entry[], options: InspectOptions): string {
  const fields = new Map(entries);
  const words = identifying(fields).map((name) =>
    paint(name, fields.get(name), excerpt(String(fields.get(name))), options),
  );
  return words.join(' ');
}

/** What identifies a group, such as an address and its type, or else all of its values. */
function groupText(group: object, now: number): string {
  const fields = new Map<string, unknown>(Object.entries(group));
  const names = identifying(fields);
  if (names.length > 0) return names.map((name) => textOf(fields.get(name), now)).join(' ');
  const values = [...fields.values()].flat().filter((value) => !isEmpty(value));
  return values.map((value) => textOf(value, now)).join(', ');
}

function textOf(value: unknown, now: number): string {
  if (Array.isArray(value)) return value.map((item) => excerpt(String(item))).join(' ');
  if (isGroup(value)) return groupText(value, now);
  if (value instanceof MachineDate) {
    const text = value.toISOString().replace('T', ' ').replace('.000', '');
    return `${text} (${ago(value.getTime(), now)})`;
  }
  // A Region, for one, has its own toString().
  return excerpt(String(value));
}

function paint(label: string, value: unknown, text: string, options: InspectOptions): string {
  if (label === 'status' && typeof value === 'string')
    return options.stylize(text, STATUS_STYLES[statusTone(value)]);
  if (value instanceof MachineDate) return options.stylize(text, 'date');
  return typeof value === 'number' || typeof value === 'boolean' ? options.stylize(text, 'number') : text;
}
