// class-transformer needs it to infer types; the declarations of fields leave nothing to infer.
import 'reflect-metadata';
import type { AxiosInstance, AxiosRequestConfig, AxiosResponse, AxiosStatic } from 'axios';
import axiosRetry from 'axios-retry';
import { toCaller } from '../errors/caller-stack';
import { UnknownOutcomeError } from '../errors/unknown-outcome';
import { Mismatch } from '../model/fields';
import { checkCallOptions } from '../model/call-options';
import type { Call } from '../model/requester';
import { callTracer, type TracedCall } from '../model/trace-channels';
import { type AnySignal, throwIfAborted } from '../util/abort';
import { sleep } from '../util/clock';
import { ownOptions, toJsonText } from '../util/options/own-options';
import { excerpt } from '../util/text/sanitize';
import { leavingUnmade } from './unmade-globals';
import { withLimits } from '../util/with-limits';
import { type AttemptOptions, AttemptSender } from './attempt';
import { Passthrough, RetryRequest } from './attempt-outcome';
import { type CallInfo, type CallLimits, type CallSettings, settingsOf } from './call-info';
import { CallState } from './call-state';
import { describeFailure } from './response/error-body';
import { parseResponse } from './response/parse-response';
import { Failure } from './failure';
import { RetryBudget } from './retry-budget';
import { safetyOf } from './retry-policy';
import { CallSharing } from './sharing/shared-calls';
import type { HttpResponse } from './transport/types';

