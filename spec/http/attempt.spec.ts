import { describe, expect, it } from '@jest/globals';
import type { CallInfo } from '../../lib/http/call-info';
import { CallState } from '../../lib/http/call-state';
import { DEFAULT_RATE_LIMITS } from '../../lib/rate-limit/limits';
import { AbortScope } from '../../lib/util/abort';
import { AttemptSender, type AttemptOptions } from '../../lib/http/attempt';
import { DeniedScopes } from '../../lib/http/denied-scopes';
import { Failure } from '../../lib/http/failure';
import { type Hooks, type Logger, type QueueEvent, Reporter } from '../../lib/http/hooks';
import { RetryBudget } from '../../lib/http/retry-budget';
import { Token } from '../../lib/http/token';
import type { TransportRequest, TransportResponse } from '../../lib/http/transport/types';
import { TOKEN } from '../support/calls';
import { ManualClock, settled } from '../support/manual-clock';
import { rejection } from '../support/rejection';

const [TIMEOUT, DEADLINE] = [30_000, 120_000];
const URL = 'https://api.digitalocean.com/v2/images/5';
const ONE_PER_MINUTE = { ...DEFAULT_RATE_LIMITS, perMinute: 1 };

const GET: CallInfo = {
  method: 'GET',
  url: URL,
  body: undefined,
  safety: 'safe',
  signals: [],
  background: false,
  scope: () => null,
  reconcile: undefined,
};

type Reply = Partial<TransportResponse> | Error | Promise<Partial<TransportResponse>>;

/** A sender over an adapter that returns these replies in turn, and then none. */
class Harness {
  readonly clock = new ManualClock();
  readonly requests: TransportRequest[] = [];
  readonly denied = new DeniedScopes(this.clock);
  readonly sender: AttemptSender;

  constructor(
    replies: readonly Reply[],
    options: Partial<AttemptOptions> = {},
    hooks: Hooks = {},
    logger?: Logger,
  ) {
    const remaining = [...replies];
    const adapter = (request: TransportRequest): Promise<TransportResponse> => {
      this.requests.push(request);
      const reply = remaining.shift();
      if (!reply) return new Promise(() => undefined);
      if (reply instanceof Error) return Promise.reject(reply);
      return Promise.resolve(reply).then((response) => ({
        status: 200,
        headers: {},
        body: '{}',
        ...response,
      }));
    };
    this.sender = new AttemptSender({
      token: new Token(TOKEN),
      clock: this.clock,
      transport: { adapter },
      endpoint: 'https://api.digitalocean.com',
      rateLimits: null,
      reporter: new Reporter(hooks, logger),
      userAgent: 'a spec',
      deniedScopes: this.denied,
      ...options,
    });
  }

  /** A new call, before its first attempt is sent. */
  call(info: CallInfo = GET, queueTimeout = Infinity): CallState {
    const { clock } = this;
    const limits = { timeout: TIMEOUT, deadline: DEADLINE, queueTimeout };
    const state = new CallState(info, {
      limits,
      retries: 3,
      retryBudget: new RetryBudget(),
      isTokenRenewable: false,
      deniedScopes: this.denied,
      clock,
      random: () => 1,
    });
    state.startAttempt();
    return state;
  }

  /** Sends the first attempt of a new call. */
  send(
    info: CallInfo = GET,
    signal = new AbortScope(),
    background = false,
  ): ReturnType<AttemptSender['send']> {
    return this.sender.send(this.call({ ...info, signals: [undefined, signal], background }));
  }
}

