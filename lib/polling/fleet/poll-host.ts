import type { JsonObject } from '../../model/fields';
import type { TargetRef } from '../../model/wait-target';
import type { Clock } from '../../util/clock';
import type { PollTarget } from '../poll-target';
import type { Waiter } from '../waiter';

/** What the member of a fleet needs of the manager that it belongs to. */
export interface PollAccount {
  readonly endpoint: string;
  /** Names the token; `null` as long as it is not known. */
  readonly tokenKey: () => string | null;
  /** The declared fields of an action, image or Droplet. @throws TypeError when they cannot be read */
  readonly declaredFields: (kind: TargetRef['kind'], json: JsonObject) => object;
  /** The text without the token. */
  readonly hide: (text: string) => string;
}

/** What the member of a fleet needs of the poller that it belongs to. */
export interface PollHost {
  readonly clock: Clock;
  /** Everything that is polled. */
  readonly targets: () => readonly PollTarget[];
  readonly find: (ref: Pick<TargetRef, 'kind' | 'id'>) => PollTarget | undefined;
  /** Polls for a waiter of another process. */
  readonly add: (waiter: Waiter<unknown>) => void;
  /** Polls for it no longer. */
  readonly remove: <T>(waiter: Waiter<T>) => void;
  /** Wants a tick at this time, on the clock. */
  readonly tickAt: (time: number) => void;
  /** What is due, or when, has changed. */
  readonly reschedule: () => void;
}
