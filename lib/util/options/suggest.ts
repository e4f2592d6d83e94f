/** Shorter parts of a name would match by chance. */
const MIN_PART = 3;

/**
 * The known name that an unknown one probably stands for: the same letters in another notation (`tag_name`), a beginning
 * or end of one (`tag`, `interval`), or one with a typo (`sginal`).
 * @returns `null` when none is near
 */
export function nearestName(name: string, known: readonly string[]): string | null {
  const text = normalized(name);
  let nearest: string | null = null;
  let least = Infinity;
  for (const candidate of known) {
    const distance = distanceBetween(text, normalized(candidate));
    if (distance >= least) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}

/** Without notation and plural. */
function normalized(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '').replace(/s$/, '');
}

/** 0 for equal texts, `Infinity` for texts that are not near. A part of a name is farther than any typo. */
function distanceBetween(a: string, b: string): number {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  const missing = long.length - short.length;
  const maxEdits = Math.max(1, Math.floor(long.length / 3));
  // The lengths alone rule out a typo; a name may have any length.
  const edits = missing > maxEdits ? Infinity : editDistance(a, b);
  if (edits <= maxEdits) return edits;
  const isPart = short.length >= MIN_PART && (long.startsWith(short) || long.endsWith(short));
  return isPart ? maxEdits + missing : Infinity;
}

/** The number of characters to insert, delete, replace or swap with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isEqual = a[row - 1] === b[column - 1];
      const isSwapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (last[column] ?? Infinity) + 1,
        (current[column - 1] ?? Infinity) + 1,
        (last[column - 1] ?? Infinity) + (isEqual ? 0 : 1),
        isSwapped ? (beforeLast[column - 2] ?? Infinity) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length] ?? Infinity;
}
