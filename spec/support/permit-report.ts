import type { PermitReport } from '../../lib';

/** A report of a member that holds nothing and wants nothing. */
export const EMPTY_REPORT: Omit<PermitReport, 'member' | 'sequence'> = {
  epoch: '',
  limits: { perMinute: 240, perHour: 4_900 },
  returns: false,
  held: 0,
  ended: 0,
  endedAgo: 0,
  acknowledged: 0,
  recent: { minute: 0, hour: 0 },
  calls: 0,
  polls: 0,
  expectsPolls: false,
  spare: 0,
  pause: null,
  remaining: null,
};
