import type * as AsyncHooks from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';

/**
 * Publishes work to the subscribers of a tracing channel of `node:diagnostics_channel`. Ask {@link isActive} first: without a
 * subscriber, nothing must be made for one.
 */
export class Tracer<Context extends object> {
  readonly #channel;

  constructor(name: string) {
    this.#channel = tracingChannel<Context, Context>(name);
  }

  /** Whether anything subscribes to one of the five events. `TracingChannel.hasSubscribers` came with Node 20.13. */
  get isActive(): boolean {
    const { start, end, asyncStart, asyncEnd, error } = this.#channel;
    return (
      start.hasSubscribers ||
      end.hasSubscribers ||
      asyncStart.hasSubscribers ||
      asyncEnd.hasSubscribers ||
      error.hasSubscribers
    );
  }

  /**
   * Runs work in the async context that subscribers bind to `start`, and publishes its events.
   * @param context what subscribers get; work may change it until it ends
   * @param errorOf the error that subscribers get for one of the work
   * @returns the promise of the work, without its value in the context: that holds the body of a response
   */
  async run<T>(
    context: Context,
    work: () => Promise<T>,
    errorOf: (error: unknown) => unknown = (error) => error,
  ): Promise<T> {
    let outcome!: Promise<T>;
    const traced = async (): Promise<void> => {
      outcome = work();
      try {
        await outcome;
      } catch (error) {
        throw errorOf(error);
      }
    };
    await this.#channel.tracePromise(traced, context).catch(() => undefined);
    // Assigned by now: a tracing channel runs its work at once.
    return outcome;
  }
}

/**
 * Keeps a context up to date. Subscribers have it too: one that they have frozen stays as it is, and the work goes on. Node publishes no
 * further events of it, since it cannot write the outcome there.
 */
export function updateContext<Context extends object>(context: Context, fields: Partial<Context>): void {
  for (const [name, value] of Object.entries(fields)) Reflect.set(context, name, value);
}

/** Returns a function that runs work in the async context of now. */
export function currentContext(): <R>(work: () => R) => R {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it is needed
  const { AsyncResource } = require('node:async_hooks') as typeof AsyncHooks;
  return AsyncResource.bind((work) => work());
}
