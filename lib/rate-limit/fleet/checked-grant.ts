import type { PermitGrant, PermitReport } from '../../shared-permits';
import { HOUR } from '../../util/time-units';

const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= HOUR;

const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 0;

/** @throws Error when a store answers what no store may: one of a user's own, or one whose memory another program has changed */
export function checkedGrant(grant: PermitGrant, { calls, polls, spare }: PermitReport): PermitGrant {
  const { epoch, granted, validFor, retryIn, pausedFor, rebuildsFor, left } = Object(
    grant,
  ) as Partial<PermitGrant>;
  const isGranted = Number.isInteger(granted) && isCount(granted) && Number(granted) <= calls + polls + spare;
  const areTimes = [validFor, retryIn, pausedFor, rebuildsFor].every(isTime);
  if (
    typeof epoch === 'string' &&
    isGranted &&
    areTimes &&
    isCount(left?.perMinute) &&
    isCount(left?.perHour)
  )
    return grant;
  throw new Error('it answered something that is no permit');
}
