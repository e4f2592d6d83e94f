import { type LostResponse, UnknownOutcomeError } from '../../errors/unknown-outcome';
import type { CallHistory, LastAttempt, Noun, OpenPost } from '../../model/requester';
import { type AnySignal, SharedAbort } from '../../util/abort';
import type { Clock } from '../../util/clock';
import { MINUTE } from '../../util/time-units';
import { withLimits } from '../../util/with-limits';
import type { CallInfo } from '../call-info';
import { PostHistory } from './post-history';
import type { Token } from '../token';
import { TokenDigests } from '../token-digests';
import type { TransportOptions } from '../transport/types';

/** The response to a shared call. */
export interface RecentResponse {
  /** Parsed JSON. */
  data: unknown;
  /** By `Clock.now()`. */
  receivedAt: number;
}

interface CallInFlight {
  response: Promise<unknown>;
  abort: SharedAbort;
}

/** Sends the request and checks its response. */
type StartCall = (signal: AnySignal) => Promise<unknown>;

/** Lists show an item after a minute at the latest, so that its response need not be remembered for longer. */
const RECENT = MINUTE;

/**
 * Calls that several callers share: while one is in flight, the others wait for its response. Its time limits are those of
 * the caller that started it. It is aborted when all callers have left.
 */
export class SharedCalls {
  readonly history = new PostHistory();
  private readonly inFlight = new Map<string, CallInFlight>();
  private readonly responses = new Map<string, RecentResponse & { clock: Clock }>();

  /** Whether no call is in flight. */
  get isIdle(): boolean {
    return this.inFlight.size === 0;
  }

  /**
   * Waits for the call in flight with this key, and starts it if there is none.
   * @param signals end the waiting of this caller
   * @returns its response
   */
  async join(
    key: string,
    clock: Clock,
    signals: readonly (AnySignal | undefined)[],
    start: StartCall,
  ): Promise<unknown> {
    let joined: CallInFlight | undefined;
    const limits = { clock, signals, timeout: Infinity, onTimeout: () => undefined };
    try {
      return await withLimits(limits, () => {
        joined = this.inFlight.get(key) ?? this.start(key, clock, start);
        joined.abort.join();
        return joined.response;
      });
    } finally {
      if (joined?.abort.release()) this.remove(key, joined);
    }
  }

  /** Whether a call with this key is in flight. */
  has(key: string): boolean {
    return this.inFlight.has(key);
  }

  /** The response to the last call with this key, when it was received within a minute of `clock`. */
  recent(key: string, clock: Clock): RecentResponse | null {
    this.forget();
    const response = this.responses.get(key);
    return response?.clock === clock ? response : null;
  }

  private start(key: string, clock: Clock, start: StartCall): CallInFlight {
    const abort = new SharedAbort(0);
    const call = { response: start(abort.signal), abort };
    this.inFlight.set(key, call);
    call.response.then(
      (data) => {
        // In one step with its removal, so that it is always either in flight or recent.
        this.forget();
        this.responses.set(key, { data, receivedAt: clock.now(), clock });
        this.remove(key, call);
      },
      () => this.remove(key, call),
    );
    return call;
  }

  /** A later call may have taken the place of one that its callers have left. */
  private remove(key: string, call: CallInFlight): void {
    if (this.inFlight.get(key) === call) this.inFlight.delete(key);
  }

  private forget(): void {
    for (const [key, { clock, receivedAt }] of this.responses)
      if (clock.now() - receivedAt >= RECENT) this.responses.delete(key);
  }
}

interface Accounts {
  byDigest: Map<string, SharedCalls>;
  /** Of token functions that have not returned yet. */
  byFunction: WeakMap<object, SharedCalls>;
}

/**
 * By what leads to the API: an adapter, or else the clock, whose times are compared. Process-wide, since two managers with one
 * token reach the same images: a request that both send is carried out twice.
 */
const accountsOf = new WeakMap<object, Accounts>();

/** Whether a POST has made an item cannot be told. */
const fitsAnything = (): null => null;

/** How many tokens of one route are known at once. Those that were used longest ago are forgotten. */
const MAX_TOKENS = 200;

/** Lets the calls of one manager be shared with those of all others that have its token, and what they have received. */
export class CallSharing implements CallHistory {
  readonly #token: Token;
  readonly #clock: Clock;
  readonly #accounts: Accounts;
  readonly #digests = new TokenDigests();

