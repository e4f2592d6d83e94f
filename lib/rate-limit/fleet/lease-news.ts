import type { PermitReport } from '../../shared-permits';

/** What responses have told since the last report to a store. */
export interface LeaseNews {
  readonly pause: number | null;
  readonly remaining: { readonly requests: number; readonly until: number } | null;
}

export const NO_NEWS: LeaseNews = { pause: null, remaining: null };

/** The longest pause and the lowest number of requests that are left. */
export function mergeNews(one: LeaseNews, other: LeaseNews): LeaseNews {
  const pauses = [one.pause, other.pause].filter((pause) => pause !== null);
  const { remaining: a } = one;
  const { remaining: b } = other;
  return {
    pause: pauses.length > 0 ? Math.max(...pauses) : null,
    remaining: a && b ? (b.requests < a.requests ? b : a) : (b ?? a),
  };
}

/** What the server has left, as a report has it. */
export function remainingAt({ remaining }: LeaseNews, now: number): PermitReport['remaining'] {
  return remaining && { requests: remaining.requests, validFor: Math.max(0, remaining.until - now) };
}
