import type { Requester } from '../model/requester';
import type { WaitPolicy } from './wait-options';
import type { WaitTarget } from './waiter';
import type * as Watch from './poller';

/** Where the waits of one manager meet. */
export interface PollerFacade {
  wait<T>(subject: WaitTarget<T>, patience: WaitPolicy<T>): Promise<T>;
}

declare module '../model/requester' {
  interface Requester {
    readonly poller: PollerFacade;
  }
}

/** The room of a manager. What stands in it is loaded with the first wait: a program that waits for nothing does not pay. */
export function pollerOf(api: Requester): PollerFacade {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- at once: a wait has begun when the call returns
  const { pollerOf: lookoutOf } = require('./poller') as typeof Watch;
  return lookoutOf(api);
}
