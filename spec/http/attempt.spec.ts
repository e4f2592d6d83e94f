import { describe, expect, it } from '@jest/globals';
import { CallState, type CallInfo } from '../../lib/http/call-state';
import { DEFAULT_LIMITS } from '../../lib/rate-limit/limits';
import { AbortScope } from '../../lib/util/abort';
import { AttemptSender, type AttemptOptions } from '../../lib/http/attempt';
import { Failure } from '../../lib/http/failure';
import { type Hooks, Reporter } from '../../lib/http/hooks';
import { RetryBudget } from '../../lib/http/retry-budget';
import { Token } from '../../lib/http/token';
import type { TransportRequest, TransportResponse } from '../../lib/http/transport/types';
import { TOKEN } from '../support/calls';
import { ManualClock, settled } from '../support/manual-clock';
import { rejection } from '../support/rejection';

const [TIMEOUT, DEADLINE] = [30_000, 120_000];
const URL = 'https://api.digitalocean.com/v2/images/5';
const ONE_A_MINUTE = { ...DEFAULT_LIMITS, perMinute: 1 };

const GET: CallInfo = {
  method: 'GET',
  url: URL,
  body: undefined,
  safety: 'read',
  scope: () => null,
  reconcile: undefined,
};

type Answer = Partial<TransportResponse> | Error | Promise<Partial<TransportResponse>>;

/** An exchange over an adapter that gives these answers, one after another. */
class Office {
  readonly clock = new ManualClock();
  readonly asked: TransportRequest[] = [];
  readonly exchange: AttemptSender;

  constructor(answers: readonly Answer[], options: Partial<AttemptOptions> = {}, hooks: Hooks = {}) {
    const left = [...answers];
    const adapter = (request: TransportRequest): Promise<TransportResponse> => {
      this.asked.push(request);
      const answer = left.shift();
      if (!answer) return new Promise(() => undefined);
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve(answer).then((given) => ({ status: 200, headers: {}, body: '{}', ...given }));
    };
    this.exchange = new AttemptSender({
      token: new Token(TOKEN),
      clock: this.clock,
      transport: { adapter },
      endpoint: 'https://api.digitalocean.com',
      limits: null,
      reporter: new Reporter(hooks, undefined),
      userAgent: 'a spec',
      timeout: TIMEOUT,
      ...options,
    });
  }

  /** One attempt of a call of its own. */
  ask(
    facts: CallInfo = GET,
    signal = new AbortScope(),
    background = false,
  ): ReturnType<AttemptSender['send']> {
    const { clock } = this;
    const patience = { clock, timeout: TIMEOUT, deadline: DEADLINE, retryBudget: new RetryBudget() };
    const attempts = new CallState(facts, patience, () => 1);
    attempts.startAttempt();
    return this.exchange.send(attempts, [undefined, signal], background);
  }
}

