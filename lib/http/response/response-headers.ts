import type { RateLimit } from '../../errors/errors';
import { excerpt } from '../../util/text/sanitize';
import { MachineDate } from '../../util/machine-timers';

/** Names are lower-case, as in Node. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** The id to quote to DigitalOcean's support. */
export function requestIdOf(headers: Headers): string | null {
  const id = headers['x-request-id'];
  return id ? excerpt(id) : null;
}

/** The `ratelimit-*` headers; `null` unless all three are numbers. */
export function rateLimitOf(headers: Headers): RateLimit | null {
  const limit = wholeNumber(headers['ratelimit-limit']);
  const remaining = wholeNumber(headers['ratelimit-remaining']);
  const reset = wholeNumber(headers['ratelimit-reset']);
  if (limit === null || remaining === null || reset === null) return null;
  return { limit, remaining, resetAt: new MachineDate(reset * 1000) };
}

function wholeNumber(header: string | undefined): number | null {
  const value = header?.trim();
  return value && /^\d{1,12}$/.test(value) ? Number(value) : null;
}

/**
 * The delay of `retry-after` (seconds or a date), in milliseconds; `null` when the header is missing or neither of them
 * (`-5`, `0x10`, `Infinity`, `abc`). A date is compared with the server's `date` header if there is one, since clocks
 * differ.
 * @param now the local date in milliseconds since 1970
 */
export function retryAfterOf(headers: Headers, now: number): number | null {
  const value = headers['retry-after']?.trim();
  if (!value) return null;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.min(Number(value) * 1000, Number.MAX_SAFE_INTEGER);
  if (!/^[A-Za-z]{3,9},/.test(value)) return null;
  const until = MachineDate.parse(value);
  return Number.isNaN(until) ? null : Math.max(0, until - serverDate(headers, now));
}

/** The `date` header in milliseconds since 1970; `now` when it is missing or invalid. */
export function serverDate(headers: Headers, now: number): number {
  const date = MachineDate.parse(headers.date ?? '');
  return Number.isNaN(date) ? now : date;
}
