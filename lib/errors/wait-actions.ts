import { excerpt } from '../util/text/sanitize';
import { DOApiError, setName } from './errors';

/** A wait for one of many actions that failed. */
export interface WaitFailure {
  /** The id of the action. */
  id: number;
  /** Why its state is not known: an error of the request for it. */
  error: unknown;
}

/** Some of many actions could not be waited for. Those that ended have been yielded before. */
export class WaitActionsError extends DOApiError {
  /** The actions that could not be waited for, each with its error, in the order in which the waits failed. */
  readonly failures: readonly WaitFailure[];

  /** @param count how many actions were waited for */
  constructor(failures: readonly WaitFailure[], count: number) {
    const [first] = failures;
    const reason = first ? `: action ${first.id}: ${excerpt(textOf(first.error))}` : '';
    const more = failures.length > 1 ? `; the others are in failures` : '';
    super(`${failures.length} of ${count} actions could not be waited for${reason}${more}`);
    this.failures = failures;
  }
}

setName(WaitActionsError, 'WaitActionsError');

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
