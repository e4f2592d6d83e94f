import type { Clock } from './clock';
import { SECOND } from './time-units';

/** A moment by both clocks of this machine: the monotonic one and the date, which may be set while the program runs. */
export interface Moment {
  now: number;
  date: number;
}

export function momentOf(clock: Clock): Moment {
  return { now: clock.now(), date: clock.date() };
}

/** What a `date` header tells: the server's date less `Clock.now()` of the same moment is from `min` to `max`. */
export interface ServerClock {
  min: number;
  max: number;
  /** When the response was received, by `Clock.now()`. */
  receivedAt: number;
}

/**
 * The header has full seconds, and the server wrote it at some time between the request and the response.
 * @param date in milliseconds since 1970
 */
export function serverClockOf(date: number, sentAt: number, receivedAt: number): ServerClock {
  return { min: date - receivedAt, max: date + SECOND - sentAt, receivedAt };
}

/** How far clocks may differ that are right: those of two machines are seldom in step. */
const TOLERANCE = 5 * SECOND;

/** What several clocks tell together of the server's date, less `Clock.now()`. */
export interface ClockAgreement {
  min: number;
  max: number;
  /** Whether they tell the same. Otherwise one of them is wrong, or was set meanwhile. */
  agree: boolean;
}

/**
 * Compares what `date` headers and the local date tell.
 * @param headers at least one
 */
export function compareClocks(headers: readonly ServerClock[], local: readonly Moment[]): ClockAgreement {
  const latestMin = Math.max(...headers.map(({ min }) => min));
  const earliestMax = Math.min(...headers.map(({ max }) => max));
  const isSteady = latestMin <= earliestMax;
  const server = isSteady
    ? { min: latestMin, max: earliestMax }
    : { min: Math.min(...headers.map(({ min }) => min)), max: Math.max(...headers.map(({ max }) => max)) };
  const offsets = local.map(({ now, date }) => date - now);
  const agree =
    latestMin - earliestMax <= TOLERANCE &&
    Math.max(...offsets) - Math.min(...offsets) <= TOLERANCE &&
    offsets.every((offset) => offset >= server.min - TOLERANCE && offset <= server.max + TOLERANCE);
  return { min: Math.min(server.min, ...offsets), max: Math.max(server.max, ...offsets), agree };
}
