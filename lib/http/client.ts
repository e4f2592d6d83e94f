// class-transformer needs it to infer types; the declarations of fields leave nothing to infer.
import 'reflect-metadata';
import type { AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios';
// The build without axios's adapters for Node: they are not used here and take as long to load as everything else.
import axios from 'axios/dist/browser/axios.cjs';
import axiosRetry from 'axios-retry';
import { UnknownOutcomeError } from '../errors/unknown-outcome';
import { Mismatch } from '../model/fields';
import type { Call } from '../model/requester';
import type { AnySignal } from '../util/abort';
import { sleep } from '../util/clock';
import { excerpt, describeValue } from '../util/sanitize';
import { withLimits } from '../util/with-limits';
import { type AttemptOptions, AttemptSender } from './attempt';
import { type CallInfo, type CallLimits, type CallSettings, CallState, describeFailure } from './call-state';
import { Failure, type FailureKind } from './failure';
import { NotJson, parseJson } from './json';
import { RetryBudget } from './retry-budget';
import { type Safety, safetyOf } from './retry-policy';
import { CallSharing, type RecentResponse } from './shared-calls';
import type { Token } from './token';
import type { HttpResponse } from './transport/types';

export interface HttpClientOptions extends AttemptOptions, CallLimits {
  /** How many attempts may follow the first. */
  retries: number;
  /** Ends all calls. */
  signal: AnySignal;
  /** Returns the scope a call needs, for the error of a 403. */
  scopeOf: (method: string, url: string) => string | null;
  random?: () => number;
}

/** What a call ends with when it succeeds. */
interface ParsedResponse {
  response: HttpResponse;
  data: unknown;
}

/** `state` is an instance of a class, since axios copies plain objects. */
type CallConfig = AxiosRequestConfig & { state: CallState };

/**
 * Sends calls. axios carries the request and axios-retry repeats it. The adapter is the library's own, since only it
 * knows in which phase a connection failed; so are all decisions and errors.
 */
export class HttpClient {
  /** Knows rate limit and clock skew of the last responses. */
  readonly sender: AttemptSender;
  readonly #options: HttpClientOptions;
  readonly #settings: CallSettings;
  readonly #axios: AxiosInstance;
  readonly #sharing: CallSharing;

  constructor(options: HttpClientOptions) {
    const { clock, timeout, deadline, retries, random = Math.random } = options;
    this.#options = options;
    this.#settings = {
      limits: { timeout, deadline },
      retries,
      retryBudget: new RetryBudget(),
      clock,
      random,
    };
    this.sender = new AttemptSender(options);
    this.#sharing = new CallSharing(options);
    this.#axios = this.#createAxios();
  }

  /** Sends a call, retries it by the rules, and reads the response. */
  async send<T>(url: string, call: Call<T>): Promise<T> {
    const info = this.#infoOf(url, call);
    if (call.shareKey !== undefined) return this.#share(call.shareKey, info, call);
    const [, value] = await this.#run(info, call);
    return value;
  }

  /** The last response to the calls with this key, when it was received less than a minute ago. */
  recentResponse(shareKey: string): RecentResponse | null {
    return this.#sharing.recent(shareKey);
  }

  /** Joins the call of this key that is in flight, or starts it. Each caller's signals end only its own waiting. */
  async #share<T>(key: string, info: CallInfo, call: Call<T>): Promise<T> {
    const start = async (signal: AnySignal): Promise<unknown> => {
      const [data] = await this.#run({ ...info, signals: [signal] }, call);
      return data;
    };
    try {
      return call.read(await this.#sharing.join(key, info.signals, start));
    } catch (error) {
      throw error instanceof UnknownOutcomeError
        ? UnknownOutcomeError.forCaller(error, call.reconcile)
        : error;
    }
  }

  async #run<T>(info: CallInfo, call: Call<T>): Promise<[data: unknown, value: T]> {
    const { token } = this.#options;
    const state = new CallState(info, this.#settings);
    const { data, response } = await this.#request(state);
    try {
      return [data, call.read(data)];
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      const { message } = error.without((text) => token.hide(text));
      throw state.unreadableError(message, response);
    }
  }

  #infoOf(url: string, call: Call<unknown>): CallInfo {
    const { signal, scopeOf } = this.#options;
    const { method = 'GET', reconcile } = call;
    return {
      method,
      url,
      body: JSON.stringify(call.body),
      safety: safetyOf(method, call.idempotent),
      signals: [call.signal, signal],
      background: call.background ?? false,
      scope: () => scopeOf(method, url),
      reconcile,
    };
  }

  async #request(state: CallState): Promise<ParsedResponse> {
    // axios merges its configuration name by name, for every request: one name holds all that an attempt needs.
    const config: CallConfig = { state };
    try {
      const { data } = await this.#axios.request<ParsedResponse>(config);
      return data;
    } catch (error) {
      throw error instanceof PassthroughError ? error.reason : error;
    }
  }

  #createAxios(): AxiosInstance {
    const { clock, reporter } = this.#options;
    const client = axios.create({
      adapter: (config) => this.#attempt(config as CallConfig & typeof config),
    });
    // axios merges its defaults into every request, which costs more than all the rest of it. The library writes and reads
    // headers and bodies itself, and its adapter needs no other option.
    const { defaults } = client;
    for (const name of Object.keys(defaults)) if (name !== 'adapter') Reflect.deleteProperty(defaults, name);
    axiosRetry(client, {
      // `CallState` counts the attempts.
      retries: Infinity,
      retryCondition: (error: unknown) => error instanceof RetryRequest,
      // The delay is in `onRetry`: on the injected clock, and within the limits of the call.
      retryDelay: () => 0,
      onRetry: async (_count, error: unknown) => {
        const { config, delay, reason } = error as RetryRequest;
        const { state } = config;
        const { method, url } = state.info;
        reporter.retry({ method, url, attempt: state.attempt, delay, reason });
        const wait = withLimits(state.overallLimits(), (scope) => sleep(clock, delay, scope));
        await wait.catch((cause: unknown) => {
          throw new PassthroughError(cause);
        });
      },
    });
    return client;
  }

  /** The adapter of axios: sends one attempt and decides what follows when it fails. */
  async #attempt(config: CallConfig & { headers: unknown }): Promise<AxiosResponse<ParsedResponse>> {
    const { state } = config;
    try {
      state.throwIfEnded();
      state.startAttempt();
      const response = await this.sender.send(state);
      const data = parseResponse(response, state.info.safety, this.#options.token);
      this.#settings.retryBudget.earn();
      return toAxiosResponse({ data, response }, config);
    } catch (error) {
      if (!(error instanceof Failure)) throw new PassthroughError(error);
      error.message = excerpt(this.#options.token.hide(error.message));
      const decision = state.decide(error);
      switch (decision.action) {
        case 'retry':
          throw new RetryRequest(config, decision.delay, describeFailure(error));
        case 'succeed':
          return toAxiosResponse({ data: null, response: decision.response }, config);
        case 'fail':
          throw new PassthroughError(decision.error);
      }
    }
  }
}

