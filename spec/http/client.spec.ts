import { describe, expect, it } from '@jest/globals';
import { Mismatch } from '../../lib/model/fields';
import { Reporter } from '../../lib/http/hooks';
import { DEFAULT_RATE_LIMITS } from '../../lib/rate-limit/limits';
import type { TransportRequest, TransportResponse } from '../../lib/http/transport/types';
import { UnknownOutcomeError } from '../../lib/errors/unknown-outcome';
import { aCall, aClient, OPERATIONS, settled, TOKEN, type HookEvent } from '../support/calls';
import { rejection } from '../support/rejection';
import { DEADLINE, TestClock } from '../support/test-clock';

const URL = 'https://api.digitalocean.com/v2/images/5';

/** A client whose adapter returns this response to every request. */
function responding(
  response: Partial<TransportResponse>,
  options: Parameters<typeof aClient>[0] = {},
): ReturnType<typeof aClient> & { requests: TransportRequest[] } {
  const requests: TransportRequest[] = [];
  const adapter = (request: TransportRequest): Promise<TransportResponse> => {
    requests.push(request);
    return Promise.resolve({ status: 200, headers: {}, body: '{}', ...response });
  };
  return { ...aClient({ transport: { adapter }, ...options }), requests };
}

const reasons = (events: readonly HookEvent[]): string[] =>
  events.flatMap(([what, event]) => (what === 'retry' ? [event.reason] : []));

describe('a call', () => {
  it.each([
    [undefined, undefined],
    [null, 'null'],
    [{ name: 'né' }, '{"name":"né"}'],
  ])('sends %j as %j', async (body, text) => {
    const { http, requests } = responding({});
    await http.send(URL, aCall({ method: 'PUT', body }));
    expect(requests[0]?.body).toBe(text);
  });

  it('succeeds with any 2xx, and with nothing else', async () => {
    const statuses = [100, 199, 200, 204, 299, 300, 399, 418];
    const outcomes = await Promise.all(
      statuses.map(async (status) => {
        const { http } = responding({ status, body: '{"a":1}' });
        return http.send(URL, OPERATIONS.GET).then(
          () => 'data',
          (error: unknown) => (error as { status: number }).status,
        );
      }),
    );
    expect(outcomes).toEqual([100, 199, 'data', 'data', 'data', 300, 399, 418]);
  });

  it('fails with an empty body if it is a GET', async () => {
    const { http, events } = responding({ body: ' \n' });
    const error = await rejection(http.send(URL, OPERATIONS.GET));
    expect(String(error)).toBe(
      `UnexpectedResponseError: GET ${URL}: 200, unreadable response: an empty body instead of JSON (tried 4 times)`,
    );
    expect(reasons(events)).toEqual(Array(3).fill('an empty body instead of JSON'));
    const { http: other } = responding({ body: '' });
    await expect(other.send(URL, OPERATIONS.PUT)).resolves.toBeNull();
  });

  it('quotes a body that is not JSON, without the token', async () => {
    const { http, events } = responding({ body: `oops ${TOKEN}, ` });
    await rejection(http.send(URL, OPERATIONS.GET));
    expect(reasons(events)).toEqual(Array(3).fill('invalid or truncated JSON: "oops [token],"'));
  });

  it('quotes no token of an unreadable response', async () => {
    const { http } = responding({ headers: { 'x-request-id': 'abc' } });
    const read = (): never => {
      throw new Mismatch('image.id', 'a number', `my ${TOKEN}`);
    };
    const error = await rejection(http.send(URL, { read }));
    expect(error).toMatchObject({ name: 'UnexpectedResponseError', status: 200, requestId: 'abc' });
    expect(String(error)).toContain('image.id: expected a number, got "my [token]"');
  });

  it('waits no longer than its deadline, however long a hook takes before', async () => {
    const clock = new TestClock();
    const reporter = new Reporter({ onRetry: () => clock.pass(DEADLINE - 300) }, undefined);
    const { http, requests } = responding({ status: 503 }, { clock, reporter, random: () => 1 });
    const error = await rejection(http.send(URL, OPERATIONS.GET));
    expect(error).toMatchObject({ name: 'TimeoutError', kind: 'deadline', attempts: 1 });
    expect(requests).toHaveLength(1);
  });

  it('has a known outcome when the deadline passes after a refusal', async () => {
    const clock = new TestClock();
    const reporter = new Reporter({ onRetry: () => clock.pass(DEADLINE - 300) }, undefined);
    const { http } = responding({ status: 429 }, { clock, reporter, random: () => 1 });
    expect(await rejection(http.send(URL, OPERATIONS.POST))).toMatchObject({
      name: 'TimeoutError',
      attempts: 1,
    });
  });

  it('passes on other errors of its reader', async () => {
    const mistake = new RangeError('mine');
    const read = (): never => {
      throw mistake;
    };
    expect(await rejection(responding({}).http.send(URL, { read }))).toBe(mistake);
  });

  it('names the scope it needs when the token lacks it', async () => {
    const scopeOf = (method: string, url: string): string => `${method} of ${url.slice(-1)}`;
    const { http } = responding({ status: 403, body: '{}' }, { scopeOf });
    expect(await rejection(http.send(URL, OPERATIONS.PUT))).toMatchObject({ scope: 'PUT of 5' });
  });

  it('with an unknown outcome can be reconciled, from the moment it was sent', async () => {
    const { http, clock } = responding({ status: 502, body: '' });
    const reconciled: unknown[][] = [];
    const reconcile = (...args: unknown[]): Promise<string> => {
      reconciled.push(args);
      return Promise.resolve('found');
    };
    const moment = { now: clock.now(), date: clock.date() };
    const error = await rejection(http.send(URL, aCall({ method: 'POST', reconcile })));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    clock.pass(5_000);
    const { signal } = new AbortController();
    await expect((error as UnknownOutcomeError).reconcile()).resolves.toBe('found');
    await (error as UnknownOutcomeError).reconcile({ signal });
    expect(reconciled).toEqual([
      [expect.objectContaining({ sentAt: moment, lostAt: moment }), {}],
      [expect.objectContaining({ sentAt: moment, lostAt: moment }), { signal }],
    ]);
  });

  it('gets its permit before the polls of waits', async () => {
    const clock = new TestClock('all');
    const rateLimits = { ...DEFAULT_RATE_LIMITS, perMinute: 1 };
    const { http, requests } = responding({}, { clock, rateLimits, endpoint: 'https://permits.example' });
    await http.send(URL, OPERATIONS.GET);
    const polls = ['poll 1', 'poll 2'].map((name) => http.send(name, aCall({ background: true })));
    const calls = ['call 1', 'call 2'].map((name) => http.send(name, OPERATIONS.GET));
    const all = Promise.allSettled([...polls, ...calls]);
    for (let minute = 0; minute < 4; minute++) {
      await settled();
      clock.pass(60_001);
    }
    await all;
    expect(requests.map(({ url }) => url).slice(1, 3)).toEqual(['call 1', 'call 2']);
  });

  it('is retried within the retry budget: a hundred times, and once for every five successes', async () => {
    const response = { status: 503, body: '' };
    const { http, requests } = responding(response);
    for (let call = 0; call < 50; call++) await rejection(http.send(URL, OPERATIONS.GET));
    expect(requests).toHaveLength(150);
    response.status = 200;
    for (let call = 0; call < 5; call++) await http.send(URL, OPERATIONS.PUT);
    response.status = 503;
    for (let call = 0; call < 5; call++) await rejection(http.send(URL, OPERATIONS.GET));
    expect(requests).toHaveLength(150 + 5 + 6);
  });
});