describe('AttemptSender', () => {
  it('sends no body and no body headers when there is no body', async () => {
    const harness = new Harness([{}, {}]);
    await harness.send();
    await harness.send({ ...GET, method: 'PUT', body: '{"name":"né"}' });
    const [get, put] = harness.requests;
    expect(Object.keys(get ?? {}).sort()).toEqual(['headers', 'method', 'signal', 'url']);
    expect(Object.keys(get?.headers ?? {})).not.toContain('content-length');
    expect(put).toMatchObject({
      method: 'PUT',
      url: URL,
      body: '{"name":"né"}',
      headers: {
        'content-type': 'application/json',
        'content-length': '14',
        authorization: `Bearer ${TOKEN}`,
      },
    });
  });

  it('returns the response unchanged, whatever its status', async () => {
    const headers = { 'x-request-id': 'abc', etag: '5' };
    const harness = new Harness([{ status: 404, headers, body: 'gone' }]);
    await expect(harness.send()).resolves.toEqual({ status: 404, headers, body: 'gone' });
  });

  it('removes the token from the request id, and leaves the other headers alone', async () => {
    const harness = new Harness([{ headers: { 'x-request-id': `for ${TOKEN}`, etag: '5' }, body: '[]' }]);
    await expect(harness.send()).resolves.toEqual({
      status: 200,
      headers: { 'x-request-id': 'for [token]', etag: '5' },
      body: '[]',
    });
  });

  it('reports requests and responses to the hooks', async () => {
    const events: unknown[] = [];
    const reset = 1_800_000_000;
    const headers = {
      'ratelimit-limit': '5000',
      'ratelimit-remaining': '4999',
      'ratelimit-reset': String(reset),
      'x-request-id': `for ${TOKEN}`,
    };
    const harness = new Harness(
      [{ status: 201, headers }, {}],
      {},
      { onRequest: (event) => events.push(event), onResponse: (event) => events.push(event) },
    );
    await harness.send({ ...GET, method: 'POST' });
    const rateLimit = { limit: 5_000, remaining: 4_999, resetAt: new Date(reset * 1_000) };
    expect(events).toEqual([
      { method: 'POST', url: URL, attempt: 1 },
      { method: 'POST', url: URL, attempt: 1, status: 201, elapsed: 0, requestId: 'for [token]', rateLimit },
    ]);
    expect(harness.sender.rateLimit).toEqual(rateLimit);
    // A response without the headers keeps the last known rate limit.
    await harness.send();
    expect(harness.sender.rateLimit).toEqual(rateLimit);
  });

  it('measures with each response how far the clock of the server is ahead', async () => {
    const date = new Date(new ManualClock().date() + 5_000).toUTCString();
    const harness = new Harness([{ headers: { date } }, {}, { headers: { date } }]);
    const skews = [];
    for (let time = 0; time < 3; time++) {
      await harness.send();
      skews.push(harness.sender.clockSkew);
      await harness.clock.advance(1_000);
    }
    expect(skews).toEqual([5_000, 5_000, 3_000]);
  });

  it('rejects with a Failure when there is no response, and leaves no timer behind', async () => {
    const harness = new Harness([Object.assign(new Error('reset'), { code: 'ECONNRESET' })]);
    expect(await rejection(harness.send())).toMatchObject({
      kind: 'lost',
      code: 'ECONNRESET',
      mayHaveBeenSent: true,
    });
    expect(harness.clock.pending).toBe(0);
  });

  it('ends an attempt at its timeout, and names the timeout', async () => {
    const harness = new Harness([]);
    const outcome = rejection(harness.send());
    await harness.clock.advance(TIMEOUT - 1);
    expect(harness.requests[0]?.signal.aborted).toBe(false);
    await harness.clock.advance(1);
    const failure = (await outcome) as Failure;
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      kind: 'timeout',
      mayHaveBeenSent: true,
      message: 'no complete response within 30000 ms',
    });
    expect(harness.requests[0]?.signal.aborted).toBe(true);
  });

  it('sends nothing and fetches no token when the signal has already aborted', async () => {
    let fetched = 0;
    const token = new Token(() => String(++fetched));
    const harness = new Harness([], { token, rateLimits: ONE_PER_MINUTE });
    const signal = new AbortScope();
    signal.abort('enough');
    expect(await rejection(harness.send(GET, signal))).toBe('enough');
    expect([harness.requests.length, fetched]).toEqual([0, 0]);
  });

  it.each(['a token', 'a token function'])('sends nothing when the deadline has passed: %s', async (what) => {
    let fetched = 0;
    const source = what === 'a token' ? TOKEN : (): string => `token-${++fetched}`;
    const harness = new Harness([{}], { token: new Token(source), rateLimits: ONE_PER_MINUTE });
    const call = harness.call();
    await harness.clock.advance(DEADLINE);
    expect(await rejection(harness.sender.send(call))).toMatchObject({ kind: 'deadline' });
    expect([fetched, harness.requests.length]).toEqual([0, 0]);
    // The permit is free for the next call.
    await harness.send();
    expect(harness.requests).toHaveLength(1);
  });

  it.each(['the signal aborts', 'the timeout passes'])('waits for a token until %s', async (what) => {
    const token = new Token(() => new Promise<string>(() => undefined));
    const harness = new Harness([], { token });
    const signal = new AbortScope();
    const outcome = rejection(harness.send(GET, signal));
    await settled();
    if (what === 'the signal aborts') signal.abort('enough');
    else await harness.clock.advance(TIMEOUT);
    const expected =
      what === 'the signal aborts'
        ? 'enough'
        : expect.objectContaining({ kind: 'timeout', mayHaveBeenSent: false });
    expect(await outcome).toEqual(expected);
    expect([harness.requests.length, harness.clock.pending]).toEqual([0, 0]);
  });
});

