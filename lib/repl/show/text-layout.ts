import { stripVTControlCharacters } from 'node:util';
import { inLargestUnit, wrapWords } from '../../model/display';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Characters that take two columns. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;

/** The columns that a text takes; escape codes of colours take none. */
export function widthOf(coloured: string): number {
  const text = stripVTControlCharacters(coloured);
  // Most texts are ASCII.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** Cuts a text to `width` columns, with `…` at the end of what was cut. */
export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let clipped = '';
  for (const { segment } of graphemes.segment(text)) {
    if (widthOf(clipped + segment) > width - 1) break;
    clipped += segment;
  }
  return `${clipped}…`;
}

/** Fills a text with blanks to `width` columns. @param right blanks go before the text */
export function pad(text: string, width: number, right = false): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return right ? blanks + text : text + blanks;
}

/** Breaks a text between words into lines of `width` columns; `indent` is put before all but the first. */
export function wrap(text: string, width: number, indent = ''): string {
  return wrapWords(text, width, indent, widthOf).join('\n');
}

/** A span of time: `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const [whole, one, rest, part] =
    minutes < 60 ? [minutes, 'min', seconds % 60, 's'] : [Math.floor(minutes / 60), 'h', minutes % 60, 'min'];
  return rest === 0 ? `${whole} ${one}` : `${whole} ${one} ${rest} ${part}`;
}

/** A size: `7.5 GB`. Sizes have two decimals, and sums of binary fractions more. */
export function gigabytesText(gigabytes: number): string {
  return `${Math.round(gigabytes * 100) / 100} GB`;
}

const SHORT_UNITS = { year: 'y', month: 'mon', day: 'd', hour: 'h', minute: 'min', second: 's' } as const;

/** An age for a table: `3 d`. */
export function age(ms: number): string {
  const [count, unit] = inLargestUnit(Math.max(0, ms / 1_000));
  return `${count} ${SHORT_UNITS[unit]}`;
}

/** The two parts of a bar. @param share how much of it is full, from 0 to 1 */
export function bar(share: number, width: number): { full: string; empty: string } {
  const filled = Math.max(0, Math.min(width, Math.round(share * width)));
  return { full: '█'.repeat(filled), empty: '░'.repeat(width - filled) };
}