  constructor({ token, clock, transport }: { token: Token; clock: Clock; transport: TransportOptions }) {
    this.#token = token;
    this.#clock = clock;
    const route = transport.adapter ?? clock;
    this.#accounts = accountsOf.get(route) ?? { byDigest: new Map(), byFunction: new WeakMap() };
    accountsOf.set(route, this.#accounts);
  }

  /** See {@link SharedCalls.join}. @param key begins with the URL of the request */
  join(key: string, signals: readonly (AnySignal | undefined)[], start: StartCall): Promise<unknown> {
    const all = this.#sharedCalls();
    const calls = all.find((one) => one.has(key)) ?? all[0] ?? new SharedCalls();
    return calls.join(key, this.#clock, signals, start);
  }

  /** See {@link SharedCalls.recent}. */
  recent(key: string): RecentResponse | null {
    for (const calls of this.#sharedCalls()) {
      const response = calls.recent(key, this.#clock);
      if (response) return response;
    }
    return null;
  }

  /** Notes the ids in the response to a call. */
  received({ safety }: CallInfo, body: unknown): void {
    for (const { history } of this.#sharedCalls()) history.received(body, safety === 'unsafe');
  }

  /**
   * Runs a call, and notes it as unresolved when it is a POST that may have made something unknown.
   * @param attempt the state of the call, which shows its last attempt
   */
  track<T>(call: CallInfo, attempt: LastAttempt, run: () => Promise<T>): Promise<T> {
    // What a bare request makes is unknown.
    return call.fits || call.method === 'POST' ? this.#trackPost(call, attempt, run) : run();
  }

  async #trackPost<T>(
    { url, fits, signals }: CallInfo,
    attempt: LastAttempt,
    run: () => Promise<T>,
  ): Promise<T> {
    const clock = this.#clock;
    const post: OpenPost = { url, fits: fits ?? fitsAnything, clock, attempt, endedAt: null, lost: null };
    const before = this.#sharedCalls();
    for (const { history } of before) history.open(post);
    let isUnresolved = false;
    try {
      return await run();
    } catch (error) {
      if (error instanceof UnknownOutcomeError) post.lost = UnknownOutcomeError.lostResponseOf(error);
      const isAborted = attempt.mayHaveBeenSent && signals.some((signal) => signal?.aborted);
      isUnresolved = post.lost !== null || isAborted;
      throw error;
    } finally {
      post.endedAt = clock.now();
      // Without the state of the call, which is not kept in memory.
      const { sequence, sentAt } = attempt;
      post.attempt = { mayHaveBeenSent: true, sequence, sentAt };
      // A token function may have returned meanwhile, and the history of its token is another one.
      for (const { history } of new Set([...before, ...this.#sharedCalls()]))
        if (isUnresolved) history.open(post);
        else history.close(post);
    }
  }

  owner(noun: Noun, id: number): LostResponse | 'another call' | null {
    for (const { history } of this.#sharedCalls()) {
      const owner = history.owner(noun, id);
      if (owner) return owner;
    }
    return null;
  }

  wasSeenBefore(noun: Noun, id: number, sequence: number): boolean {
    return this.#sharedCalls().some(({ history }) => history.wasSeenBefore(noun, id, sequence));
  }

  unresolved(url: string): readonly OpenPost[] {
    return [...new Set(this.#sharedCalls().flatMap(({ history }) => history.unresolved(url)))];
  }

  resolve(lost: LostResponse, noun: Noun, id: number | null): void {
    for (const { history } of this.#sharedCalls()) history.resolve(lost, noun, id);
  }

  /** Those of the token, and those that were started before a token function returned it. */
  #sharedCalls(): SharedCalls[] {
    const { byDigest, byFunction } = this.#accounts;
    const [secret, source] = [this.#token.latest(), this.#token.function()];
    const all: SharedCalls[] = [];
    if (secret !== null) all.push(ofDigest(byDigest, this.#digests.of(secret)));
    if (source !== null) {
      const unnamed = byFunction.get(source) ?? new SharedCalls();
      byFunction.set(source, unnamed);
      all.push(unnamed);
    }
    return all;
  }
}

function ofDigest(byDigest: Map<string, SharedCalls>, digest: string): SharedCalls {
  const calls = byDigest.get(digest) ?? new SharedCalls();
  // Most programs have one token.
  if (byDigest.size === 1 && byDigest.has(digest)) return calls;
  // The one that was used last is the last one.
  byDigest.delete(digest);
  byDigest.set(digest, calls);
  if (byDigest.size <= MAX_TOKENS) return calls;
  for (const [name, { isIdle }] of byDigest) {
    if (!isIdle || name === digest) continue;
    byDigest.delete(name);
    break;
  }
  return calls;
}
