// class-transformer asks for it where it has to guess types; our declarations leave nothing to guess.
import 'reflect-metadata';
import type { AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios';
// The build without axios's own adapters for Node, which are never used here and take as long to load as all the rest.
import axios from 'axios/dist/browser/axios.cjs';
import axiosRetry from 'axios-retry';
import { CallState, type CallLimits, describeFailure } from './call-state';
import { withLimits } from '../util/with-limits';
import type { Abortable } from '../util/abort';
import { sleep } from '../util/clock';
import { AttemptSender, type AttemptOptions } from './attempt';
import { Failure, type FailureKind } from './failure';
import { Mismatch } from '../model/fields';
import { NotJson, parseJson } from './json';
import type { Call } from '../model/requester';
import { RetryBudget } from './retry-budget';
import type { Safety } from './retry-policy';
import { excerpt, describeValue } from '../util/sanitize';
import type { Token } from './token';
import type { HttpResponse } from './transport/node-transport';

/** What `Http` needs to know once. */
export interface HttpClientOptions extends AttemptOptions {
  /** Of one call, in milliseconds. */
  deadline: number;
  retries: number;
  /** Ends everything under way. */
  signal: Abortable;
  /** The scope a call needs, to be named in a 403. */
  scopeOf: (method: string, url: string) => string | null;
  random?: () => number;
}

/** What travels with a request through axios. A class, since axios copies plain objects. */
class CallContext {
  answer: HttpResponse | null = null;
  constructor(
    readonly attempts: CallState,
    /** Each of them ends the call. */
    readonly signals: readonly (Abortable | undefined)[],
    /** A look of a wait, which lets calls go first. */
    readonly background: boolean,
  ) {}
}

type CallConfig = AxiosRequestConfig & { context: CallContext };

/**
 * The one way to the wire. axios carries the request, axios-retry turns the loop, and both do as our rules say: the
 * adapter is ours, since only it knows in which phase a connection failed, and every failure becomes one of our errors here.
 */
export class HttpClient {
  /** Knows what the last answers said about limits and time. */
  readonly sender: AttemptSender;
  readonly #options: HttpClientOptions;
  readonly #patience: CallLimits;
  readonly #client: AxiosInstance;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    const { clock, timeout, deadline } = options;
    this.#patience = { clock, timeout, deadline, retryBudget: new RetryBudget() };
    this.sender = new AttemptSender(options);
    this.#client = this.#connect();
  }

  /** Sends a call until it is answered, refused, or out of time. */
  async send<T>(url: string, call: Call<T>): Promise<T> {
    const { clock, signal, random = Math.random, scopeOf, token } = this.#options;
    const method = call.method ?? 'GET';
    const sentAt = clock.date();
    const { reconcile } = call;
    const facts = {
      method,
      url,
      body: JSON.stringify(call.body) as string | undefined,
      safety: methodSafety(call),
      scope: () => scopeOf(method, url),
      reconcile: reconcile && ((options = {}) => reconcile(sentAt, options)),
    };
    const attempts = new CallState(facts, this.#patience, random);
    const passage = new CallContext(attempts, [call.signal, signal], call.background ?? false);
    const body = await this.#deliver(passage);
    try {
      return call.read(body);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      const { message } = error.without((text) => token.hide(text));
      throw attempts.unreadableError(message, passage.answer?.status ?? 0, passage.answer?.headers ?? {});
    }
  }

  async #deliver(passage: CallContext): Promise<unknown> {
    try {
      // axios merges what it is given name by name, for every request: all that an attempt needs is in the passage.
      const config: CallConfig = { context: passage };
      const response = await this.#client.request<unknown>(config);
      this.#patience.retryBudget.earn();
      return response.data;
    } catch (error) {
      if (error instanceof PassthroughError) throw error.reason;
      if (!(error instanceof Failure)) throw error;
      if (passage.attempts.isAlreadyDone(error)) return null;
      throw passage.attempts.toError(error);
    }
  }

  #connect(): AxiosInstance {
    const { clock, reporter, retries } = this.#options;
    const client = axios.create({
      adapter: (config) => this.#attempt(config as CallConfig & typeof config),
    });
    // What axios would do by default is merged into every request, which costs more than all the rest of it: bodies and
    // headers are written and read by us, strictly, and what an adapter would have to know is known to ours.
    const { defaults } = client;
    for (const name of Object.keys(defaults)) if (name !== 'adapter') Reflect.deleteProperty(defaults, name);
    axiosRetry(client, {
      retries,
      retryCondition: (error: unknown) =>
        error instanceof Failure && contextOf(error).attempts.shouldRetry(error),
      // The pause itself is taken in onRetry, on our clock and within what may end the call.
      retryDelay: () => 0,
      onRetry: async (_count, error: unknown) => {
        const { attempts, signals } = contextOf(error);
        const reason = describeFailure(error as Failure);
        const { method, url } = attempts.call;
        reporter.retry({ method, url, attempt: attempts.attempt, delay: attempts.retryDelay, reason });
        const limits = attempts.overallLimits(signals);
        await withLimits(limits, (ending) => sleep(clock, attempts.retryDelay, ending)).catch(
          throwPassthrough,
        );
      },
    });
    return client;
  }

  /** axios's adapter: one attempt. Rejects with a Failure, which axios-retry shows to `retryCondition`. */
  async #attempt(config: CallConfig & { headers: unknown }): Promise<AxiosResponse> {
    const { context: passage } = config;
    const { attempts, signals, background } = passage;
    try {
      attempts.throwIfEnded(signals);
      attempts.startAttempt();
      const answer = await this.sender.send(attempts, signals, background);
      passage.answer = answer;
      const data = parseResponse(answer, attempts.call.safety, this.#options.token);
      // Its headers are none of axios's business either.
      const headers = undefined as never;
      return { data, status: answer.status, statusText: '', headers, config: config as never };
    } catch (error) {
      // axios-retry finds its own state in `config`. The token is in none of it: it was only ever in the headers of the wire.
      if (!(error instanceof Failure)) return throwPassthrough(error);
      throw Object.assign(error, { config, message: excerpt(this.#options.token.hide(error.message)) });
    }
  }
}

/** Somebody else's error on its way through axios, which writes into the stack of what it gets: an abort's reason, say. */
class PassthroughError extends Error {
  constructor(readonly reason: unknown) {
    super();
  }
}

function throwPassthrough(reason: unknown): never {
  throw new PassthroughError(reason);
}

function contextOf(error: unknown): CallContext {
  return (error as { config: CallConfig }).config.context;
}

function methodSafety({ method = 'GET', idempotent }: Call<unknown>): Safety {
  if (method === 'GET') return 'read';
  return method !== 'POST' || idempotent ? 'repeatable' : 'once';
}

/**
 * The data of a 2xx, as it came.
 * @throws Failure for any other status, and for a body that is not JSON; the server's words in it are free of the token
 */
function parseResponse(answer: HttpResponse, safety: Safety, token: Token): unknown {
  const failure = (kind: FailureKind, message: (body: string) => string): Failure => {
    const body = token.hide(answer.body);
    return new Failure({
      kind,
      mayHaveBeenSent: true,
      message: message(body),
      response: { ...answer, body },
    });
  };
  if (answer.status < 200 || answer.status >= 300) throw failure('status', () => String(answer.status));
  try {
    const data = parseJson(answer.body);
    // What was asked for is missing. To anything but a question an empty answer is a good one.
    if (data === null && safety === 'read') throw new NotJson('an empty body instead of JSON');
    return data;
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    const kind = error.isWellFormed ? 'protocol' : 'unreadable';
    throw failure(kind, (body) => error.message + (body.trim() === '' ? '' : `: ${describeValue(body)}`));
  }
}
