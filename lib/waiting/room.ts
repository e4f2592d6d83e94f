import type { Requester } from '../core/requester';
import type { Patience } from './patience';
import type { Subject } from './wait';
import type * as Watch from './watch';

/** Where the waits of one manager meet. */
export interface WaitRoom {
  wait<T>(subject: Subject<T>, patience: Patience<T>): Promise<T>;
}

/** The room of a manager. What stands in it is loaded with the first wait: a program that waits for nothing does not pay. */
export function roomOf(api: Requester): WaitRoom {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- at once: a wait has begun when the call returns
  const { lookoutOf } = require('./watch') as typeof Watch;
  return lookoutOf(api);
}
