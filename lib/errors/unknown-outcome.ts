import type { CallOptions } from '../util/options/call-types';
import type { Moment, ServerClock } from '../util/server-clock';
import { DOApiError, type RequestInfo, setName } from './errors';
import { LookupError } from './lookup';
import { cut, MAX_LONG_MESSAGE, requestMessage } from './message';

/** A longer problem would leave no space for what to do about it. */
const MAX_PROBLEM = 100;

/** What is known of a request whose response was lost. */
export interface LostResponse extends RequestInfo {
  /** What happened instead of a response, in a few words. */
  problem: string;
  /** The status, when at least that arrived. */
  status: number | null;
  id: string | null;
  requestId: string | null;
  /** When the attempt that may have been carried out was sent, and when it had failed. */
  sentAt: Moment;
  lostAt: Moment;
  /** The place of that attempt among all attempts and responses of the process. */
  sequence: number;
  /** What the last `date` header before `lostAt` told of the server's clock. */
  serverClock: ServerClock | null;
}

/** Searches for what a request started; resolves with `null` when it started nothing. */
export type Reconcile = (lost: LostResponse, options: CallOptions) => Promise<unknown>;

/**
 * A POST or PATCH was sent and its response was lost: it may have been carried out. The library does not retry it, since a
 * second POST is a second action. `reconcile()` searches for what the first one started.
 */
export class UnknownOutcomeError<T = unknown> extends DOApiError {
  /** Of the request, such as `POST`. */
  readonly method: string;
  /** Of the request, with its query. */
  readonly url: string;
  /** Of the response, when at least that arrived; else `null`. */
  readonly status: number | null;
  /** DigitalOcean's name for the error, when a response had one; else `null`. */
  readonly id: string | null;
  /** The id to quote to DigitalOcean's support, when a response had one; else `null`. */
  readonly requestId: string | null;
  /** How many attempts were made. */
  readonly attempts: number;
  /** `false` once a search has found nothing: the request was not carried out and may be sent again. */
  readonly mayHaveExecuted: boolean = true;
  /** Whether `reconcile()` can search; `false` for a bare `request`. */
  readonly canReconcile: boolean;
  readonly #lost: LostResponse;
  readonly #reconcile: Reconcile | undefined;

  /** @internal */
  constructor(lost: LostResponse, reconcile?: Reconcile) {
    super(messageOf(lost, reconcile ? 'searchable' : 'unknown'), MAX_LONG_MESSAGE);
    this.method = lost.method;
    this.url = lost.url;
    this.status = lost.status;
    this.id = lost.id;
    this.requestId = lost.requestId;
    this.attempts = lost.attempts;
    this.canReconcile = reconcile !== undefined;
    this.#lost = lost;
    this.#reconcile = reconcile;
  }

  /**
   * Searches for what the lost request started. When it finds nothing, `mayHaveExecuted` becomes `false` and the message
   * says so.
   * @returns the action (`act`, `transfer`, `convert`) or the image (`createCustomImage`); `null` when two consistent reads
   *   of the list did not find it. Neither is said before a minute after the request, since lists omit new items for a while
   * @throws LookupError when it cannot be told what the request started: several items fit, or another POST may have made
   *   the one that fits, or clocks disagree. Its `candidates` are the items. DOApiError when the list kept changing while it
   *   was read, and all errors of a request. After each of them the outcome is still unknown
   * @throws TypeError for a bare `request`: the library does not know what it starts
   */
  async reconcile(options: CallOptions = {}): Promise<T | null> {
    if (!this.#reconcile) {
      throw new TypeError(
        `reconcile: ${this.method} ${this.url} was a bare request or one about an offer, so only you know what to look for`,
      );
    }
    try {
      const found = (await this.#reconcile(this.#lost, options)) as T | null;
      this.#conclude(found !== null);
      return found;
    } catch (error) {
      if (error instanceof LookupError) this.#conclude(true);
      throw error;
    }
  }

  /** What is known of the request. @internal */
  static lostResponseOf(error: UnknownOutcomeError): LostResponse {
    return error.#lost;
  }

  /** The same error for another caller of a shared request. @internal */
  static forCaller(error: UnknownOutcomeError, reconcile: Reconcile | undefined): UnknownOutcomeError {
    return new UnknownOutcomeError(error.#lost, reconcile);
  }

  /** A lagging list may show the item to a later search, so that the conclusion can be withdrawn. */
  #conclude(mayHaveExecuted: boolean): void {
    if (mayHaveExecuted === this.mayHaveExecuted) return;
    const message = messageOf(this.#lost, mayHaveExecuted ? 'searchable' : 'absent');
    // V8 has copied the message into the stack.
    if (this.stack !== undefined) this.stack = this.stack.replace(this.message, () => message);
    Object.assign(this, { mayHaveExecuted, message });
  }
}
setName(UnknownOutcomeError, 'UnknownOutcomeError');

const CONCLUSIONS = {
  unknown: ', so it may have been carried out; check before you send it again',
  searchable: ', so it may have been carried out; reconcile() looks for it before you send it again',
  absent: '; it was not carried out and may be sent again',
};

/** What happened is cut before the conclusion is. */
function messageOf(lost: LostResponse, conclusion: keyof typeof CONCLUSIONS): string {
  const text = cut(lost.problem, MAX_PROBLEM) + CONCLUSIONS[conclusion];
  return requestMessage(lost, text, '', MAX_LONG_MESSAGE);
}
