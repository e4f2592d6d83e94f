import { describe, expect, it } from '@jest/globals';
import {
  AuthenticationError,
  ClosedError,
  type DOApi,
  PermissionDeniedError,
  type Progress,
  type WaitOptions,
  WaitTimeoutError,
} from '../../lib';
import errors from '../fixtures/error/documented.json';
import {
  accountOf,
  actionJson,
  imageJson,
  type Json,
  MemoryServer,
  type Reply,
  rejection,
  type SentRequest,
  stamp,
} from './builders';

/** An action and when it ends. */
export interface Plan {
  id: number;
  /** In milliseconds of the server's clock. */
  ends: number;
  status?: string;
  image?: number;
}

/** What the answer to a POST repeats of the request. */
function startedBy({ body }: SentRequest): Json {
  const { type, region } = body as { type: string; region?: string };
  return { type, ...(region !== undefined && { region_slug: region }) };
}

/** An account with actions that end as planned. */
export function account(...plans: Plan[]): { server: MemoryServer; api: DOApi; of: (plan: Plan) => Json } {
  const of = ({ id, ends, status = 'completed', image = 7938269 }: Plan): Json =>
    actionJson({
      id,
      resource_id: image,
      started_at: stamp(),
      status: server.clock.now() < ends ? 'in-progress' : status,
    });
  const image = (): Json =>
    imageJson({
      id: 5,
      created_at: stamp(),
      status: server.clock.now() < slow.ends ? 'pending' : 'available',
    });
  const respond = accountOf({ actions: () => plans.map(of), images: () => [image(), imageJson()] });
  const server: MemoryServer = new MemoryServer((request, nth) =>
    request.method === 'POST'
      ? { status: 201, body: { action: { ...of(plans[0] ?? slow), ...startedBy(request) } } }
      : respond(request, nth),
  );
  return { server, api: server.api(), of };
}

/** Makes the first `times` requests fail. */
export function failRequests(server: MemoryServer, times: number, ...failures: (Reply | Error)[]): void {
  const { respond: answer } = server;
  server.respond = (request, nth) =>
    nth <= times ? (failures[(nth - 1) % failures.length] ?? {}) : answer(request, nth);
}

export const MINUTE = 60_000;
/** An action of three minutes. */
export const slow: Plan = { id: 1, ends: 3 * MINUTE };

/** Starts a wait for `slow`, possibly after some requests that are not polls. */
export type StartWait = (api: DOApi, options?: WaitOptions) => Promise<unknown>;

/** The behaviour of every wait. */
export function behavesLikeAWait(name: string, wait: StartWait, { before = 0 } = {}): void {
  /** The account, with failures of the first `times` requests after the first `before` ones. */
  const failingAccount = (times: number, ...failures: (Reply | Error)[]): ReturnType<typeof account> => {
    const failing = account(slow);
    const { respond: answer } = failing.server;
    failRequests(failing.server, before + times, ...failures);
    const failingAnswer = failing.server.respond;
    failing.server.respond = (request, nth) => (nth <= before ? answer : failingAnswer)(request, nth);
    return failing;
  };

  describe(name, () => {
    it('ends when the action or import has ended', async () => {
      const { server, api } = account(slow);
      expect(await wait(api)).toBeTruthy();
      expect(server.clock.now()).toBeGreaterThanOrEqual(slow.ends);
      expect(server.clock.now()).toBeLessThan(slow.ends * 1.1 + 5_000);
    });

    it.each([
      ['a 500', { status: 500, body: errors[500] }],
      ['a 503 in HTML', { status: 503, body: '<html>' }],
      ['a 429', { status: 429, body: errors[429] }],
      ['a lost response', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
      ['HTML', { body: '<html>just a moment' }],
      ['a truncated response', { body: '{"action": {"id": 1, "sta' }],
      ['a response of another form', { body: { action: 'soon', actions: 'soon', image: 5, images: 5 } }],
      [
        'a state that cannot be read',
        { body: { action: { id: 1, status: 5 }, actions: [{ id: 1, status: 5 }] } },
      ],
    ])('continues after a failed poll: %s', async (_what, failure) => {
      const { server, api } = failingAccount(3, failure);
      await wait(api);
      expect(server.requests.length).toBeGreaterThan(before + 3);
    });

    it.each([
      ['401', AuthenticationError, { status: 401, body: errors[401] }],
      ['403', PermissionDeniedError, { status: 403, body: errors[403] }],
    ])('ends at the first poll with a permanent error: %s', async (_what, type, refusal) => {
      const { server, api } = failingAccount(Infinity, refusal);
      expect(await rejection(wait(api))).toBeInstanceOf(type);
      expect(server.clock.now()).toBeLessThanOrEqual(5_000);
    });

    it("ends at once with the signal's reason when it aborts", async () => {
      const { server, api } = account(slow);
      const controller = new AbortController();
      server.clock.after(MINUTE, () => controller.abort('enough'));
      expect(await rejection(wait(api, { signal: controller.signal }))).toBe('enough');
      expect(server.clock.now()).toBe(MINUTE);
      const sent = server.requests.length;
      await server.clock.advance(10 * MINUTE);
      expect(server.requests).toHaveLength(sent);
    });

    it('ends with a ClosedError on close()', async () => {
      const { server, api } = account(slow);
      server.clock.after(MINUTE, () => void api.close());
      expect(await rejection(wait(api))).toBeInstanceOf(ClosedError);
      expect(server.clock.now()).toBe(MINUTE);
    });

    it('rejects with a WaitTimeoutError after its timeout', async () => {
      const { server, api } = account(slow);
      const error = await rejection(wait(api, { timeout: 2 * MINUTE }));
      expect(error).toBeInstanceOf(WaitTimeoutError);
      expect((error as WaitTimeoutError).inProgress).toMatchObject([
        { status: expect.stringMatching(/^(in-progress|pending)$/) },
      ]);
      expect(server.clock.now()).toBe(2 * MINUTE);
    });

    it('reports every poll', async () => {
      const { api } = account(slow);
      const reported: Progress[] = [];
      await wait(api, { onProgress: (progress) => reported.push(progress) });
      expect(reported.length).toBeGreaterThan(5);
      expect(reported.map(({ polls }) => polls)).toEqual(reported.map((_, index) => index + 1));
      const times = reported.map(({ elapsed }) => elapsed);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    });

    it.each([
      [
        'throws',
        (reason: Error): never => {
          throw reason;
        },
      ],
      ['rejects with', (reason: Error) => Promise.reject(reason)],
    ])('rejects with what onProgress %s', async (_how, fail) => {
      const reason = new Error('out of paper');
      const { server, api } = account(slow);
      expect(await rejection(wait(api, { onProgress: () => fail(reason) }))).toBe(reason);
      const sent = server.requests.length;
      await server.clock.advance(10 * MINUTE);
      expect(server.requests).toHaveLength(sent);
    });

    it('completes within a short timeout and with a short interval, to the last moment', async () => {
      const { server, api } = account(slow);
      await wait(api, { interval: 100, timeout: slow.ends + 100 });
      expect(server.clock.now()).toBeLessThanOrEqual(slow.ends + 100);
    });
  });
}
