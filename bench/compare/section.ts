/** What one part of the benchmark has found: all that a report needs. */
export interface Section {
  name: string;
  title: string;
  /** How it was done. */
  how: string;
  columns: readonly string[];
  rows: readonly (readonly Value[])[];
  verdicts: readonly Verdict[];
  charts: readonly Chart[];
}

/** A cell of a table; `null` where there is nothing to say. */
export type Value = string | number | null;

/** A number to reach. */
export interface Verdict {
  what: string;
  /** In words: `at most 0.65`. */
  target: string;
  value: number;
  isReached: boolean;
}

/** Bars, one for each client. */
export interface Chart {
  /** The name of its file. */
  name: string;
  title: string;
  unit: string;
  bars: readonly { label: string; value: number }[];
  /** The number to reach, drawn as a line. */
  target?: number;
}

export function atMost(what: string, limit: number, value: number, unit = ''): Verdict {
  return { what, target: `at most ${limit}${unit}`, value, isReached: value <= limit };
}

export function atLeast(what: string, limit: number, value: number, unit = ''): Verdict {
  return { what, target: `at least ${limit}${unit}`, value, isReached: value >= limit };
}
