import type { RateLimit } from '../errors/errors';

/** Where the library writes what it does; never sees a token. Any logger with these four methods will do. */
export interface Logger {
  debug(message: string, data?: Record<string, unknown>): void;
  info(message: string, data?: Record<string, unknown>): void;
  warn(message: string, data?: Record<string, unknown>): void;
  error(message: string, data?: Record<string, unknown>): void;
}

/** An attempt that is about to be sent. */
export interface RequestEvent {
  method: string;
  url: string;
  /** 1 for the first. */
  attempt: number;
}

/** An answer that came, whatever its status. */
export interface ResponseEvent extends RequestEvent {
  status: number;
  /** Milliseconds from sending to the end of the body. */
  elapsed: number;
  requestId: string | null;
  rateLimit: RateLimit | null;
}

/** A pause before the next attempt. */
export interface RetryEvent extends RequestEvent {
  /** Milliseconds until the next attempt. */
  delay: number;
  /** What went wrong with this attempt, in a few words. */
  reason: string;
}

/** Called as things happen, with nothing in them that would have to be hidden. */
export interface Hooks {
  onRequest?: (event: RequestEvent) => void;
  onResponse?: (event: ResponseEvent) => void;
  onRetry?: (event: RetryEvent) => void;
}

/**
 * Tells the hooks and the logger. One that throws must not cost the caller an answer that has come, least of all that
 * of a POST: its error is reported as a process warning instead.
 */
export class Reporter {
  constructor(
    private readonly hooks: Hooks,
    private readonly logger: Logger | undefined,
  ) {}

  request(event: RequestEvent): void {
    if (!this.hasListeners) return;
    this.notify('onRequest', () => this.hooks.onRequest?.(event));
    this.notify('logger', () => this.logger?.debug(`${event.method} ${event.url}`, { ...event }));
  }

  response(describe: () => ResponseEvent): void {
    if (!this.hasListeners) return;
    const event = describe();
    this.notify('onResponse', () => this.hooks.onResponse?.(event));
    this.notify('logger', () =>
      this.logger?.debug(`${event.method} ${event.url}: ${event.status}`, { ...event }),
    );
  }

  private get hasListeners(): boolean {
    return (
      this.logger !== undefined || this.hooks.onRequest !== undefined || this.hooks.onResponse !== undefined
    );
  }

  retry(event: RetryEvent): void {
    this.notify('onRetry', () => this.hooks.onRetry?.(event));
    this.notify('logger', () => {
      const pause = Math.round(event.delay);
      this.logger?.warn(`${event.method} ${event.url}: ${event.reason}; again in ${pause} ms`, { ...event });
    });
  }

  private notify(name: string, call: () => unknown): void {
    const warn = (error: unknown): void =>
      process.emitWarning(
        `doapi-ts: ${name} threw: ${error instanceof Error ? error.message : 'not an Error'}`,
      );
    try {
      const given = call();
      // An async function fits the type as well, and its rejection would end the process.
      if (given instanceof Promise) given.catch(warn);
    } catch (error) {
      warn(error);
    }
  }
}
