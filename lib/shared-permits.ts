/** What a process tells a store about its permits, and how many it wants. Times are in milliseconds. */
export interface PermitReport {
  /** Names the process (strictly: one limiter of it) among all that use the token; the same in all of its reports. */
  readonly member: string;
  /** Numbers the reports of a member: 1, 2, …; a report that arrives after a later one has no effect. */
  readonly sequence: number;
  /** The `epoch` of the last answer; `''` before the first. */
  readonly epoch: string;
  /** The limits of the requests that want permits. */
  readonly limits: {
    /** In 60 seconds. */
    readonly perMinute: number;
    /** In 3,600 seconds. */
    readonly perHour: number;
  };
  /** Whether the member has been without the store since the last answer: it may have sent requests without permits. */
  readonly returns: boolean;
  /** Permits the member holds: not used yet, or of requests in flight. All others that it had have ended or are given back. */
  readonly held: number;
  /** Requests of the member that have ended, ever. */
  readonly ended: number;
  /** How long ago the last of them has ended: they count from then on. */
  readonly endedAgo: number;
  /** `ended`, as the last report that was answered had it. */
  readonly acknowledged: number;
  /** Requests of the member that have ended in the last minute and in the last hour: no more of `ended` can count still. */
  readonly recent: {
    /** In the last 60 seconds. */
    readonly minute: number;
    /** In the last 3,600 seconds. */
    readonly hour: number;
  };
  /** Requests that wait for a permit. */
  readonly calls: number;
  /** Polls that wait for a permit: calls of all members go first. */
  readonly polls: number;
  /** Whether a wait is under way: calls leave a share of the permits to polls. */
  readonly expectsPolls: boolean;
  /** Permits the member would like to have in stock, if nothing is short. */
  readonly spare: number;
  /** For how long a 429 pauses all requests of the token; `null` without a 429 since the last report. */
  readonly pause: number | null;
  /** The lowest `ratelimit-remaining` since the last report, and how long it holds; `null` without one. */
  readonly remaining: {
    /** How many the server still allows. */
    readonly requests: number;
    /** In milliseconds from the moment of the report. */
    readonly validFor: number;
  } | null;
}

/** The answer of a store. Times are in milliseconds from the moment of the answer. */
export interface PermitGrant {
  /** Names what the store remembers, and how far its memory goes: the next report shows the store whether it has lost some. */
  readonly epoch: string;
  /** Permits for the member, besides those that it holds. */
  readonly granted: number;
  /** How long all permits of the member hold without another report, from the moment at which this one was sent. */
  readonly validFor: number;
  /** When the next report has a chance of permits, if some were not granted. */
  readonly retryIn: number;
  /** How long no request of the token may be sent, after a 429 of any member; 0: no pause. */
  readonly pausedFor: number;
  /** Whether only one request of the token should be in flight: after a 429, and when `ratelimit-remaining` is used up. */
  readonly oneByOne: boolean;
  /**
   * How long the store does not know enough to grant permits, since it has lost its memory: until then each member goes on
   * with its share; 0: it knows.
   */
  readonly rebuildsFor: number;
  /** What the limits leave to all members together now. */
  readonly left: {
    /** In 60 seconds. */
    readonly perMinute: number;
    /** In 3,600 seconds. */
    readonly perHour: number;
  };
}

/**
 * The permits of tokens, shared by many processes. A permit counts from its grant until the window has passed after the end
 * of its request, or after the member that holds it was last heard of and its permits have expired: so the limits hold
 * in every window, whatever happens to a member. Only the clock of the store counts.
 */
export interface SharedPermits {
  /** The part of the budget that a process goes on with while the store is away: more than 0, at most 1. */
  readonly share: number;
  /**
   * Reports and asks, in one step that no other report comes between.
   * @param key names a token at an endpoint; never the token itself
   * @throws when the store is away: the caller tries again, and goes on with its share from the second time on. No answer within
   *   ten seconds is the same
   */
  exchange(key: string, report: PermitReport): Promise<PermitGrant>;
}
