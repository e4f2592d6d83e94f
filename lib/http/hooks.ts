import type { RateLimit } from '../errors/errors';

/** Receives what the library logs, never a token. Any logger with these four methods fits. */
export interface Logger {
  /** Each attempt and each response. */
  debug(message: string, data?: Record<string, unknown>): void;
  /** What delays a call, such as the rate limit. */
  info(message: string, data?: Record<string, unknown>): void;
  /** What failed and is retried. */
  warn(message: string, data?: Record<string, unknown>): void;
  /** For loggers as they are: the library throws its errors and does not log them. */
  error(message: string, data?: Record<string, unknown>): void;
}

/** An attempt is about to be sent. */
export interface RequestEvent {
  /** Such as `GET`. */
  method: string;
  /** With the query. */
  url: string;
  /** 1 for the first. */
  attempt: number;
}

/** A response arrived, whatever its status. */
export interface ResponseEvent extends RequestEvent {
  /** Such as 200. */
  status: number;
  /** Milliseconds from sending the request to the end of the body. */
  elapsed: number;
  /** The id to quote to DigitalOcean's support; `null` when the response has none. */
  requestId: string | null;
  /** From the headers of the response; `null` when it has none. */
  rateLimit: RateLimit | null;
}

/** An attempt failed and will be retried. */
export interface RetryEvent extends RequestEvent {
  /** Milliseconds until the next attempt. */
  delay: number;
  /** Why this attempt failed, in a few words. */
  reason: string;
}

/** A call has to wait for its place under the rate limit for more than a second. */
export interface QueueEvent {
  /** Such as `GET`. */
  method: string;
  /** With the query. */
  url: string;
  /** Milliseconds the call is expected to wait, by the requests that wait already and those of the last minute and hour. */
  delay: number;
}

/** Called for each event. Events never hold the token. */
export interface Hooks {
  /** Before each attempt. */
  onRequest?: ((event: RequestEvent) => void) | undefined;
  /** After each response. */
  onResponse?: ((event: ResponseEvent) => void) | undefined;
  /** When an attempt failed and will be retried. */
  onRetry?: ((event: RetryEvent) => void) | undefined;
  /** When a call has to wait for the rate limit for more than a second. */
  onQueue?: ((event: QueueEvent) => void) | undefined;
}

/**
 * Reports events to the hooks and the logger. An error that one of them throws becomes a process warning: it must not
 * lose a response that has arrived, least of all that of a POST.
 */
export class Reporter {
  constructor(
    private readonly hooks: Hooks,
    private readonly logger: Logger | undefined,
  ) {}

  /** Whether an attempt or a response would be reported at all: to describe a response costs. */
  get hasListeners(): boolean {
    return (
      this.logger !== undefined || this.hooks.onRequest !== undefined || this.hooks.onResponse !== undefined
    );
  }

  /** Whether a wait for the rate limit would be reported. */
  get reportsQueue(): boolean {
    return this.logger !== undefined || this.hooks.onQueue !== undefined;
  }

  queue(event: QueueEvent): void {
    this.notify('onQueue', () => this.hooks.onQueue?.(event));
    this.notify('logger', () => {
      const seconds = Math.ceil(event.delay / 1_000);
      return this.logger?.info(`${event.method} ${event.url}: waits for the rate limit, about ${seconds} s`, {
        ...event,
      });
    });
  }

  request(event: RequestEvent): void {
    if (!this.hasListeners) return;
    this.notify('onRequest', () => this.hooks.onRequest?.(event));
    this.notify('logger', () => this.logger?.debug(`${event.method} ${event.url}`, { ...event }));
  }

  response(event: ResponseEvent): void {
    this.notify('onResponse', () => this.hooks.onResponse?.(event));
    this.notify('logger', () =>
      this.logger?.debug(`${event.method} ${event.url}: ${event.status}`, { ...event }),
    );
  }

  retry(event: RetryEvent): void {
    this.notify('onRetry', () => this.hooks.onRetry?.(event));
    this.notify('logger', () => {
      const delay = Math.round(event.delay);
      return this.logger?.warn(`${event.method} ${event.url}: ${event.reason}; retrying in ${delay} ms`, {
        ...event,
      });
    });
  }

  /**
   * A 429 holds back all requests of the token, also those of other managers, which must not look like a hang.
   * @param delay for how long, in milliseconds
   */
  pause(event: { method: string; url: string; delay: number }): void {
    this.notify('logger', () => {
      const seconds = Math.ceil(event.delay / 1_000);
      return this.logger?.warn(
        `${event.method} ${event.url}: 429; all requests with this token pause for ${seconds} s`,
        { ...event },
      );
    });
  }

  /**
   * The store that processes share is away, or has lost its memory. A fleet is slower now, which must be seen without a
   * logger, too.
   */
  storeAway(error: unknown, share: number): void {
    const reason = error instanceof Error ? error.message : String(error);
    const part = Math.round(share * 100);
    const message = `the shared store grants no permits, and this process goes on with ${part} % of the rate limit: ${reason}`;
    if (this.logger) this.notify('logger', () => this.logger?.warn(message, { reason }));
    else process.emitWarning(message, { type: 'DOApiWarning', code: 'DOAPI_STORE_AWAY' });
  }

  private notify(name: string, call: () => unknown): void {
    const warn = (error: unknown): void =>
      process.emitWarning(
        `doapi-ts: ${name} threw: ${error instanceof Error ? error.message : 'not an Error'}`,
      );
    try {
      const result = call();
      // The type admits async functions, whose rejection would end the process. A promise may be of another realm.
      if (result !== undefined) Promise.resolve(result).catch(warn);
    } catch (error) {
      warn(error);
    }
  }
}
