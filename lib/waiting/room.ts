import type { Requester } from '../core/requester';
import type { Patience } from './patience';
import type { Subject } from './wait';

/** Where the waits of one manager meet. */
export interface WaitRoom {
  wait<T>(subject: Subject<T>, patience: Patience<T>): Promise<T>;
}

/** The look-out is loaded with the first wait: a program that waits for nothing does not pay for it. */
export function roomOf(api: Requester): WaitRoom {
  return {
    async wait(subject, patience) {
      const { lookoutOf } = await import('./watch');
      return lookoutOf(api).wait(subject, patience);
    },
  };
}
