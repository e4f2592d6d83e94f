import { describe, expect, it } from '@jest/globals';
import type { DOApi } from '../../lib';
import { ConnectionError, TimeoutError } from '../../lib/errors/errors';
import type { TransportResponse } from '../../lib/http/transport/types';
import { imageJson, MemoryServer } from '../support/builders';
import { aClient, OPERATIONS, settled, TOKEN } from '../support/calls';
import { rejection } from '../support/rejection';
import { TestClock, TIMEOUT } from '../support/test-clock';

const URL = 'https://api.digitalocean.com/v2/images/5';

/** A server that accepts some tokens, and the tokens it has seen. */
function accepting(...accepted: string[]): {
  seen: string[];
  transport: { adapter: (request: { headers: Record<string, string> }) => Promise<TransportResponse> };
} {
  const seen: string[] = [];
  const adapter = ({ headers }: { headers: Record<string, string> }): Promise<TransportResponse> => {
    const token = headers.authorization?.slice('Bearer '.length) ?? '';
    seen.push(token);
    return Promise.resolve(
      accepted.includes(token)
        ? { status: 200, headers: {}, body: '{}' }
        : { status: 401, headers: {}, body: '{"id":"unauthorized","message":"Unable to authenticate you"}' },
    );
  };
  return { seen, transport: { adapter } };
}

/** A function that returns or throws these in turn, the last one for ever. */
function inTurn(...results: (string | Error)[]): { token: () => string; calls: () => number } {
  let calls = 0;
  const token = (): string => {
    const result = results[Math.min(calls++, results.length - 1)] ?? '';
    if (result instanceof Error) throw result;
    return result;
  };
  return { token, calls: () => calls };
}

describe('a token function that fails', () => {
  it.each(['GET', 'POST'] as const)('is called again, since nothing was sent: %s', async (operation) => {
    const { seen, transport } = accepting('good-token');
    const { token } = inTurn(new Error('the vault is sealed'), new Error('still'), 'good-token');
    const { http, events } = aClient({ token, transport });
    await expect(http.send(URL, OPERATIONS[operation])).resolves.toEqual({});
    expect(seen).toEqual(['good-token']);
    expect(events.flatMap(([kind, event]) => (kind === 'retry' ? [event.reason] : []))).toEqual([
      'the token function failed: the vault is sealed',
      'the token function failed: still',
    ]);
  });

  it('is named in the end, with the attempts', async () => {
    const { seen, transport } = accepting();
    const { token, calls } = inTurn(new Error('the vault is sealed'));
    const error = await rejection(aClient({ token, transport }).http.send(URL, OPERATIONS.POST));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({
      message: `POST ${URL}: nothing was sent: the token function failed: the vault is sealed (tried 4 times)`,
      attempts: 4,
    });
    expect([seen, calls()]).toEqual([[], 4]);
  });

  it('by returning no token is not called again: that is a mistake', async () => {
    const { token, calls } = inTurn('a b');
    const error = await rejection(aClient({ token }).http.send(URL, OPERATIONS.GET));
    expect(error).toBeInstanceOf(TypeError);
    expect(calls()).toBe(1);
  });
});

describe('a token function that returned a token before', () => {
  it.each(['', '  ', undefined, null, 5, 'a b', 'dor_v1_refresh'])(
    'is called again when it returns none: %p',
    async (nothing) => {
      const { seen, transport } = accepting('good-token');
      let calls = 0;
      const token = (): string => (calls++ === 1 ? (nothing as string) : 'good-token');
      const { http, events } = aClient({ token, transport });
      await http.send(URL, OPERATIONS.GET);
      await expect(http.send(URL, OPERATIONS.POST)).resolves.toEqual({});
      expect(seen).toEqual(['good-token', 'good-token']);
      const reasons = events.flatMap(([kind, event]) => (kind === 'retry' ? [event.reason] : []));
      expect(reasons).toEqual([expect.stringMatching(/^the token function failed: token: expected /)]);
    },
  );

  it.each([null, undefined, 'sealed', 5, { message: 5 }, Object.create(null)])(
    'is called again whatever it throws: %p',
    async (thrown) => {
      const { transport } = accepting('good-token');
      let calls = 0;
      const token = (): string => {
        if (calls++ === 0) throw thrown;
        return 'good-token';
      };
      await expect(aClient({ token, transport }).http.send(URL, OPERATIONS.POST)).resolves.toEqual({});
      expect(calls).toBe(2);
    },
  );
});

