import type { RateLimit } from '../errors/errors';
import type { RateLimitBudget } from '../rate-limit/limits';
import { Permit } from '../rate-limit/permit';
import { type RateLimiter, rateLimiterFor } from '../rate-limit/rate-limiter';
import type { Clock } from '../util/clock';
import { withLimits } from '../util/with-limits';
import type { CallState } from './call-state';
import type { Reporter } from './hooks';
import { type Headers, rateLimitOf, requestIdOf, serverDate } from './response-headers';
import { pauseAfter429 } from './retry-policy';
import type { Token } from './token';
import { TokenDigests } from './token-digests';
import { createCustomTransport } from './transport/custom-transport';
import { createNodeTransport } from './transport/node-transport';
import { ACCEPT_ENCODING } from './transport/response-body';
import type { HttpResponse, Transport, TransportOptions } from './transport/types';

export interface AttemptOptions {
  token: Token;
  clock: Clock;
  transport: TransportOptions;
  /** Rate limits hold for a token at an endpoint. */
  endpoint: string;
  /** `null`: no limit. */
  rateLimits: Required<RateLimitBudget> | null;
  reporter: Reporter;
  userAgent: string;
}

/** Sends single attempts: gets the token and a permit, hands the request to the transport, reads the response headers. */
export class AttemptSender {
  /** From the last response that carried the headers. */
  rateLimit: RateLimit | null = null;
  /** How far the server's clock is ahead of the local one, in milliseconds, by the last response with a date. */
  clockSkew = 0;
  readonly #options: AttemptOptions;
  readonly #transport: Transport;
  readonly #digests = new TokenDigests();

  constructor(options: AttemptOptions) {
    const { transport } = options;
    this.#options = options;
    this.#transport = transport.adapter
      ? createCustomTransport(transport.adapter)
      : createNodeTransport(transport);
  }

  /**
   * Sends the current attempt of a call.
   * @returns the response, whatever its status
   * @throws Failure when there is none; the error of a token function; the reason of an aborted signal; the error of a
   *   deadline that has passed
   */
  async send(state: CallState): Promise<HttpResponse> {
    const { clock, token, reporter, rateLimits } = this.#options;
    const { info, trace, attempt } = state;
    const { method, url, body } = info;
    const secret = token.known() ?? (await withLimits(state.attemptLimits(), () => token.fetch()));
    state.throwIfEnded();
    const permit = rateLimits && new Permit(this.#rateLimiter(secret), rateLimits, info.background);
    let response: HttpResponse;
    let startedAt: number;
    let rateLimit: RateLimit | null = null;
    let pause: number | null = null;
    try {
      // Waiting for a permit counts towards the deadline of the call, not towards the timeout of the attempt.
      if (permit && !permit.tryAcquire())
        await withLimits(state.overallLimits(), (scope) => permit.acquire(scope));
      startedAt = clock.now();
      reporter.request({ method, url, attempt });
      const headers = this.#headers(secret, body);
      response = await withLimits(state.attemptLimits(), (signal) => {
        const request = { method, url, headers, signal };
        return this.#transport(body === undefined ? request : { ...request, body }, trace);
      });
      if (response.status === 429) pause = pauseAfter429(response, clock.date());
      rateLimit = this.#learn(response.headers);
    } finally {
      permit?.release(rateLimit, pause);
    }
    const { status } = response;
    const headers = withoutToken(response.headers, token);
    if (reporter.hasListeners) {
      const elapsed = clock.now() - startedAt;
      const requestId = requestIdOf(headers);
      reporter.response({ method, url, attempt, status, elapsed, requestId, rateLimit });
    }
    return headers === response.headers ? response : { ...response, headers };
  }

  /** Closes idle connections. */
  close(): void {
    this.#transport.close();
  }

  #rateLimiter(token: string): RateLimiter {
    const { clock, endpoint } = this.#options;
    return rateLimiterFor(clock, endpoint, this.#digests.of(token));
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

/** The request id is the only header that is ever shown, and a server may put anything there. */
function withoutToken(headers: Headers, token: Token): Headers {
  const id = headers['x-request-id'];
  const hidden = id && token.hide(id);
  return id === hidden ? headers : { ...headers, 'x-request-id': hidden };
}