describe('AttemptSender with rate limits', () => {
  const rateLimits = ONE_PER_MINUTE;

  it('takes a permit for each request, and waits when none is free', async () => {
    const harness = new Harness([{}, {}], { rateLimits });
    await harness.send();
    const second = harness.send();
    await harness.clock.advance(59_999);
    expect(harness.requests).toHaveLength(1);
    await harness.clock.advance(2);
    await second;
    expect(harness.requests).toHaveLength(2);
  });

  it('does not wait without limits', async () => {
    const harness = new Harness([{}, {}], { rateLimits: null });
    await harness.send();
    await harness.send();
    expect(harness.requests).toHaveLength(2);
  });

  it('sends calls before the polls of waits', async () => {
    const harness = new Harness([{}, {}, {}], { rateLimits });
    await harness.send();
    const signal = new AbortScope();
    const poll = rejection(harness.send({ ...GET, url: 'https://a.example/poll' }, signal, true));
    void harness.send({ ...GET, url: 'https://a.example/call' });
    await harness.clock.advance(61_000);
    expect(harness.requests.map(({ url }) => url)).toEqual([URL, 'https://a.example/call']);
    signal.abort('enough');
    expect(await poll).toBe('enough');
  });

  it.each([
    [{ status: 429, headers: { 'retry-after': '7' } }, 7_000],
    [{ status: 429, headers: {} }, 1_000],
    [{ status: 503, headers: { 'retry-after': '7' } }, 0],
    [{ status: 200, headers: { 'retry-after': '7' } }, 0],
    [new Error('reset'), 0],
  ])('pauses all requests after a 429, for as long as it requests: %j', async (reply, pause) => {
    const harness = new Harness([reply, {}], { rateLimits: DEFAULT_RATE_LIMITS });
    await harness.send().catch(() => undefined);
    const next = harness.send();
    await settled();
    expect(harness.requests).toHaveLength(pause === 0 ? 2 : 1);
    if (pause > 0) {
      await harness.clock.advance(pause - 1);
      expect(harness.requests).toHaveLength(1);
      await harness.clock.advance(1);
    }
    await next;
    expect(harness.requests).toHaveLength(2);
  });

  it.each([
    [{ status: 429, headers: { 'retry-after': '70' } }, 60],
    [{ status: 429, headers: { 'retry-after': '7' } }, 7],
    [{ status: 429, headers: { 'retry-after': '0' } }, null],
    [{ status: 503, headers: { 'retry-after': '7' } }, null],
  ])('warns for how long requests pause after a 429: %j', async (reply, seconds) => {
    const lines: string[] = [];
    const none = (): void => undefined;
    const logger = { debug: none, info: none, error: none, warn: (line: string) => lines.push(line) };
    const harness = new Harness([reply, {}], { rateLimits: DEFAULT_RATE_LIMITS }, {}, logger);
    await harness.send();
    const line = `GET ${URL}: 429; all requests with this token pause for ${String(seconds)} s`;
    expect(lines).toEqual(seconds === null ? [] : [line]);
  });

  it('stops waiting for a permit when the signal aborts', async () => {
    const harness = new Harness([{}, {}], { rateLimits });
    await harness.send();
    const signal = new AbortScope();
    const outcome = rejection(harness.send(GET, signal));
    await harness.clock.advance(1_000);
    signal.abort('enough');
    expect(await outcome).toBe('enough');
    expect([harness.requests.length, harness.clock.pending]).toEqual([1, 0]);
  });

  it('stops waiting for a permit at the queueTimeout, and says that it was the rate limit', async () => {
    const harness = new Harness([{}, {}], { rateLimits });
    await harness.send();
    const call = harness.call({ ...GET, method: 'DELETE' }, 10_000);
    const outcome = rejection(harness.sender.send(call));
    await harness.clock.advance(9_999);
    expect(harness.clock.pending).toBeGreaterThan(0);
    await harness.clock.advance(1);
    expect(await outcome).toMatchObject({
      name: 'TimeoutError',
      kind: 'queue',
      limit: 10_000,
      attempts: 0,
      message: `DELETE ${URL}: the rate limit left no place for it within 10000 ms (queueTimeout); nothing was sent`,
    });
    expect([harness.requests.length, harness.clock.pending]).toEqual([1, 0]);
  });

  it('adds up the waits of all attempts towards the queueTimeout', async () => {
    const harness = new Harness([{}, { status: 503 }], { rateLimits });
    await harness.send();
    const call = harness.call(GET, 90_000);
    const first = harness.sender.send(call);
    await harness.clock.advance(60_001);
    expect(await first).toMatchObject({ status: 503 });
    call.startAttempt();
    const second = rejection(harness.sender.send(call));
    await harness.clock.advance(29_998);
    expect(harness.clock.pending).toBeGreaterThan(0);
    await harness.clock.advance(1);
    expect(await second).toMatchObject({ kind: 'queue', attempts: 1 });
    expect(String(await second)).toContain('it was not sent again');
  });

  it('sets no limit to the wait of a poll', async () => {
    const harness = new Harness([{}, {}], { rateLimits });
    await harness.send();
    const poll = harness.sender.send(harness.call({ ...GET, background: true }, 1_000));
    await harness.clock.advance(60_001);
    expect(await poll).toMatchObject({ status: 200 });
  });

  it('does not count the wait for a permit towards timeout and deadline, in any attempt', async () => {
    const harness = new Harness([{}, { status: 503 }], { rateLimits: { perMinute: 5, perHour: 1 } });
    await harness.send();
    const call = harness.call();
    const first = harness.sender.send(call);
    // An hour in the queue, thirty times the deadline.
    await harness.clock.advance(3_600_001);
    expect(await first).toMatchObject({ status: 503 });
    await harness.clock.advance(50_000);
    call.startAttempt();
    const second = rejection(harness.sender.send(call));
    await harness.clock.advance(3_600_001 - 50_000);
    expect(harness.requests).toHaveLength(3);
    // The second attempt has its timeout, and the call what is left of the deadline.
    await harness.clock.advance(TIMEOUT);
    expect(await second).toMatchObject({ kind: 'timeout' });
    await harness.clock.advance(DEADLINE - 50_000 - TIMEOUT - 1);
    expect(() => call.throwIfEnded()).not.toThrow();
    await harness.clock.advance(1);
    expect(() => call.throwIfEnded()).toThrow(`deadline of ${DEADLINE} ms`);
  });

  it('knows when an attempt was sent, not when its call began', async () => {
    const harness = new Harness([{}, {}], { rateLimits });
    await harness.send();
    const call = harness.call({ ...GET, method: 'POST', safety: 'unsafe' });
    const sent = harness.sender.send(call);
    await harness.clock.advance(60_001);
    await sent;
    expect(call.sentAt).toEqual({ now: harness.clock.now(), date: harness.clock.date() });
  });

  it('counts the pause that the 429 of another call imposes as a wait for a permit', async () => {
    const harness = new Harness([{ status: 429, headers: { 'retry-after': '40' } }, {}], {
      rateLimits: DEFAULT_RATE_LIMITS,
    });
    await harness.send();
    const call = harness.call();
    const sent = harness.sender.send(call);
    await harness.clock.advance(40_000);
    await sent;
    await harness.clock.advance(DEADLINE - 1);
    expect(() => call.throwIfEnded()).not.toThrow();
  });

  describe('onQueue', () => {
    const queued = (rateLimits: AttemptOptions['rateLimits']): { harness: Harness; events: QueueEvent[] } => {
      const events: QueueEvent[] = [];
      const harness = new Harness(
        [{}, {}, {}, {}],
        { rateLimits },
        { onQueue: (event) => events.push(event) },
      );
      return { harness, events };
    };

    it('is called at once when a call has to wait for more than a second, with the expected wait', async () => {
      const { harness, events } = queued(ONE_PER_MINUTE);
      await harness.send();
      await harness.clock.advance(10_000);
      void harness.send();
      void harness.send({ ...GET, method: 'DELETE' });
      await settled();
      expect(events).toEqual([
        { method: 'GET', url: URL, delay: 50_001 },
        { method: 'DELETE', url: URL, delay: 110_002 },
      ]);
    });

    it('is not called for a shorter wait, nor for a poll', async () => {
      const { harness, events } = queued(ONE_PER_MINUTE);
      await harness.send();
      await harness.clock.advance(59_500);
      void harness.send();
      await harness.clock.advance(501);
      expect(harness.requests).toHaveLength(2);
      void harness.send(GET, new AbortScope(), true);
      await harness.clock.advance(60_001);
      expect(events).toEqual([]);
      expect(harness.clock.pending).toBe(0);
    });

    it('is called after a second when a wait is longer than expected', async () => {
      const { harness, events } = queued(DEFAULT_RATE_LIMITS);
      const call = (): unknown => harness.send().catch(() => undefined);
      const busy = new Harness([{ status: 429, headers: { 'retry-after': '0' } }], {
        clock: harness.clock,
        rateLimits: DEFAULT_RATE_LIMITS,
      });
      await busy.send();
      await harness.clock.advance(1_000);
      // One by one after the 429, each after the response to the last: the adapter of `busy` has none.
      void busy.send();
      await settled();
      void call();
      void call();
      await harness.clock.advance(3_000);
      expect(events.length).toBe(1);
      expect(events[0]).toMatchObject({ method: 'GET', url: URL });
      expect(events[0]?.delay).toBeGreaterThanOrEqual(1_000);
    });
  });

  it('releases the permit when the call ends at the moment it gets one', async () => {
    const signal = new AbortScope();
    let respond: (response: Partial<TransportResponse>) => void = () => undefined;
    const slow = new Promise<Partial<TransportResponse>>((resolve) => (respond = resolve));
    const hooks = {
      onResponse: ({ status }: { status: number }) => status === 200 && signal.abort('enough'),
    };
    const harness = new Harness([{ status: 429 }, slow, {}], { rateLimits: DEFAULT_RATE_LIMITS }, hooks);
    await harness.send();
    // After a 429 requests are sent one by one: 100 ms after the last one, and after its response.
    await harness.clock.advance(1_000);
    const first = harness.send();
    await harness.clock.advance(200);
    const second = rejection(harness.send(GET, signal));
    await settled();
    respond({});
    await first;
    expect(await second).toBe('enough');
    expect(harness.requests).toHaveLength(2);
    void harness.send();
    await harness.clock.advance(100);
    expect(harness.requests).toHaveLength(3);
  });

  it('has a rate limiter for each token, shared by all senders', async () => {
    const tokens = ['a-token', 'b-token', 'a-token'];
    const harness = new Harness([{}, {}, {}], { rateLimits, token: new Token(() => tokens.shift() ?? '') });
    await harness.send();
    await harness.send();
    const third = harness.send();
    await settled();
    expect(harness.requests).toHaveLength(2);
    await harness.clock.advance(60_001);
    await third;
    expect(harness.requests).toHaveLength(3);
  });
});
