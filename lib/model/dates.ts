import { MachineDate } from '../util/machine-timers';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(?!24)\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/**
 * Parses an RFC 3339 date; `null` when `text` is none. `new Date` alone reads 30 February as 1 March, 24:00 as the next
 * day, and `12` as a date in 2001.
 */
export function parseDate(text: string): Date | null {
  if (isCommonForm(text)) return parseCommonForm(text);
  const match = RFC3339.exec(text);
  if (!match || Number(match[3]) > daysIn(Number(match[1]), Number(match[2]))) return null;
  const date = new MachineDate(text);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** A date as the API writes it: with a fraction of a second only when it is not zero. */
export function formatDate(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}

const [DASH, COLON, T, Z, ZERO] = [0x2d, 0x3a, 0x54, 0x5a, 0x30];

/** Whether `text` has the form `2026-01-31T12:00:00Z`, as nearly all dates of the API. */
function isCommonForm(text: string): boolean {
  return (
    text.length === 20 &&
    text.charCodeAt(0) !== ZERO && // MachineDate.UTC reads the years 0 to 99 as 1900 to 1999
    text.charCodeAt(4) === DASH &&
    text.charCodeAt(7) === DASH &&
    text.charCodeAt(10) === T &&
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON &&
    text.charCodeAt(19) === Z
  );
}

/** Parses the common form by its digits, in a tenth of the time. */
function parseCommonForm(text: string): Date | null {
  const year = digits(text, 0) * 100 + digits(text, 2);
  const month = digits(text, 5);
  const day = digits(text, 8);
  const hour = digits(text, 11);
  const minute = digits(text, 14);
  const second = digits(text, 17);
  const isDay = month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= daysIn(year, month));
  const isTime = hour < 24 && minute < 60 && second < 60;
  return isDay && isTime && year > 0
    ? new MachineDate(MachineDate.UTC(year, month - 1, day, hour, minute, second))
    : null;
}

/** The number of two digits at `at`; NaN when they are not digits. */
function digits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN;
}

/**
 * The calendar repeats every 400 years, and `Date.UTC` reads the years 0 to 99 as 1900 to 1999.
 * @param month 1 to 12
 */
function daysIn(year: number, month: number): number {
  return new MachineDate(MachineDate.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}
