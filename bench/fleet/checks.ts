/** A figure of a row, and what it has to reach. */
export interface Check {
  readonly what: string;
  readonly value: number;
  readonly least?: number;
  readonly most?: number;
}

/** What the rows do not reach: one sentence for each figure. */
export function failuresOf(rows: readonly { name: string; checks?: readonly Check[] }[]): string[] {
  return rows.flatMap(({ name, checks = [] }) =>
    checks
      // A figure that is no number reaches nothing.
      .filter(({ value, least = -Infinity, most = Infinity }) => !(value >= least && value <= most))
      .map(({ what, value, least, most }) => {
        const bounds = [least !== undefined && `at least ${least}`, most !== undefined && `at most ${most}`];
        return `${name}: ${what} is ${value}, and has to be ${bounds.filter(Boolean).join(' and ')}`;
      }),
  );
}
