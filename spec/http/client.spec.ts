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

/** A client whose adapter gives this answer to whatever it is asked. */
function answering(
  answer: Partial<TransportResponse>,
  options: Parameters<typeof aClient>[0] = {},
): ReturnType<typeof aClient> & { asked: TransportRequest[] } {
  const asked: TransportRequest[] = [];
  const adapter = (request: TransportRequest): Promise<TransportResponse> => {
    asked.push(request);
    return Promise.resolve({ status: 200, headers: {}, body: '{}', ...answer });
  };
  return { ...aClient({ transport: { adapter }, ...options }), asked };
}

const reasons = (events: readonly HookEvent[]): string[] =>
  events.flatMap(([what, event]) => (what === 'retry' ? [event.reason] : []));

describe('a call', () => {
  it.each([
    [undefined, undefined],
    [null, 'null'],
    [{ name: 'né' }, '{"name":"né"}'],
  ])('sends %j as %j', async (body, text) => {
    const { http, asked } = answering({});
    await http.send(URL, aCall({ method: 'PUT', body }));
    expect(asked[0]?.body).toBe(text);
  });

  it('is answered by any 2xx and nothing else', async () => {
    const statuses = [100, 199, 200, 204, 299, 300, 399, 418];
    const outcomes = await Promise.all(
      statuses.map(async (status) => {
        const { http } = answering({ status, body: '{"a":1}' });
        return http.send(URL, OPERATIONS.GET).then(
          () => 'data',
          (error: unknown) => (error as { status: number }).status,
        );
      }),
    );
    expect(outcomes).toEqual([100, 199, 'data', 'data', 'data', 300, 399, 418]);
  });

  it('is not answered by nothing, if it was a question', async () => {
    const { http, events } = answering({ body: ' \n' });
    const error = await rejection(http.send(URL, OPERATIONS.GET));
    expect(String(error)).toBe(
      `UnexpectedResponseError: GET ${URL}: 200, an answer that cannot be read: an empty body instead of JSON`,
    );
    expect(reasons(events)).toEqual(Array(3).fill('an empty body instead of JSON'));
    const { http: other } = answering({ body: '' });
    await expect(other.send(URL, OPERATIONS.PUT)).resolves.toBeNull();
  });

  it('quotes what came instead of JSON, without the token', async () => {
    const { http, events } = answering({ body: `oops ${TOKEN}, ` });
    await rejection(http.send(URL, OPERATIONS.GET));
    expect(reasons(events)).toEqual(Array(3).fill('invalid or truncated JSON: "oops [token],"'));
  });

  it('quotes no token of an answer that cannot be read', async () => {
    const { http } = answering({ headers: { 'x-request-id': 'abc' } });
    const read = (): never => {
      throw new Mismatch('image.id', 'a number', `my ${TOKEN}`);
    };
    const error = await rejection(http.send(URL, { read }));
    expect(error).toMatchObject({ name: 'UnexpectedResponseError', status: 200, requestId: 'abc' });
    expect(String(error)).toContain('image.id: expected a number, got "my [token]"');
  });

  it('pauses no longer than its deadline, however long a hook has taken before', async () => {
    const clock = new TestClock();
    const reporter = new Reporter({ onRetry: () => clock.pass(DEADLINE - 300) }, undefined);
    const { http, asked } = answering({ status: 503 }, { clock, reporter, random: () => 1 });
    const error = await rejection(http.send(URL, OPERATIONS.GET));
    expect(error).toMatchObject({ name: 'TimeoutError', kind: 'deadline', attempts: 1 });
    expect(asked).toHaveLength(1);
  });

  it('is refused, not in doubt, when its time is up after a refusal', async () => {
    const clock = new TestClock();
    const reporter = new Reporter({ onRetry: () => clock.pass(DEADLINE - 300) }, undefined);
    const { http } = answering({ status: 429 }, { clock, reporter, random: () => 1 });
    expect(await rejection(http.send(URL, OPERATIONS.POST))).toMatchObject({
      name: 'TimeoutError',
      attempts: 1,
    });
  });

  it('hands on what its reader throws besides', async () => {
    const mistake = new RangeError('mine');
    const read = (): never => {
      throw mistake;
    };
    expect(await rejection(answering({}).http.send(URL, { read }))).toBe(mistake);
  });

  it('names the scope it needs when the token lacks it', async () => {
    const scopeOf = (method: string, url: string): string => `${method} of ${url.slice(-1)}`;
    const { http } = answering({ status: 403, body: '{}' }, { scopeOf });
    expect(await rejection(http.send(URL, OPERATIONS.PUT))).toMatchObject({ scope: 'PUT of 5' });
  });

  it('that may have been carried out can be looked up, from the moment it was sent', async () => {
    const { http, clock } = answering({ status: 502, body: '' });
    const asked: unknown[][] = [];
    const reconcile = (...given: unknown[]): Promise<string> => {
      asked.push(given);
      return Promise.resolve('found');
    };
    const sentAt = clock.date();
    const error = await rejection(http.send(URL, aCall({ method: 'POST', reconcile })));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    clock.pass(5_000);
    const { signal } = new AbortController();
    await expect((error as UnknownOutcomeError).reconcile()).resolves.toBe('found');
    await (error as UnknownOutcomeError).reconcile({ signal });
    expect(asked).toEqual([
      [sentAt, {}],
      [sentAt, { signal }],
    ]);
  });

  it('goes before the looks of waits when there are few places', async () => {
    const clock = new TestClock('all');
    const rateLimits = { ...DEFAULT_RATE_LIMITS, perMinute: 1 };
    const { http, asked } = answering({}, { clock, rateLimits, endpoint: 'https://places.example' });
    await http.send(URL, OPERATIONS.GET);
    const looks = ['look 1', 'look 2'].map((name) => http.send(name, aCall({ background: true })));
    const calls = ['call 1', 'call 2'].map((name) => http.send(name, OPERATIONS.GET));
    const all = Promise.allSettled([...looks, ...calls]);
    for (let minute = 0; minute < 4; minute++) {
      await settled();
      clock.pass(60_001);
    }
    await all;
    expect(asked.map(({ url }) => url).slice(1, 3)).toEqual(['call 1', 'call 2']);
  });

  it('is tried again as long as the manager can afford it: a hundred times, and once for five that succeed', async () => {
    const answer = { status: 503, body: '' };
    const { http, asked } = answering(answer);
    for (let call = 0; call < 50; call++) await rejection(http.send(URL, OPERATIONS.GET));
    expect(asked).toHaveLength(150);
    answer.status = 200;
    for (let call = 0; call < 5; call++) await http.send(URL, OPERATIONS.PUT);
    answer.status = 503;
    for (let call = 0; call < 5; call++) await rejection(http.send(URL, OPERATIONS.GET));
    expect(asked).toHaveLength(150 + 5 + 6);
  });
});