// Of all its adapters, none is used here: those for Node take as long to load as all the rest, and for that for fetch, Node would load
// another HTTP client.
const UNUSED = ['FormData', 'ReadableStream', 'Request', 'Response'];
// eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would be loaded before
const load = (): unknown => require('axios/dist/browser/axios.cjs');
const { default: axios } = leavingUnmade(UNUSED, load) as { default: AxiosStatic };

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
  /** What calls share, and what they have received. */
  readonly sharing: CallSharing;

  constructor(given: HttpClientOptions) {
    const options = ownOptions(given);
    const { clock, retries, token, deniedScopes, random = Math.random } = options;
    const { timeout, deadline, queueTimeout } = options;
    this.#options = options;
    this.#settings = {
      limits: { timeout, deadline, queueTimeout },
      retries,
      retryBudget: new RetryBudget(),
      isTokenRenewable: token.isRenewable,
      deniedScopes,
      clock,
      random,
    };
    this.sender = new AttemptSender(options);
    this.sharing = new CallSharing(options);
    this.#axios = this.#createAxios();
  }

  /** Sends a call, retries it by the rules, and reads the response. */
  send<T>(url: string, call: Call<T>): Promise<T> {
    if (!callTracer.isActive) return this.#send(url, call);
    const { method = 'GET', background: isPoll = false } = call;
    const scope = this.#options.scopeOf(method, url);
    const traced = { method, url, scope, isPoll, attempt: 0, queued: 0, status: null, requestId: null };
    return callTracer.run(traced, () => this.#send(url, call, traced));
  }

  async #send<T>(url: string, call: Call<T>, traced?: TracedCall): Promise<T> {
    const info = this.#infoOf(url, call, traced);
    const throwError = toCaller(info.signals);
    if (call.shareKey !== undefined) return this.#share(call.shareKey, info, call).catch(throwError);
    return (await this.#run(info, call).catch(throwError))[1];
  }

  /** Joins the call of this key that is in flight, or starts it. Each caller's signals end only its own waiting. */
  async #share<T>(key: string, info: CallInfo, call: Call<T>): Promise<T> {
    const start = async (signal: AnySignal): Promise<unknown> =>
      (await this.#run({ ...info, signals: [signal] }, call))[0];
    try {
      return call.read(await this.sharing.join(key, info.signals, start));
    } catch (error) {
      for (const signal of info.signals) throwIfAborted(signal);
      throw error instanceof UnknownOutcomeError
        ? UnknownOutcomeError.forCaller(error, info.reconcile)
        : error;
    }
  }

  #run<T>(info: CallInfo, call: Call<T>): Promise<[data: unknown, value: T]> {
    const state = new CallState(info, settingsOf(this.#settings, call));
    return this.sharing.track(info, state, () => this.#receive(state, call));
  }

  async #receive<T>(state: CallState, call: Call<T>): Promise<[data: unknown, value: T]> {
    const { token } = this.#options;
    const { data, response } = await this.#request(state);
    try {
      const value = call.read(data);
      this.sharing.received(state.info, data);
      return [data, value];
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      const { message } = error.without((text) => token.hide(text));
      throw state.unreadableError(token.hide(message), response);
    }
  }

  #infoOf(url: string, call: Call<unknown>, traced: TracedCall | undefined): CallInfo {
    const { signal, scopeOf } = this.#options;
    const { method = 'GET', unlessDenied, beforeAttempt, reconcile, fits } = call;
    return {
      method,
      url,
      body: toJsonText(call.body),
      safety: safetyOf(method, call.idempotent),
      signals: [call.signal, signal],
      background: call.background ?? false,
      startsWait: call.startsWait,
      scope: () => scopeOf(method, url),
      unlessDenied,
      beforeAttempt,
      fits,
      traced,
      reconcile: reconcile && (async (lost, options) => reconcile(lost, checkCallOptions(options))),
    };
  }

  async #request(state: CallState): Promise<ParsedResponse> {
    // axios merges its configuration name by name, for every request: one name holds all that an attempt needs.
    const config: CallConfig = { state };
    try {
      return (await this.#axios.request<ParsedResponse>(config)).data;
    } catch (rejection) {
      throw rejection instanceof Passthrough ? rejection.error : rejection;
    }
  }

  #createAxios(): AxiosInstance {
    const { clock, reporter } = this.#options;
    const client = axios.create({
      adapter: (config) => this.#attempt(config as CallConfig & typeof config),
    });
    // axios merges its defaults into every request, which costs more than all the rest of it. The library writes and reads
    // headers and bodies itself, and its adapter needs no other option.
    for (const name of Object.keys(client.defaults))
      if (name !== 'adapter') Reflect.deleteProperty(client.defaults, name);
    axiosRetry(sendingAtOnce(client), {
      // `CallState` counts the attempts.
      retries: Infinity,
      retryCondition: (error: unknown) => error instanceof RetryRequest,
      // The delay is in `onRetry`: on the injected clock, and within the limits of the call.
      retryDelay: () => 0,
      onRetry: async (_count, error: unknown, requestConfig) => {
        const {
          config: { state },
          delay,
          reason,
        } = error as RetryRequest<CallConfig>;
        const { method, url } = state.info;
        reporter.retry({ method, url, attempt: state.attempt, delay, reason });
        await withLimits(state.overallLimits(), (scope) => sleep(clock, delay, scope)).catch(
          (cause: unknown) => {
            throw new Passthrough(cause);
          },
        );
        requestConfig.signal = ABORTED;
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
      const data = parseResponse(response, state.info, this.#options.token);
      this.#settings.retryBudget.earn();
      return toAxiosResponse({ data, response }, config);
    } catch (error) {
      if (!(error instanceof Failure)) throw new Passthrough(error);
      error.message = excerpt(this.#options.token.hide(error.message));
      const decision = state.decide(error);
      switch (decision.action) {
        case 'retry':
          throw new RetryRequest(config, decision.delay, describeFailure(error));
        case 'succeed':
          return toAxiosResponse({ data: null, response: decision.response }, config);
        case 'fail':
          throw new Passthrough(decision.error);
      }
    }
  }
}

/**
 * Before every attempt axios-retry sets a global timer, even for a delay of 0, and a test may have faked it. For a request
 * whose signal has aborted it sets none: `onRetry` sets this signal.
 */
const ABORTED = AbortSignal.abort();

/** The client for axios-retry: sends the request as if `onRetry` had not set {@link ABORTED}. */
function sendingAtOnce(client: AxiosInstance): AxiosInstance {
  const send = (config: AxiosRequestConfig): Promise<unknown> => {
    Reflect.deleteProperty(config, 'signal');
    return client.request(config);
  };
  return Object.assign(send, client) as AxiosInstance;
}

/** axios needs neither the status nor the headers: it passes `data` on. */
function toAxiosResponse(data: ParsedResponse, config: CallConfig): AxiosResponse<ParsedResponse> {
  const { status } = data.response;
  return { data, status, statusText: '', headers: undefined as never, config: config as never };
}
