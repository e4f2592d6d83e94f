import type { RateLimit } from '../errors/errors';
import { rateLimiterFor, type Sharing } from '../rate-limit/limiter-registry';
import type { Limits } from '../rate-limit/limits';
import { Permit } from '../rate-limit/permit';
import type { RateLimiter } from '../rate-limit/rate-limiter';
import { attemptTracer, type TracedAttempt } from '../model/trace-channels';
import { MAX_PAUSE } from '../rate-limit/server-pause';
import type { SharedStore } from '../shared-store';
import type { AbortScope } from '../util/abort';
import type { Clock } from '../util/clock';
import { momentOf, type ServerClock, serverClockOf } from '../util/server-clock';
import { excerpt } from '../util/text/sanitize';
import { updateContext } from '../util/tracing';
import { withLimits } from '../util/with-limits';
import type { CallState } from './call-state';
import type { DeniedScopes } from './denied-scopes';
import { Failure } from './failure';
import type { Reporter } from './hooks';
import { type Headers, rateLimitOf, requestIdOf, serverDate } from './response/response-headers';
import { pauseAfter429 } from './retry-policy';
import { nextSequence } from './sharing/post-history';
import type { Token } from './token';
import { TokenDigests } from './token-digests';
import { createCustomTransport } from './transport/custom-transport';
import { createNodeTransport } from './transport/node-transport';
import { ACCEPT_ENCODING } from './transport/response-body';
import type { HttpResponse, Transport, TransportOptions } from './transport/types';

/** Calls that wait longer than this for a permit are reported, in milliseconds. */
const REPORTED_DELAY = 1_000;

export interface AttemptOptions {
  token: Token;
  clock: Clock;
  transport: TransportOptions;
  /** Rate limits hold for a token at an endpoint. */
  endpoint: string;
  /** `null`: no limit. */
  rateLimits: Limits | null;
  store?: SharedStore | undefined;
  reporter: Reporter;
  userAgent: string;
  deniedScopes: DeniedScopes;
}

/** Sends single attempts: gets the token and a permit, hands the request to the transport, reads the response headers. */
export class AttemptSender {
  /** From the last response that carried the headers. */
  rateLimit: RateLimit | null = null;
  /** What the last response with a `date` told of the server's clock. */
  serverClock: ServerClock | null = null;
  /** The digest of the last token, by which its rate limiter is known; `null` before the first attempt. */
  limiterKey: string | null = null;
  readonly #options: AttemptOptions;
  readonly #transport: Transport;
  readonly #digests = new TokenDigests();
  readonly #sharing: Sharing | undefined;

  constructor(options: AttemptOptions) {
    const { transport } = options;
    this.#options = options;
    const { store, reporter } = options;
    this.#sharing = store && { store, warn: (error) => reporter.storeAway(error, store.permits.share) };
    this.#transport = transport.adapter
      ? createCustomTransport(transport.adapter)
      : createNodeTransport(transport, options.clock);
  }

  /** How far the server's clock is ahead of the local date, in milliseconds, by the last response with a date. */
  get clockSkew(): number {
    const { clock } = this.#options;
    return this.serverClock ? this.serverClock.min + clock.now() - clock.date() : 0;
  }

