import { DOApiError, setName } from './errors';

/** A search did not lead to exactly one item. */
export class LookupError<T = unknown> extends DOApiError {
  /** The items that fit: none, or too many. */
  readonly candidates: readonly T[];

  constructor(message: string, candidates: readonly T[]) {
    super(message);
    this.candidates = candidates;
  }
}
setName(LookupError, 'LookupError');
