/** The results of one measure, as the report needs them. */
export interface Section {
  name: string;
  title: string;
  /** How it was measured. */
  how: string;
  columns: readonly string[];
  rows: readonly (readonly Value[])[];
  verdicts: readonly Verdict[];
  charts: readonly Chart[];
}

/** A cell of a table; `null`: empty. */
export type Value = string | number | null;

/** A target, and whether it is reached. */
export interface Verdict {
  what: string;
  /** Such as `at most 0.65`. */
  target: string;
  value: number;
  isReached: boolean;
}

/** A bar chart, one bar per client. */
export interface Chart {
  /** The name of its file, without `.svg`. */
  name: string;
  title: string;
  unit: string;
  bars: readonly { label: string; value: number }[];
  /** The target, drawn as a line. */
  target?: number;
}

export function atMost(what: string, limit: number, value: number, unit = ''): Verdict {
  return { what, target: `at most ${limit}${unit}`, value, isReached: value <= limit };
}

export function atLeast(what: string, limit: number, value: number, unit = ''): Verdict {
  return { what, target: `at least ${limit}${unit}`, value, isReached: value >= limit };
}
