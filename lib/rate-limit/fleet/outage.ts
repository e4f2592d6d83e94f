/** How the last questions to a store have ended, and what a process has to do about it. */
export class Outage {
  /** Questions without an answer, one after the other. */
  #failures = 0;
  #isReturning = false;
  #hasWarned = false;

  /** Whether the last question got no answer. */
  get hasBegun(): boolean {
    return this.#failures > 0;
  }

  /** One lost answer is no outage: the store is asked once more, and a stock is used meanwhile. */
  get isAway(): boolean {
    return this.#failures > 1;
  }

  /** Whether the process has been without the store since the last answer. */
  get isReturning(): boolean {
    return this.#isReturning;
  }

  fail(): void {
    this.#failures += 1;
    this.#isReturning ||= this.isAway;
  }

  /** The process rests: its next question shows whether the store is back. */
  rest(): void {
    this.#failures = Math.min(this.#failures, 1);
  }

  answered(): void {
    this.#failures = 0;
    this.#isReturning = false;
  }

  /** The store knows all again: the next outage is another one. */
  end(): void {
    this.#hasWarned = false;
  }

  /** @returns whether to warn: once for each outage */
  warnsNow(): boolean {
    const isFirst = !this.#hasWarned;
    this.#hasWarned = true;
    return isFirst;
  }
}