/** Makes axios-retry start the next attempt; it keeps its own state in `config`, which holds no token. */
class RetryRequest extends Error {
  constructor(
    readonly config: CallConfig,
    /** In milliseconds. */
    readonly delay: number,
    readonly reason: string,
  ) {
    super();
  }
}

/** Carries an error past axios, which writes into the stack of every error it passes on; it may be the caller's own. */
class PassthroughError extends Error {
  constructor(readonly reason: unknown) {
    super();
  }
}

/** axios needs neither the status nor the headers: it passes `data` on. */
function toAxiosResponse(data: ParsedResponse, config: CallConfig): AxiosResponse<ParsedResponse> {
  const { status } = data.response;
  return { data, status, statusText: '', headers: undefined as never, config: config as never };
}

/**
 * The data of a 2xx, unchanged.
 * @throws Failure for any other status, and for a body that is not JSON; the token is removed from what it quotes
 */
function parseResponse(response: HttpResponse, safety: Safety, token: Token): unknown {
  const failure = (kind: FailureKind, message: (body: string) => string): Failure => {
    const body = token.hide(response.body);
    return new Failure({
      kind,
      mayHaveBeenSent: true,
      message: message(body),
      response: { ...response, body },
    });
  };
  if (response.status < 200 || response.status >= 300) throw failure('status', () => String(response.status));
  try {
    const data = parseJson(response.body);
    // A GET must return something; for all other methods an empty body is a success.
    if (data === null && safety === 'safe') throw new NotJson('an empty body instead of JSON');
    return data;
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    const kind = error.isWellFormed ? 'protocol' : 'unreadable';
    throw failure(kind, (body) => error.message + (body.trim() === '' ? '' : `: ${describeValue(body)}`));
  }
}
