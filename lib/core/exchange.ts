import { adapted } from './adapted';
import { type Headers, rateLimitOf, requestIdOf, serverDate } from './answer';
import type { Attempts } from './attempts';
import { ACCEPT_ENCODING } from './body';
import { type Budget, budgetFor, type Limits } from './budget';
import { within } from './limits';
import type { Clock } from './clock';
import type { RateLimit } from './errors';
import { Failure } from './failure';
import type { Reporter } from './hooks';
import { askedFor, BACKOFF } from './retry';
import type { Token } from './token';
import type { TransportOptions } from './transport';
import { createWire, type Wire, type WireAnswer } from './wire';

/** What an exchange needs to know once. */
export interface ExchangeOptions {
  token: Token;
  clock: Clock;
  /** Of one attempt, in milliseconds. */
  timeout: number;
  transport: TransportOptions;
  /** Where the limits of a token hold. */
  endpoint: string;
  /** `null`: none. */
  limits: Limits | null;
  reporter: Reporter;
  userAgent: string;
}

/** One request and its answer: a token, a place in the budget, the wire, and what the answer's headers say. */
export class Exchange {
  /** From the last answer that carried the headers. */
  rateLimit: RateLimit | null = null;
  /** How far the server's clock is ahead of ours, in milliseconds, by the last answer that said its date. */
  skew = 0;
  readonly #options: ExchangeOptions;
  readonly #wire: Wire;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#wire = options.transport.adapter
      ? adapted(options.transport.adapter)
      : createWire(options.transport);
  }

  /**
   * Sends the attempt under way once.
   * @param background a look of a wait, which lets calls go first
   * @returns the answer, whatever its status
   * @throws Failure when none came; what a token function failed with; the signal's reason
   */
  async ask(
    { facts, trace, count: attempt }: Attempts,
    signal: AbortSignal,
    background: boolean,
  ): Promise<WireAnswer> {
    const { clock, timeout, token, reporter } = this.#options;
    const { method, url, body } = facts;
    const onTimeout = (): Failure =>
      new Failure({ kind: 'timeout', sent: trace.sent, message: `no complete answer within ${timeout} ms` });
    const limits = { clock, signals: [signal], timeout, onTimeout };
    const given = token.get();
    const secret = typeof given === 'string' ? given : await within(limits, () => given);
    // Waiting for a place is not part of the attempt, but it is of the call.
    const budget = await this.#place(secret, background, signal);
    const startedAt = clock.now();
    let answer: WireAnswer | null = null;
    try {
      reporter.request({ method, url, attempt });
      const headers = this.#headers(secret, body);
      const request = { method, url, headers, ...(body !== undefined && { body }) };
      answer = await within(limits, (ended) => this.#wire({ ...request, signal: ended }, trace));
    } finally {
      const isRefused = answer?.status === 429;
      const pause = isRefused ? (askedFor(answer, clock.date()) ?? BACKOFF.firstAfter429) : null;
      budget?.answered(answer && rateLimitOf(answer.headers), pause);
    }
    const rateLimit = this.#learn(answer.headers);
    const headers = withoutToken(answer.headers, token);
    const requestId = requestIdOf(headers);
    const elapsed = clock.now() - startedAt;
    reporter.response({ method, url, attempt, status: answer.status, elapsed, requestId, rateLimit });
    return { ...answer, headers };
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.#wire.close();
  }

  async #place(secret: string, background: boolean, signal: AbortSignal): Promise<Budget | null> {
    const { limits, clock, endpoint, token } = this.#options;
    if (!limits) return null;
    const budget = budgetFor(clock, endpoint, token.digest(secret));
    await budget.take(limits, background, signal);
    return budget;
  }

  #learn(headers: Headers): RateLimit | null {
    const { clock } = this.#options;
    const rateLimit = rateLimitOf(headers);
    if (rateLimit) this.rateLimit = rateLimit;
    this.skew = serverDate(headers, clock.date() + this.skew) - clock.date();
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
  return id ? { ...headers, 'x-request-id': token.hide(id) } : headers;
}