describe('a token function that hangs', () => {
  const hanging = (): Promise<string> => new Promise(() => undefined);

  it("ends with the attempt's timeout, and is named", async () => {
    const clock = new TestClock('all');
    const { http } = aClient({ token: hanging, clock, timeout: 50, retries: 0 });
    const result = rejection(http.send(URL, OPERATIONS.POST));
    await settled();
    clock.pass(50);
    const error = await result;
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({
      message: `POST ${URL}: the token function did not return within 50 ms`,
      kind: 'attempt',
      attempts: 1,
    });
  });

  it("ends with the call's deadline, and is named", async () => {
    const clock = new TestClock('all');
    const { http } = aClient({ token: hanging, clock, timeout: 100, deadline: 70 });
    const result = rejection(http.send(URL, OPERATIONS.POST));
    await settled();
    clock.pass(70);
    expect(await result).toMatchObject({
      message: `POST ${URL}: the token function did not return before the call's deadline of 70 ms`,
      kind: 'deadline',
    });
  });

  it('once is called again', async () => {
    let calls = 0;
    const token = (): Promise<string> => (calls++ === 0 ? hanging() : Promise.resolve('good-token'));
    const { transport } = accepting('good-token');
    const { http, clock } = aClient({ token, transport });
    const result = http.send(URL, OPERATIONS.POST);
    await settled();
    clock.pass(TIMEOUT);
    await expect(result).resolves.toEqual({});
    expect(calls).toBe(2);
  });
});

describe('a 401', () => {
  it.each(['GET', 'POST'] as const)(
    'calls the token function once more, even without retries: %s',
    async (operation) => {
      const { seen, transport } = accepting('new-token');
      const { token } = inTurn('old-token', 'new-token');
      const { http, events } = aClient({ token, transport, retries: 0 });
      await expect(http.send(URL, OPERATIONS[operation])).resolves.toEqual({});
      expect(seen).toEqual(['old-token', 'new-token']);
      expect(events.find(([kind]) => kind === 'retry')?.[1]).toMatchObject({ delay: 0 });
    },
  );

  it('counts when the other token is refused, too', async () => {
    const { seen, transport } = accepting();
    const { token, calls } = inTurn('token-one', 'token-two', 'token-three');
    const error = await rejection(aClient({ token, transport }).http.send(URL, OPERATIONS.GET));
    expect(error).toMatchObject({ name: 'AuthenticationError', attempts: 2 });
    expect([seen, calls()]).toEqual([['token-one', 'token-two'], 2]);
  });

  it('counts at once when the token is given', async () => {
    const { seen, transport } = accepting();
    const error = await rejection(aClient({ token: 'the-token', transport }).http.send(URL, OPERATIONS.GET));
    expect(error).toMatchObject({ name: 'AuthenticationError', attempts: 1 });
    expect(seen).toEqual(['the-token']);
  });

  it('leaves the retries of the call as they are', async () => {
    const statuses = [401, 503, 503, 503, 200];
    const adapter = (): Promise<TransportResponse> =>
      Promise.resolve({ status: statuses.shift() ?? 0, headers: {}, body: '{}' });
    const { http } = aClient({ token: () => 'the-token', transport: { adapter } });
    await expect(http.send(URL, OPERATIONS.GET)).resolves.toEqual({});
  });
});

describe('a token function that needs its own manager', () => {
  it('ends the call with an error that says so', async () => {
    const memory = new MemoryServer(() => ({ body: { image: imageJson() } }));
    const api: DOApi = memory.api({ token: () => api.fetchImage(7938269).then(() => TOKEN), retries: 0 });
    const error = (await rejection(api.fetchImage(7938269))) as Error;
    expect(error.message).toContain('the token function sends a request with its own manager');
    expect(memory.requests).toEqual([]);
  });
});
