/** What the adapter throws. Both errors have the names that are read of any error: inherited, they would be foreign. */

/** Makes the next attempt start; the state of the retries is kept in `config`, which holds no token. */
export class RetryRequest<C> extends Error {
  readonly response = undefined;

  constructor(
    readonly config: C,
    /** In milliseconds. */
    readonly delay: number,
    readonly reason: string,
  ) {
    super();
  }
}

/** Carries an error past the library that sends, which writes into the stack of every error; it may be the caller's own. */
export class PassthroughError extends Error {
  readonly response = undefined;
  readonly config = undefined;

  constructor(readonly reason: unknown) {
    super();
  }
}
