import { seededRandom } from '../../lib/sandbox/state/random';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2;
}

/** The ratios by round, so that a busy round affects both. */
export function ratiosOf(one: readonly number[], other: readonly number[]): number[] {
  return one.map((value, round) => value / (other[round] ?? NaN));
}

/** The median of the ratios by round. */
export function medianRatio(one: readonly number[], other: readonly number[]): number {
  return median(ratiosOf(one, other));
}

const SAMPLES = 1_000;

/**
 * How far the median ratio of a client to itself strays from 1, in nineteen of twenty samples of its rounds: 0.03 are three
 * percent. A difference between two clients that is smaller says nothing.
 * @param ratios of the client to itself, by round
 * @returns `null` for fewer than three rounds
 */
export function noiseOf(ratios: readonly number[]): number | null {
  if (ratios.length < 3) return null;
  const random = seededRandom(1);
  const strays = Array.from({ length: SAMPLES }, () => {
    const sample = ratios.map(() => ratios[Math.floor(random() * ratios.length)] ?? NaN);
    return Math.abs(median(sample) - 1);
  });
  return strays.sort((one, other) => one - other)[Math.ceil(0.95 * SAMPLES) - 1] ?? null;
}
