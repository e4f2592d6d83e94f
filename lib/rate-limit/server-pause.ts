import type { RateLimit } from '../errors/errors';
import { MINUTE } from '../util/time-units';

/** One response pauses requests for at most this long, in milliseconds. */
export const MAX_PAUSE = 60_000;

/** How long requests of a token wait because of what the server has said: after a 429, and with nothing left. */
export class ServerPause {
  private pausedUntil = -Infinity;
  private recoveringUntil = -Infinity;
  /** Requests the token has left by the last response, valid for a while. */
  private remaining = { requests: Infinity, until: -Infinity };

  /** @param ms milliseconds for which a 429 pauses all requests */
  pause(ms: number, now: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, now + Math.min(ms, MAX_PAUSE));
    this.recoveringUntil = this.pausedUntil + MINUTE;
  }

  /** @param inFlight requests that the server may not have counted */
  learn(
    { remaining, resetAt }: RateLimit,
    inFlight: number,
    { now, date }: { now: number; date: number },
  ): void {
    const untilReset = resetAt.getTime() - date;
    this.remaining = { requests: remaining - inFlight, until: now + Math.min(MAX_PAUSE, untilReset) };
  }

  /** A request is sent. */
  count(): void {
    this.remaining.requests -= 1;
  }

  /** Milliseconds until the server accepts requests again, by its responses. */
  delay(now: number): number {
    const { requests, until } = this.remaining;
    return Math.max(0, this.pausedUntil - now, requests <= 0 ? until - now : 0);
  }

  /** Whether requests are sent one by one: for a minute after a pause. */
  isRecovering(now: number): boolean {
    const { requests, until } = this.remaining;
    return now < this.recoveringUntil || (requests <= 0 && now < until + MINUTE);
  }
}
