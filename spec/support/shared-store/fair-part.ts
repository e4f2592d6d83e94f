/** What another member waits for. */
export interface Wish {
  readonly wanted: number;
  /** The permits it got lately. */
  readonly level: number;
}

/** How many permits are given out until a member has got `part` of them: they go one by one to the member that got the fewest. */
export function permitsNeeded(part: number, level: number, others: readonly Wish[]): number {
  return others.reduce(
    (sum, other) => sum + Math.min(other.wanted, Math.max(0, Math.ceil(level + part - 1 - other.level))),
    part,
  );
}

/**
 * The part of the free permits that belongs to one member: in the end all that want more have got alike, and one that wants
 * little gets all of it.
 * @param level the permits the member got lately
 */
export function fairPart(wanted: number, free: number, level: number, others: readonly Wish[]): number {
  let part = 0;
  for (let step = 2 ** Math.ceil(Math.log2(Math.max(1, wanted) + 1)); step >= 1; step /= 2)
    if (part + step <= wanted && permitsNeeded(part + step, level, others) <= free) part += step;
  return part;
}
