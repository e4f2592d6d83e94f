import { createCustomTransport } from './transport/custom-transport';
import { type Headers, rateLimitOf, requestIdOf, serverDate } from './response-headers';
import type { CallState } from './call-state';
import { ACCEPT_ENCODING } from './transport/response-body';
import { type RateLimiter, rateLimiterFor } from '../rate-limit/rate-limiter';
import type { Abortable } from '../util/abort';
import { withLimits } from '../util/with-limits';
import type { Clock } from '../util/clock';
import { TokenDigests } from './token';
import type { RateLimit } from '../errors/errors';
import type { Reporter } from './hooks';
import type { RequestLimits } from '../rate-limit/limits';
import { requestedDelay, BACKOFF } from './retry-policy';
import type { Token } from './token';
import type { TransportOptions } from './transport/types';
import { createNodeTransport, type Transport, type HttpResponse } from './transport/node-transport';

/** What an exchange needs to know once. */
export interface AttemptOptions {
  token: Token;
  clock: Clock;
  /** Of one attempt, in milliseconds. */
  timeout: number;
  transport: TransportOptions;
  /** Where the limits of a token hold. */
  endpoint: string;
  /** `null`: none. */
  limits: RequestLimits | null;
  reporter: Reporter;
  userAgent: string;
}

/** One request and its answer: a token, a place in the budget, the wire, and what the answer's headers say. */
export class AttemptSender {
  /** From the last answer that carried the headers. */
  rateLimit: RateLimit | null = null;
  /** How far the server's clock is ahead of ours, in milliseconds, by the last answer that said its date. */
  clockSkew = 0;
  readonly #options: AttemptOptions;
  readonly #wire: Transport;
  readonly #digests = new TokenDigests();

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#wire = options.transport.adapter
      ? createCustomTransport(options.transport.adapter)
      : createNodeTransport(options.transport);
  }

  /**
   * Sends the attempt under way once.
   * @param signals each of them ends it
   * @param background a look of a wait, which lets calls go first
   * @returns the answer, whatever its status
   * @throws Failure when none came; what a token function failed with; a signal's reason; that the call's time is up
   */
  async send(
    attempts: CallState,
    signals: readonly (Abortable | undefined)[],
    background: boolean,
  ): Promise<HttpResponse> {
    const { clock, token, reporter, limits } = this.#options;
    const { call: facts, trace, attempt: attempt } = attempts;
    const { method, url, body } = facts;
    const secret = token.known() ?? (await withLimits(attempts.attemptLimits(signals), () => token.ask()));
    attempts.throwIfEnded(signals);
    /** The budget in which it has a place. */
    const place: { in: RateLimiter | null } = { in: null };
    let answer: HttpResponse;
    let rateLimit: RateLimit | null = null;
    let pause: number | null = null;
    let startedAt = clock.now();
    try {
      if (limits) {
        const budget = this.#budget(secret);
        if (budget.tryAcquire(limits)) place.in = budget;
        // Waiting for a place is not part of the attempt, but it is of the call, which may end as a place is given to it.
        else
          await withLimits(attempts.overallLimits(signals), async (ending) => {
            await budget.acquire(limits, background, ending);
            place.in = budget;
          });
      }
      startedAt = clock.now();
      reporter.request({ method, url, attempt });
      const headers = this.#headers(secret, body);
      answer = await withLimits(attempts.attemptLimits(signals), (ending) => {
        const request = { method, url, headers, signal: ending };
        return this.#wire(body === undefined ? request : { ...request, body }, trace);
      });
      if (answer.status === 429) pause = requestedDelay(answer, clock.date()) ?? BACKOFF.firstAfter429;
      rateLimit = this.#learn(answer.headers);
    } finally {
      place.in?.release(rateLimit, pause);
    }
    const { status } = answer;
    const headers = withoutToken(answer.headers, token);
    reporter.response(() => {
      const elapsed = clock.now() - startedAt;
      return { method, url, attempt, status, elapsed, requestId: requestIdOf(headers), rateLimit };
    });
    return headers === answer.headers ? answer : { ...answer, headers };
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.#wire.close();
  }

  #budget(secret: string): RateLimiter {
    const { clock, endpoint } = this.#options;
    return rateLimiterFor(clock, endpoint, this.#digests.of(secret));
  }

  #learn(headers: Headers): RateLimit | null {
    const { clock } = this.#options;
    const rateLimit = rateLimitOf(headers);
    if (rateLimit) this.rateLimit = rateLimit;
    const now = clock.date();
    this.clockSkew = serverDate(headers, now + this.clockSkew) - now;
    return rateLimit;
  }

  #headers(token: string, body: string | undefined): Record<string, string> {
    const headers: Record<string, string> = {
      accept: 'application/json',
      'accept-encoding': ACCEPT_ENCODING,
      authorization: `Bearer ${token}`,
      'user-agent': this.#options.userAgent,
    };
    if (body === undefined) return headers;
    const length = String(Buffer.byteLength(body));
    return { ...headers, 'content-type': 'application/json', 'content-length': length };
  }
}

/** Of all headers only the request's id is ever shown, and a server may put anything there. */
function withoutToken(headers: Headers, token: Token): Headers {
  const id = headers['x-request-id'];
  const hidden = id && token.hide(id);
  return id === hidden ? headers : { ...headers, 'x-request-id': hidden };
}