describe('an exchange', () => {
  it('says only what there is to say: no body where there is none', async () => {
    const office = new Office([{}, {}]);
    await office.ask();
    await office.ask({ ...GET, method: 'PUT', body: '{"name":"né"}' });
    const [get, put] = office.asked;
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

  it('gives the answer as it is, whatever its status', async () => {
    const headers = { 'x-request-id': 'abc', etag: '5' };
    const office = new Office([{ status: 404, headers, body: 'gone' }]);
    await expect(office.ask()).resolves.toEqual({ status: 404, headers, body: 'gone' });
  });

  it('takes the token out of the one header that is shown, and leaves the others', async () => {
    const office = new Office([{ headers: { 'x-request-id': `for ${TOKEN}`, etag: '5' }, body: '[]' }]);
    await expect(office.ask()).resolves.toEqual({
      status: 200,
      headers: { 'x-request-id': 'for [token]', etag: '5' },
      body: '[]',
    });
  });

  it('tells the hooks what is sent, and what has come of it', async () => {
    const told: unknown[] = [];
    const reset = 1_800_000_000;
    const headers = {
      'ratelimit-limit': '5000',
      'ratelimit-remaining': '4999',
      'ratelimit-reset': String(reset),
      'x-request-id': `for ${TOKEN}`,
    };
    const office = new Office(
      [{ status: 201, headers }, {}],
      {},
      { onRequest: (event) => told.push(event), onResponse: (event) => told.push(event) },
    );
    await office.ask({ ...GET, method: 'POST' });
    const rateLimit = { limit: 5_000, remaining: 4_999, resetAt: new Date(reset * 1_000) };
    expect(told).toEqual([
      { method: 'POST', url: URL, attempt: 1 },
      { method: 'POST', url: URL, attempt: 1, status: 201, elapsed: 0, requestId: 'for [token]', rateLimit },
    ]);
    expect(office.exchange.rateLimit).toEqual(rateLimit);
    // An answer that says nothing about limits takes nothing back.
    await office.ask();
    expect(office.exchange.rateLimit).toEqual(rateLimit);
  });

  it('learns from each answer how far the clock of the server is ahead', async () => {
    const date = new Date(new ManualClock().date() + 5_000).toUTCString();
    const office = new Office([{ headers: { date } }, {}, { headers: { date } }]);
    const skews = [];
    for (let time = 0; time < 3; time++) {
      await office.ask();
      skews.push(office.exchange.clockSkew);
      await office.clock.advance(1_000);
    }
    expect(skews).toEqual([5_000, 5_000, 3_000]);
  });

  it('rejects with a failure when no answer came, and keeps no timer', async () => {
    const office = new Office([Object.assign(new Error('reset'), { code: 'ECONNRESET' })]);
    expect(await rejection(office.ask())).toMatchObject({
      kind: 'lost',
      code: 'ECONNRESET',
      mayHaveBeenSent: true,
    });
    expect(office.clock.pending).toBe(0);
  });

  it('gives an attempt its time, and says how long that was', async () => {
    const office = new Office([]);
    const outcome = rejection(office.ask());
    await office.clock.advance(TIMEOUT - 1);
    expect(office.asked[0]?.signal.aborted).toBe(false);
    await office.clock.advance(1);
    const failure = (await outcome) as Failure;
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      kind: 'timeout',
      mayHaveBeenSent: true,
      message: 'no complete answer within 30000 ms',
    });
    expect(office.asked[0]?.signal.aborted).toBe(true);
  });

  it('sends nothing for who has given up already, and asks for no token', async () => {
    let asked = 0;
    const token = new Token(() => String(++asked));
    const office = new Office([], { token, limits: ONE_A_MINUTE });
    const signal = new AbortScope();
    signal.abort('enough');
    expect(await rejection(office.ask(GET, signal))).toBe('enough');
    expect([office.asked.length, asked]).toEqual([0, 0]);
  });

  it.each(['a token', 'a token function'])(
    'asks for nothing when there is no time left: %s',
    async (what) => {
      let asked = 0;
      const source = what === 'a token' ? TOKEN : (): string => `token-${++asked}`;
      const office = new Office([{}], { token: new Token(source), limits: ONE_A_MINUTE });
      const { clock } = office;
      const patience = { clock, timeout: TIMEOUT, deadline: DEADLINE, retryBudget: new RetryBudget() };
      const attempts = new CallState(GET, patience, () => 1);
      attempts.startAttempt();
      await clock.advance(DEADLINE);
      expect(await rejection(office.exchange.send(attempts, [], false))).toMatchObject({ kind: 'deadline' });
      expect([asked, office.asked.length]).toEqual([0, 0]);
      // Its place is there for the next one.
      await office.ask();
      expect(office.asked).toHaveLength(1);
    },
  );

  it.each(['the signal', 'the time of an attempt'])('waits for a token until %s ends it', async (what) => {
    const token = new Token(() => new Promise<string>(() => undefined));
    const office = new Office([], { token });
    const signal = new AbortScope();
    const outcome = rejection(office.ask(GET, signal));
    await settled();
    if (what === 'the signal') signal.abort('enough');
    else await office.clock.advance(TIMEOUT);
    const expected =
      what === 'the signal' ? 'enough' : expect.objectContaining({ kind: 'timeout', mayHaveBeenSent: false });
    expect(await outcome).toEqual(expected);
    expect([office.asked.length, office.clock.pending]).toEqual([0, 0]);
  });
});

