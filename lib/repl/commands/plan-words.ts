import type { PruneOptions } from '../..';
import { unknownName } from '../../util/options/validate-options';
import { describeValue, excerpt } from '../../util/text/sanitize';

/** Where an option of `.plan` is among those of `planPrune`. */
type Place = 'keep' | 'match' | 'plan';

const PLACES: ReadonlyMap<string, Place> = new Map<string, Place>([
  ...['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly', 'within', 'tags'].map(
    (name) => [name, 'keep'] as const,
  ),
  ...['name', 'type', 'distribution', 'region', 'tag', 'status', 'youngerThan'].map(
    (name) => [name, 'match'] as const,
  ),
  ...['groupBy', 'olderThan', 'keepNone'].map((name) => [name, 'plan'] as const),
]);

/** What can begin a word after `.plan`. */
export const PLAN_WORDS: readonly string[] = [
  ...[...PLACES.keys()].map((name) => `${name}=`),
  ...['groupBy=name', 'groupBy=droplet', 'groupBy=prefix', 'keepNone=true'],
];

/** What these options take is text, even if it looks like a number. */
const TEXTS: ReadonlySet<string> = new Set([
  ...['name', 'type', 'distribution', 'region', 'tag', 'status'],
  // `olderThan=14` would be 14 milliseconds.
  ...['within', 'olderThan', 'youngerThan'],
]);

/** `option=value`, the value in quotes if it has blanks. Whatever else there is, is a word of its own. */
const WORDS = /([^\s=]+)(?:=("[^"]*"|'[^']*'|\/(?:\\.|[^/\\])+\/[a-z]*|\S*))?(?!\S)|\S+/g;

/**
 * Reads what is typed after `.plan`: `3`, or `last=3 daily=7 groupBy=droplet name=/^web-/`.
 * @throws TypeError that names the option or the word
 */
export function planOptionsOf(text: string): PruneOptions {
  const places: Record<Place, Record<string, unknown>> = { keep: {}, match: {}, plan: {} };
  for (const [word, name = '', value] of text.matchAll(WORDS)) {
    const isCount = value === undefined && /^\d+$/.test(name);
    if (value === undefined && !isCount)
      throw new TypeError(
        `.plan: expected a number or option=value, such as daily=7, got ${describeValue(word)}`,
      );
    const option = isCount ? 'last' : name;
    const place = PLACES.get(option);
    if (place === undefined) throw unknownName(option, option, [...PLACES.keys()]);
    const options = places[place];
    if (value !== undefined) checkWhole(option, value);
    if (option === 'tags')
      options.tags = [...((options.tags as string[] | undefined) ?? []), unquoted(value)];
    else if (Object.hasOwn(options, option)) throw new TypeError(`${option}: given twice`);
    else options[option] = isCount ? Number(name) : valueOf(option, unquoted(value));
  }
  const { keep, match, plan } = places;
  return { ...plan, keep, match };
}

/** @throws TypeError for a quote or a pattern with something after its end, or without one */
function checkWhole(option: string, value: string): void {
  const isBroken = /^["']/.test(value)
    ? !/^(["']).*\1$/.test(value)
    : option === 'name' && /^\/.+\//.test(value) && !PATTERN.test(value);
  if (isBroken) throw new TypeError(`${option}: expected a value in whole, got ${describeValue(value)}`);
}

/** A regular expression as it is written in code. */
const PATTERN = /^\/((?:\\.|[^/\\])+)\/([a-z]*)$/;

const unquoted = (value = ''): string => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;

/** What an option does not take is left to the checks of the library, which name it. */
function valueOf(option: string, text: string): unknown {
  const [, source, flags] = (option === 'name' ? PATTERN.exec(text) : null) ?? [];
  if (source !== undefined) return patternOf(source, flags);
  if (TEXTS.has(option)) return text;
  if (option === 'keepNone' && /^(?:true|false)$/.test(text)) return text === 'true';
  return /^\d+$/.test(text) ? Number(text) : text;
}

function patternOf(source: string, flags: string | undefined): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    const reason = excerpt((error as Error).message);
    throw new TypeError(`name: expected a regular expression; ${reason}`, { cause: error });
  }
}