  /**
   * Sends the current attempt of a call.
   * @returns the response, whatever its status
   * @throws Failure when there is none, or no token; the reason of an aborted signal; the error of a deadline that has
   *   passed; the PermissionDeniedError of an earlier call, when the call is not to be sent after one
   */
  async send(state: CallState): Promise<HttpResponse> {
    const { clock, token, reporter, rateLimits, deniedScopes } = this.#options;
    const { info, trace, attempt } = state;
    const { method, url, body } = info;
    const secret = token.known() ?? (await withLimits(state.attemptLimits('token'), () => token.fetch()));
    state.throwIfEnded();
    state.tokenKey = this.#digests.of(secret);
    deniedScopes.use(state.tokenKey);
    const denial = info.unlessDenied && deniedScopes.find(info.unlessDenied, state.tokenKey);
    if (denial) throw denial;
    const permit = rateLimits && new Permit(this.#rateLimiter(state.tokenKey), rateLimits, info.background);
    if (info.startsWait) permit?.expectPolls();
    let response: HttpResponse;
    let startedAt: number;
    let rateLimit: RateLimit | null = null;
    let pause: number | null = null;
    let queued = 0;
    try {
      if (permit && !permit.tryAcquire()) queued = await this.#queue(permit, state);
      info.beforeAttempt?.();
      state.sentAt = momentOf(clock);
      state.sequence = nextSequence();
      state.serverClock = this.serverClock;
      startedAt = state.sentAt.now;
      reporter.request({ method, url, attempt });
      const headers = this.#headers(secret, body);
      const exchange = (signal: AbortScope): Promise<HttpResponse> => {
        const request = { method, url, headers, body, signal, isUnsafe: info.safety === 'unsafe' };
        return this.#transport(request, trace);
      };
      const limits = state.attemptLimits();
      if (info.traced) updateContext(info.traced, { attempt });
      response = attemptTracer.isActive
        ? await this.#trace(state, queued, () => withLimits(limits, exchange))
        : await withLimits(limits, exchange);
      if (response.status === 429) pause = pauseAfter429(response, clock.date());
      rateLimit = this.#learn(response.headers, startedAt);
      state.serverClock = this.serverClock;
    } finally {
      permit?.release(rateLimit, pause);
    }
    if (permit && pause !== null && pause > 0)
      reporter.pause({ method, url, delay: Math.min(pause, MAX_PAUSE) });
    const { status } = response;
    const headers = withoutToken(response.headers, token);
    if (info.traced) updateContext(info.traced, { status, requestId: requestIdOf(headers) });
    if (reporter.hasListeners) {
      const elapsed = clock.now() - startedAt;
      const requestId = requestIdOf(headers);
      reporter.response({ method, url, attempt, status, elapsed, requestId, rateLimit });
    }
    return headers === response.headers ? response : { ...response, headers };
  }

  /** Sends the request for the subscribers of its tracing channel. */
  #trace(state: CallState, queued: number, send: () => Promise<HttpResponse>): Promise<HttpResponse> {
    const { token } = this.#options;
    const { method, url, scope } = state.info;
    const { attempt } = state;
    const context: TracedAttempt = {
      method,
      url,
      scope: scope(),
      attempt,
      queued,
      status: null,
      requestId: null,
    };
    const exchange = async (): Promise<HttpResponse> => {
      const response = await send();
      const requestId = requestIdOf(withoutToken(response.headers, token));
      updateContext(context, { status: response.status, requestId });
      return response;
    };
    return attemptTracer.run(context, exchange, (error) => {
      if (!(error instanceof Failure)) return error;
      error.message = excerpt(token.hide(error.message));
      return state.toError(error);
    });
  }

  /** Waits for a permit. That is no part of the time of the call. @returns how long, in milliseconds */
  async #queue(permit: Permit, state: CallState): Promise<number> {
    const { clock, reporter } = this.#options;
    const { method, url, background, traced } = state.info;
    const queuedAt = clock.now();
    const report = (): void => {
      const delay = Math.max(clock.now() - queuedAt, permit.expectedDelay);
      reporter.queue({ method, url, delay });
    };
    let cancel = (): void => undefined;
    // Polls are expected to wait.
    if (!background && reporter.reportsQueue) {
      if (permit.expectedDelay > REPORTED_DELAY) report();
      else cancel = clock.after(REPORTED_DELAY + 1, report);
    }
    try {
      await withLimits(state.queueLimits(), (scope) => permit.acquire(scope));
    } finally {
      cancel();
      state.addQueueTime(clock.now() - queuedAt);
      if (traced) updateContext(traced, { queued: traced.queued + clock.now() - queuedAt });
    }
    return clock.now() - queuedAt;
  }

  /** Closes idle connections. */
  close(): void {
    this.#transport.close();
  }

  #rateLimiter(tokenKey: string): RateLimiter {
    this.limiterKey = tokenKey;
    return rateLimiterFor(this.#options.clock, this.#options.endpoint, tokenKey, this.#sharing);
  }

  #learn(headers: Headers, sentAt: number): RateLimit | null {
    const rateLimit = rateLimitOf(headers);
    if (rateLimit) this.rateLimit = rateLimit;
    const date = serverDate(headers, NaN);
    if (!Number.isNaN(date)) this.serverClock = serverClockOf(date, sentAt, this.#options.clock.now());
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
