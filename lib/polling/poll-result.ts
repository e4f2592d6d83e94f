import type { JsonObject } from '../model/fields';

/** What a poll found out about one target. */
export type PollResult =
  | { kind: 'seen'; json: JsonObject }
  /** Not in any list yet, since it was just made. */
  | { kind: 'unseen' }
  | { kind: 'failed'; error: unknown };
