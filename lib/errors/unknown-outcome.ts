import { DOApiError, type RequestInfo } from './errors';

/** What is known about a POST whose answer was lost. */
export interface LostAnswer extends RequestInfo {
  /** What happened instead of an answer, in a few words. */
  problem: string;
  /** The status, when at least that came. */
  status: number | null;
  id: string | null;
  requestId: string | null;
}

/** Looks for what a POST may have started; `null` when it is certain that nothing was. */
export type Reconcile = (options?: { signal?: AbortSignal }) => Promise<unknown>;

/**
 * A POST was sent and its answer was lost, so it may have been carried out. It is not sent again by itself:
 * a repeated POST is a second action. `reconcile()` looks for what it started.
 */
export class UnknownOutcomeError<T = unknown> extends DOApiError {
  readonly method: string;
  readonly url: string;
  readonly status: number | null;
  readonly id: string | null;
  readonly requestId: string | null;
  readonly attempts: number;
  readonly mayHaveExecuted = true;
  readonly #reconcile: Reconcile | undefined;

  constructor(lost: LostAnswer, reconcile?: Reconcile) {
    const request = lost.requestId ? ` (request ${lost.requestId})` : '';
    super(
      `${lost.method} ${lost.url}: ${lost.problem}, so it may have been carried out; reconcile() looks for it before you send it again${request}`,
    );
    this.method = lost.method;
    this.url = lost.url;
    this.status = lost.status;
    this.id = lost.id;
    this.requestId = lost.requestId;
    this.attempts = lost.attempts;
    this.#reconcile = reconcile;
  }

  /**
   * Looks for what the lost POST started.
   * @returns the action (`act`, `transfer`, `convert`) or the image (`createCustomImage`), at once where it is found;
   *   `null` when a consistent look, taken twice, did not find it, the second time a minute after the POST, since what
   *   was just made is missing from lists for a while.
   * @throws DOApiError when the list kept changing while it was read, and whatever a request can reject with
   * @throws TypeError for a bare `request`, of which the library cannot know what it started.
   */
  async reconcile(options?: { signal?: AbortSignal }): Promise<T | null> {
    if (!this.#reconcile) {
      throw new TypeError(
        `reconcile: ${this.method} ${this.url} was a bare request, so only you know what to look for`,
      );
    }
    return (await this.#reconcile(options)) as T | null;
  }
}
