/**
 * What the adapter throws. They are no errors: axios reads and writes the stack of each error, which takes longer than the rest
 * of a request that fails. Both have the names that are read of any rejection: inherited, they would be foreign.
 */

/** Makes the next attempt start; the state of the retries is kept in `config`, which holds no token. */
export class RetryRequest<C> {
  readonly response = undefined;

  constructor(
    readonly config: C,
    /** In milliseconds. */
    readonly delay: number,
    readonly reason: string,
  ) {}
}

/** Carries an error past axios; it may be the caller's own. */
export class Passthrough {
  readonly response = undefined;
  readonly config = undefined;

  constructor(readonly error: unknown) {}
}
