/** What is known of a member. */
export interface Member {
  sequence: number;
  held: number;
  ended: number;
  expiresAt: number;
  /** Permits that it got, where those of a minute ago count for a third. */
  served: number;
  servedAt: number;
  /** What it still waits for. */
  calls: number;
  polls: number;
  asksBy: number;
}

/** A member that was not known. @param ended its requests that were counted before */
export function newMember(ended: number, now: number): Member {
  return {
    sequence: 0,
    held: 0,
    ended,
    expiresAt: 0,
    served: 0,
    servedAt: now,
    calls: 0,
    polls: 0,
    asksBy: 0,
  };
}
