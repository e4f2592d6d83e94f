/** What a process tells a store about its waits. Times are in milliseconds. */
export interface PollReport {
  /** Names the process (strictly: one poller of it) among all that use the token; the same in all of its reports. */
  readonly member: string;
  /** What the member waits for, such as `actions/5`. */
  readonly targets: readonly string[];
  /** The states that the member has received as a leader since its last report, as JSON by target. */
  readonly states: Readonly<Record<string, string>>;
  /** How long the member leads, or is on the list of those who wait, without another report. */
  readonly validFor: number;
}

/** The answer of a store. */
export interface PollNews {
  /** Whether the member leads: it polls for all. */
  readonly leads: boolean;
  /** For a leader: what the other members wait for. */
  readonly targets: readonly string[];
  /** For the others: the last state of each of their targets that a leader has reported, as JSON, and its age. */
  readonly states: Readonly<Record<string, { readonly json: string; readonly age: number }>>;
}

/** The polls of tokens, shared by many processes: one of them polls for all. */
export interface SharedPolls {
  /**
   * Reports and asks, in one step.
   * @param key names a token at an endpoint; never the token itself
   * @throws when the store is away: the caller polls for itself
   */
  exchange(key: string, report: PollReport): Promise<PollNews>;
}
