const GOOD = new Set(['available', 'completed', 'active']);
const BAD = new Set(['errored', 'deleted', 'retired']);

/** Whether a status is a good end, a bad end, or none. */
export function statusTone(status: string): 'good' | 'bad' | 'pending' {
  return GOOD.has(status) ? 'good' : BAD.has(status) ? 'bad' : 'pending';
}

const SECONDS_PER_DAY = 86_400;
const UNITS = [
  ['year', 365.25 * SECONDS_PER_DAY],
  ['month', 30.44 * SECONDS_PER_DAY],
  ['day', SECONDS_PER_DAY],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A span of time in whole units of the largest that fits: 3 days. */
export function inLargestUnit(seconds: number): [count: number, unit: (typeof UNITS)[number][0]] {
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? (['second', 1] as const);
  return [Math.floor(seconds / length), unit];
}

/**
 * Breaks a text between words. A word that is longer than a line stays whole, so that it can be copied.
 * @param indent put before every line but the first
 * @param widthOf the columns that a text takes
 */
export function wrapWords(
  text: string,
  width: number,
  indent = '',
  widthOf = ({ length }: string): number => length,
): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (last.trim() === '' || widthOf(`${last} ${word}`) <= width)
      lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
    else lines.push(indent + word);
  }
  return lines;
}
