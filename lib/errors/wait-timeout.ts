import { DOApiError, setName } from './errors';
import type { WaitFailure } from './wait-actions';

/** The time of a wait is up before everything it waits for has ended. The work continues at DigitalOcean. */
export class WaitTimeoutError<T = unknown> extends DOApiError {
  /** The last state seen of everything that has not ended. */
  readonly inProgress: readonly T[];
  /** Milliseconds waited. */
  readonly elapsed: number;
  /** How often it was polled. */
  readonly polls: number;
  /** The actions of `waitActions` that could not be waited for, each with its error; otherwise empty. */
  readonly failures: readonly WaitFailure[];

  /**
   * @param subject what has not ended, as the subject of a sentence: `Action 5`, `2 of 3 actions`
   * @param problem why the last poll showed no state; becomes `cause`
   */
  constructor(
    subject: string,
    inProgress: readonly T[],
    elapsed: number,
    polls: number,
    problem: unknown = null,
    failures: readonly WaitFailure[] = [],
  ) {
    const [is, continues] = inProgress.length > 1 ? ['are', 'they continue'] : ['is', 'it continues'];
    const after = `after ${Math.round(elapsed / 1000)} s and ${polls} ${polls === 1 ? 'poll' : 'polls'}`;
    const found =
      inProgress.length === 0
        ? `was not found ${after}`
        : `${is} still in progress ${after}; ${continues} at DigitalOcean`;
    super(`${subject} ${found}: wait again, or with a longer timeout`);
    this.inProgress = inProgress;
    this.elapsed = elapsed;
    this.polls = polls;
    this.failures = failures;
    if (problem !== null) this.cause = problem;
  }
}
setName(WaitTimeoutError, 'WaitTimeoutError');