describe('an exchange with limits', () => {
  const limits = ONE_A_MINUTE;

  it('takes one place for each request, and waits when there is none', async () => {
    const office = new Office([{}, {}], { limits });
    await office.ask();
    const second = office.ask();
    await office.clock.advance(59_999);
    expect(office.asked).toHaveLength(1);
    await office.clock.advance(2);
    await second;
    expect(office.asked).toHaveLength(2);
  });

  it('does not wait without them', async () => {
    const office = new Office([{}, {}], { limits: null });
    await office.ask();
    await office.ask();
    expect(office.asked).toHaveLength(2);
  });

  it('lets calls go before the looks of waits', async () => {
    const office = new Office([{}, {}, {}], { limits });
    await office.ask();
    const signal = new AbortScope();
    const look = rejection(office.ask({ ...GET, url: 'https://a.example/look' }, signal, true));
    void office.ask({ ...GET, url: 'https://a.example/call' });
    await office.clock.advance(61_000);
    expect(office.asked.map(({ url }) => url)).toEqual([URL, 'https://a.example/call']);
    signal.abort('enough');
    expect(await look).toBe('enough');
  });

  it.each([
    [{ status: 429, headers: { 'retry-after': '7' } }, 7_000],
    [{ status: 429, headers: {} }, 1_000],
    [{ status: 503, headers: { 'retry-after': '7' } }, 0],
    [{ status: 200, headers: { 'retry-after': '7' } }, 0],
    [new Error('reset'), 0],
  ])('keeps everybody waiting after a 429, as long as it asks for: %j', async (answer, pause) => {
    const office = new Office([answer, {}], { limits: DEFAULT_LIMITS });
    await office.ask().catch(() => undefined);
    const next = office.ask();
    await settled();
    expect(office.asked).toHaveLength(pause === 0 ? 2 : 1);
    if (pause > 0) {
      await office.clock.advance(pause - 1);
      expect(office.asked).toHaveLength(1);
      await office.clock.advance(1);
    }
    await next;
    expect(office.asked).toHaveLength(2);
  });

  it.each(['the signal', 'the deadline of the call'])('gives up waiting when %s ends it', async (what) => {
    const office = new Office([{}, {}], { limits: { ...DEFAULT_LIMITS, perHour: 1 } });
    await office.ask();
    const signal = new AbortScope();
    const outcome = rejection(office.ask(GET, signal));
    await office.clock.advance(DEADLINE - 1);
    if (what === 'the signal') signal.abort('enough');
    else await office.clock.advance(1);
    expect(await outcome).toEqual(
      what === 'the signal' ? 'enough' : expect.objectContaining({ name: 'TimeoutError', kind: 'deadline' }),
    );
    expect([office.asked.length, office.clock.pending]).toEqual([1, 0]);
  });

  it('gives a place back to the others when its call ends in the moment in which it gets one', async () => {
    const signal = new AbortScope();
    let answer: (given: Partial<TransportResponse>) => void = () => undefined;
    const slow = new Promise<Partial<TransportResponse>>((resolve) => (answer = resolve));
    const hooks = {
      onResponse: ({ status }: { status: number }) => status === 200 && signal.abort('enough'),
    };
    const office = new Office([{ status: 429 }, slow, {}], { limits: DEFAULT_LIMITS }, hooks);
    await office.ask();
    // After a refusal requests go one by one: 100 ms after the last, and not before its answer.
    await office.clock.advance(1_000);
    const first = office.ask();
    await office.clock.advance(200);
    const second = rejection(office.ask(GET, signal));
    await settled();
    answer({});
    await first;
    expect(await second).toBe('enough');
    expect(office.asked).toHaveLength(2);
    void office.ask();
    await office.clock.advance(100);
    expect(office.asked).toHaveLength(3);
  });

  it('has a budget for each token, one for all exchanges', async () => {
    const tokens = ['a-token', 'b-token', 'a-token'];
    const office = new Office([{}, {}, {}], { limits, token: new Token(() => tokens.shift() ?? '') });
    await office.ask();
    await office.ask();
    const third = office.ask();
    await settled();
    expect(office.asked).toHaveLength(2);
    await office.clock.advance(60_001);
    await third;
    expect(office.asked).toHaveLength(3);
  });
});
