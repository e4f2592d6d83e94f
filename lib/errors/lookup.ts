import { DOApiError, setName } from './errors';

/** A search did not lead to exactly one item. */
export class LookupError<T = unknown> extends DOApiError {
  /** The items that may be meant: none, several, or one of which this is not certain. */
  readonly candidates: readonly T[];

  constructor(message: string, candidates: readonly T[]) {
    super(message);
    this.candidates = candidates;
  }
}
setName(LookupError, 'LookupError');
