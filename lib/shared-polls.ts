/** What a member needs of the polls of a target. Times are in milliseconds. */
export interface PollDemand {
  /** The path of the resource that an action belongs to, such as `images/5`; `null` when there is none or it is not known. */
  readonly parent: string | null;
  /** Shortest pause between two polls. */
  readonly interval: number;
  /** When the next poll is due, from the moment of the report. */
  readonly dueIn: number;
  /** Since when the target exists, or has been waited for, up to the moment of the report. */
  readonly age: number;
  /** Whether it was just made: lists may not show it yet, and a 404 proves nothing. */
  readonly isNew: boolean;
  /** Whether no state is known yet: the poll that is due cannot wait for others. */
  readonly isUrgent: boolean;
}

/** The demands of a member, by target, such as `actions/5`. */
export type PollDemands = Readonly<Record<string, PollDemand>>;

/** What a poll of the leader has shown of a target, which other processes may have. */
export interface SharedState {
  /**
   * The declared fields of the action, image or Droplet as JSON. `null`: each member has to ask for itself, since the poll was
   * refused, or what it has shown cannot be read or quotes the token.
   */
  readonly json: string | null;
  /** How long ago its request was sent at most, in milliseconds. */
  readonly age: number;
}

/** What a process tells a store about its waits. Times are in milliseconds. */
export interface PollReport {
  /** Names the process (strictly: one poller of it) among all that use the token; the same in all of its reports. */
  readonly member: string;
  /** What the member waits for; `null`: as before. Empty: the member leaves, and leads no longer. */
  readonly demands: PollDemands | null;
  /** What the member has received as a leader since its last report, by target. */
  readonly states: Readonly<Record<string, SharedState>>;
  /** The requests of its last round of polls. */
  readonly requests: number;
  /** How long the member leads, and its demands and states count, without another report: its lease. */
  readonly lease: number;
  /** Whether states that the member needs are late: it takes the place of a leader that has had the time of a lease. */
  readonly isOverdue: boolean;
  /** The `cursor` of the last answer; 0 before the first. */
  readonly cursor: number;
}

/** The answer of a store. */
export interface PollNews {
  /** Whether the member leads: it polls for all. */
  readonly leads: boolean;
  /** Whether the store knows what the member waits for; if not, the next report has to tell it again. */
  readonly isKnown: boolean;
  /** Names the moment of the answer. */
  readonly cursor: number;
  /** For a leader: the other members. */
  readonly others: readonly string[];
  /** For a leader: the demands of other members that are new since `cursor` of the report, and their age in milliseconds. */
  readonly demands: Readonly<
    Record<
      string,
      {
        /** How long ago they were reported. */
        readonly age: number;
        /** All that the member waits for. */
        readonly demands: PollDemands;
      }
    >
  >;
  /**
   * For a member that has not led: the last state of each of its targets that is new since `cursor` of the report. All those
   * that the store has, of targets that the member has not waited for before.
   */
  readonly states: Readonly<Record<string, SharedState>>;
  /** The requests of the leader's last round. */
  readonly requests: number;
}

/**
 * The polls of tokens, shared by many processes: one of them, the leader, polls for all. The first member that reports
 * leads, until its lease has expired, it leaves, or a member whose states are late takes its place. Each time a new leader
 * has no states to show, the next change of leaders takes twice as long. Only the clock of the store counts.
 */
export interface SharedPolls {
  /**
   * Reports and asks, in one step that no other report comes between.
   * @param key names a token at an endpoint; never the token itself
   * @throws when the store is away: the caller polls for itself and tries again
   */
  exchange(key: string, report: PollReport): Promise<PollNews>;
}
