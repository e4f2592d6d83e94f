/** A request of a look. It ends when nobody is left who would want to know. */
export class Errand {
  private readonly controller = new AbortController();

  /** @param wanting for how many it goes */
  constructor(private wanting: number) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** One of them knows already, or no longer waits. */
  forget(): void {
    this.wanting -= 1;
    if (this.wanting === 0) this.controller.abort();
  }
}
