/** A row of the table: a case, what it has to reach, what it did, and what the usual loop does. */
export interface Row {
  name: string;
  checks: Check[];
  usual: string;
}

/** One number, or two, and whether it is good enough. */
export interface Check {
  toReach: string;
  measured: string;
  met: boolean;
}

/** @param unit with its space, such as ` requests` */
export function atMost(what: string, value: number, limit: number, unit = ''): Check {
  return {
    toReach: `${what} ≤ ${inWords(limit)}${unit}`,
    measured: `${inWords(value)}${unit}`,
    met: value <= limit,
  };
}

export function none(what: string, value: number): Check {
  return { toReach: `no ${what}`, measured: value === 0 ? 'none' : inWords(value), met: value === 0 };
}

export function inWords(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 2 : 0 });
}

export const isMet = ({ checks }: Row): boolean => checks.every(({ met }) => met);

/** The rows as Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.name,
    row.checks.map(({ toReach }) => toReach).join('<br>'),
    row.checks.map(({ measured, met }) => (met ? measured : `**${measured}**`)).join('<br>'),
    row.usual,
    isMet(row) ? 'yes' : '**no**',
  ]);
  return markdown(['case', 'to reach', 'measured', 'the usual loop', 'reached'], lines);
}

export function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
