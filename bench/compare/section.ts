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
  /** What the same client differs by from itself in the same run, as a part of 1; `null` when that was not measured. */
  noise: number | null;
  /** Whether the value is so near the target that the noise decides. */
  isWithinNoise: boolean;
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

/** @param noise by how much the value varies between runs of the same, as a part of it; `null`: it does not */
export function atMost(
  what: string,
  limit: number,
  value: number,
  unit = '',
  noise: number | null = null,
): Verdict {
  return verdict({ what, target: `at most ${limit}${unit}`, value, isReached: value <= limit, noise }, limit);
}

/** @param noise by how much the value varies between runs of the same, as a part of it; `null`: it does not */
export function atLeast(
  what: string,
  limit: number,
  value: number,
  unit = '',
  noise: number | null = null,
): Verdict {
  return verdict(
    { what, target: `at least ${limit}${unit}`, value, isReached: value >= limit, noise },
    limit,
  );
}

function verdict(known: Omit<Verdict, 'isWithinNoise'>, limit: number): Verdict {
  const isWithinNoise = known.noise !== null && Math.abs(known.value / limit - 1) <= known.noise;
  return { ...known, isWithinNoise };
}
