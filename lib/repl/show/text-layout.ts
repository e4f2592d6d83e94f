import { stripVTControlCharacters } from 'node:util';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Scripts whose letters take two columns, and pictures. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;

// eslint-disable-next-line no-control-regex -- control characters are what this finds
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g;

/** What is set to nothing counts as unset. */
export function nonempty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** A foreign text as one line that does nothing to the terminal. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, ' ').trim();
}

/** How many columns a text takes; its colours take none. */
export function widthOf(coloured: string): number {
  const text = stripVTControlCharacters(coloured);
  // Most texts are ASCII, and need no look at each letter
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** At most so many columns of it; `…` says that there was more. */
export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let clipped = '';
  for (const { segment } of graphemes.segment(text)) {
    if (widthOf(clipped + segment) > width - 1) break;
    clipped += segment;
  }
  return `${clipped}…`;
}

/** Filled with blanks to so many columns. */
export function pad(text: string, width: number, right = false): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return right ? blanks + text : text + blanks;
}

/** Broken between words into lines of so many columns; `indent` stands before all but the first. */
export function wrap(text: string, width: number, indent = ''): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1] ?? '';
    if (last.trim() !== '' && widthOf(`${last} ${word}`) > width) lines.push(indent + word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A time as people say it: `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / SECOND);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const [whole, one, rest, part] =
    minutes < 60 ? [minutes, 'min', seconds % 60, 's'] : [Math.floor(minutes / 60), 'h', minutes % 60, 'min'];
  return rest === 0 ? `${whole} ${one}` : `${whole} ${one} ${rest} ${part}`;
}

/** An age in one word and a number, for a table: `3 d`. */
export function age(ms: number): string {
  const units = [
    ['y', 365.25 * DAY],
    ['mon', 30.44 * DAY],
    ['d', DAY],
    ['h', HOUR],
    ['min', MINUTE],
  ] as const;
  const [unit, length] = units.find(([, each]) => ms >= each) ?? (['s', SECOND] as const);
  return `${Math.max(0, Math.floor(ms / length))} ${unit}`;
}

/** So much of a bar of that width is full. @param share from 0 to 1 */
export function bar(share: number, width: number): { full: string; empty: string } {
  const filled = Math.max(0, Math.min(width, Math.round(share * width)));
  return { full: '█'.repeat(filled), empty: '░'.repeat(width - filled) };
}
