import type { CallOptions } from '../util/options/call-types';
import { DOApiError, type RequestInfo, setName } from './errors';
import { cut, MAX_LONG_MESSAGE, requestMessage } from './message';

/** A longer problem would leave no space for what to do about it. */
const MAX_PROBLEM = 100;

/** What is known of a POST whose response was lost. */
export interface LostResponse extends RequestInfo {
  /** What happened instead of a response, in a few words. */
  problem: string;
  /** The status, when at least that arrived. */
  status: number | null;
  id: string | null;
  requestId: string | null;
}

/** Looks for what a POST started; resolves with `null` when it certainly started nothing. */
export type Reconcile = (options?: CallOptions) => Promise<unknown>;

/**
 * A POST was sent and its response was lost: it may have been carried out. The library does not retry it, since a second
 * POST is a second action. `reconcile()` looks for what the first one started.
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

  constructor(lost: LostResponse, reconcile?: Reconcile) {
    const text = `${cut(lost.problem, MAX_PROBLEM)}, so it may have been carried out; reconcile() looks for it before you send it again`;
    super(requestMessage(lost, text, '', MAX_LONG_MESSAGE), MAX_LONG_MESSAGE);
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
   * @returns the action (`act`, `transfer`, `convert`) or the image (`createCustomImage`) as soon as it is found; `null`
   *   when two consistent reads of the list did not find it, the second of them a minute after the POST, since lists omit
   *   new items for a while
   * @throws DOApiError when the list kept changing while it was read, and all errors of a request
   * @throws TypeError for a bare `request`: the library does not know what it starts
   */
  async reconcile(options?: CallOptions): Promise<T | null> {
    if (!this.#reconcile) {
      throw new TypeError(
        `reconcile: ${this.method} ${this.url} was a bare request, so only you know what to look for`,
      );
    }
    return (await this.#reconcile(options)) as T | null;
  }
}
setName(UnknownOutcomeError, 'UnknownOutcomeError');
