import type { AbortSignalLike } from '../util/platform-types';
import type { JsonObject } from './fields';

/** What the API calls the thing that is polled. */
export interface TargetRef {
  kind: 'action' | 'image' | 'droplet';
  id: number;
  /** The path of the resource that an action belongs to, such as `images/5`, if known. */
  parent?: string | null;
}

/** Something to wait for, as the resource describes itself. */
export interface WaitTarget<T> {
  /** For messages: `Action 36805527`. */
  name: string;
  /** The state known when the wait begins. */
  state: T;
  /** When that state was received, on the clock; `null` when only an id is known. */
  receivedAt: number | null;
  ref: (state: T) => TargetRef;
  status: (state: T) => string | null;
  /** When it began, in milliseconds since 1970 by the local clock; `null` when not known. */
  startedAt: (state: T) => number | null;
  /** Whether a poll may show a change although the status is the same. Default `false`. */
  changesWithin?: boolean;
  isDone: (state: T) => boolean;
  /** @throws Mismatch naming the field */
  read: (json: JsonObject, last: T) => T;
}

/** What a poll showed. */
export interface Progress<T = unknown> {
  /** The last state seen: an Action, Image or Droplet. */
  state: T;
  /** Milliseconds since the wait began. */
  elapsed: number;
  /** Polls so far. */
  polls: number;
}

/** The options of a wait, checked and complete. */
export interface WaitPolicy<T> {
  interval: number;
  timeout: number;
  signal: AbortSignalLike | undefined;
  throwOnError: boolean;
  /** May return a promise: when that rejects, the wait does. */
  onProgress: ((progress: Progress<T>) => unknown) | undefined;
}
