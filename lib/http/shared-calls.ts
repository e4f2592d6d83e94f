import { type AnySignal, SharedAbort } from '../util/abort';
import type { Clock } from '../util/clock';
import { MINUTE } from '../util/time-units';
import { withLimits } from '../util/with-limits';
import { type Token, TokenDigests } from './token';
import type { TransportOptions } from './transport/types';

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
  private readonly inFlight = new Map<string, CallInFlight>();
  private readonly responses = new Map<string, RecentResponse & { clock: Clock }>();

  /** Whether it holds nothing that a later call could share. */
  get isIdle(): boolean {
    this.forget();
    return this.inFlight.size === 0 && this.responses.size === 0;
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

/**
 * By what leads to the API, then by endpoint and token. Process-wide, since two managers with one token reach the same images:
 * a request that both send is carried out twice.
 */
const sharedCalls = new WeakMap<object, Map<string, SharedCalls>>();

/** @param route an adapter; without one, the clock, whose times are compared */
function sharedCallsFor(route: object, endpoint: string, digest: string): SharedCalls {
  const accounts = sharedCalls.get(route) ?? new Map<string, SharedCalls>();
  const key = `${endpoint} ${digest}`;
  const known = accounts.get(key);
  if (known) return known;
  // Discards those of renewed tokens and of earlier test servers, which are not used again.
  for (const [name, { isIdle }] of accounts) if (isIdle) accounts.delete(name);
  const created = new SharedCalls();
  sharedCalls.set(route, accounts.set(key, created));
  return created;
}

interface SharingOptions {
  token: Token;
  endpoint: string;
  clock: Clock;
  transport: TransportOptions;
  /** Time limit of the token function, in milliseconds. */
  timeout: number;
}

/** Lets the calls of one manager be shared with those of all others that have its token and endpoint. */
export class CallSharing {
  readonly #options: SharingOptions;
  readonly #digests = new TokenDigests();

  constructor(options: SharingOptions) {
    this.#options = options;
  }

  /** See {@link SharedCalls.join}. */
  async join(key: string, signals: readonly (AnySignal | undefined)[], start: StartCall): Promise<unknown> {
    const { token, clock } = this.#options;
    // Not `await` for a known token: two calls of the same moment must find each other.
    const secret = token.latest() ?? (await this.#firstToken(signals));
    const calls = secret === null ? new SharedCalls() : this.#callsOf(secret);
    return calls.join(key, clock, signals, start);
  }

  /** See {@link SharedCalls.recent}. */
  recent(key: string): RecentResponse | null {
    const { token, clock } = this.#options;
    const secret = token.latest();
    return secret === null ? null : this.#callsOf(secret).recent(key, clock);
  }

  #callsOf(secret: string): SharedCalls {
    const { transport, clock, endpoint } = this.#options;
    return sharedCallsFor(transport.adapter ?? clock, endpoint, this.#digests.of(secret));
  }

  /** What a token function returns; `null` when it fails, which the attempt reports. */
  #firstToken(signals: readonly (AnySignal | undefined)[]): Promise<string | null> {
    const { clock, timeout, token } = this.#options;
    const limits = { clock, signals, timeout, onTimeout: () => undefined };
    return withLimits(limits, () => token.fetch()).catch(() => null);
  }
}
