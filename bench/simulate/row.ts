/** A row of the table: a case, its checks, and the cost of a simple polling loop. */
export interface Row {
  name: string;
  checks: Check[];
  usual: string;
}

/** A target and the measured value. */
export interface Check {
  target: string;
  measured: string;
  met: boolean;
}

/** @param unit with a leading space, such as ` requests` */
export function atMost(what: string, value: number, limit: number, unit = ''): Check {
  return {
    target: `${what} ≤ ${formatNumber(limit)}${unit}`,
    measured: `${formatNumber(value)}${unit}`,
    met: value <= limit,
  };
}

export function none(what: string, value: number): Check {
  return { target: `no ${what}`, measured: value === 0 ? 'none' : formatNumber(value), met: value === 0 };
}

export function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 2 : 0 });
}

export const isMet = ({ checks }: Row): boolean => checks.every(({ met }) => met);

/** The rows as Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.name,
    row.checks.map(({ target }) => target).join('<br>'),
    row.checks.map(({ measured, met }) => (met ? measured : `**${measured}**`)).join('<br>'),
    row.usual,
    isMet(row) ? 'yes' : '**no**',
  ]);
  return markdown(['case', 'target', 'measured', 'simple loop', 'reached'], lines);
}

export function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
