import { describe, expect, it } from '@jest/globals';
import { type DOApi, type DOApiOptions, UnknownOutcomeError } from '../../lib';
import errors from '../fixtures/error/documented.json';
import { scaled } from '../support/scale';
import { account, MINUTE, slow } from '../support/behaves-like-a-wait';
import { actionJson, type MemoryServer, type Reply, rejection, stamp, TOKEN } from '../support/builders';

const IMAGE = 7938269;
const TROUBLE = 10 * MINUTE;
const LOST = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

const FAILURES: Readonly<Record<string, Reply | Error>> = {
  'a 408': { status: 408, body: '' },
  'a 429': { status: 429, body: errors[429] },
  'a 500': { status: 500, body: errors[500] },
  'a 503': { status: 503, body: '<html>' },
  'a lost connection': LOST,
  'a page of HTML': { body: '<html>just a moment' },
  'the redirect of a captive portal': { status: 302, headers: { location: 'http://login/' }, body: '' },
  ...Object.fromEntries(
    [400, 401, 403, 404, 407, 418, 422].map((status) => [
      `a ${status} of a server in between`,
      { status, body: '<html><title>No route</title></html>' },
    ]),
  ),
  'a 404 in JSON that is not of the API': { status: 404, body: { error: 'no such route' } },
};

const transfer = (): object => actionJson({ id: 1, started_at: stamp() });

/** Every wait, and whether its result is what it should be. */
const WAITS: Readonly<Record<string, (api: DOApi) => Promise<boolean>>> = {
  'action.wait()': async (api) => (await api.action(transfer()).wait()).completed,
  'image.waitForAction()': async (api) => (await api.image(IMAGE).waitForAction())?.id === IMAGE,
  'image.waitUntilAvailable()': async (api) =>
    (await api.image(5).waitUntilAvailable()).status === 'available',
  'image.transfer(), waiting': async (api) =>
    (await api.image(IMAGE).transfer('ams3', { wait: true })).completed,
  'api.waitActions()': async (api) =>
    (await api.waitActions([api.action(transfer())]).next()).value?.completed === true,
  'image.replicate()': async (api) =>
    (await api.image(IMAGE).replicate(['nyc3', 'tor1'])).every(({ outcome }) => outcome === 'completed'),
};

const SAMPLE = Object.entries(FAILURES).filter(([name]) => scaled(true, /503|redirect|404 of/.test(name)));

/** A server whose transfers to nyc3 and tor1 are under way; those responses to POSTs are lost, if so said. */
function anAccount({ losesPosts = false, deniesActions = false } = {}): MemoryServer {
  const { server } = account(slow, { id: 2, ends: slow.ends });
  const { respond } = server;
  const regions = ['nyc3', 'tor1'];
  server.respond = async (request, nth) => {
    if (request.method === 'POST') {
      if (losesPosts) return LOST;
      const { region } = request.body as { region: string };
      return {
        status: 201,
        body: {
          action: actionJson({ id: region === 'tor1' ? 2 : 1, started_at: stamp(), region_slug: region }),
        },
      };
    }
    if (deniesActions && request.path.startsWith('/v2/actions')) return { status: 403, body: errors[403] };
    const reply = await respond(request, nth);
    if (reply instanceof Error) return reply;
    const body = reply.body as { actions?: { id: number }[] };
    const named = body.actions?.map((json) => ({ ...json, region_slug: regions[json.id - 1] }));
    // A search believes no dates as long as it does not know the server's clock.
    const headers = { ...reply.headers, date: new Date(server.clock.date()).toUTCString() };
    return { ...reply, headers, ...(named && { body: { ...body, actions: named } }) };
  };
  return server;
}

/** Lets every GET fail for ten minutes, from the n-th request on. */
function failFrom(server: MemoryServer, first: number, failure: Reply | Error): void {
  const { respond } = server;
  let from = Infinity;
  server.respond = (request, nth) => {
    if (nth >= first) from = Math.min(from, server.clock.now());
    const fails = request.method === 'GET' && server.clock.now() < from + TROUBLE && nth >= first;
    return fails ? failure : respond(request, nth);
  };
}

describe.each(Object.entries(WAITS))('%s', (_name, wait) => {
  describe.each([
    ['with every scope', { deniesActions: false }],
    ['without actions:read', { deniesActions: true }],
  ])('%s', (_scopes, options) => {
    it.each(SAMPLE)('bears %s for ten minutes, in every step', async (_what, failure) => {
      const quiet = anAccount(options);
      expect(await wait(quiet.api())).toBe(true);
      const steps = quiet.requests.length;
      expect(steps).toBeGreaterThan(5);
      for (let first = 1; first <= steps; first++) {
        const server = anAccount(options);
        failFrom(server, first, failure);
        expect([first, await wait(server.api())]).toEqual([first, true]);
        if (server.lines[first - 1]?.startsWith('GET'))
          expect(server.clock.now()).toBeGreaterThanOrEqual(TROUBLE);
      }
    });
  });

  it.each([
    [
      'throws',
      (): never => {
        throw new Error('the vault is sealed');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the vault is sealed'))],
    ['returns nothing', () => ''],
  ])('bears a token function that %s for ten minutes', async (_how, fail) => {
    const server = anAccount();
    // The call that starts an action has retries and a deadline of its own.
    const startsAt = 30_000;
    const token: DOApiOptions['token'] = () => {
      const now = server.clock.now();
      return now >= startsAt && now < startsAt + TROUBLE ? fail() : TOKEN;
    };
    expect(await wait(server.api({ token }))).toBe(true);
    expect(server.clock.now()).toBeGreaterThanOrEqual(startsAt + TROUBLE);
  });
});

describe('a wait for an action whose response was lost', () => {
  it.each(Object.entries(FAILURES))('bears %s in the search for it', async (_what, failure) => {
    const server = anAccount({ losesPosts: true });
    failFrom(server, 2, failure);
    const action = await server.api().image(IMAGE).transfer('nyc3', { wait: true });
    expect(action).toMatchObject({ id: 1, status: 'completed' });
    expect(server.clock.now()).toBeGreaterThanOrEqual(TROUBLE);
  });

  it('bears it in image.replicate(), too', async () => {
    const server = anAccount({ losesPosts: true });
    const { respond } = server;
    // The list shows no transfer before the POST.
    server.respond = (request, nth) =>
      nth === 2 ? { body: { actions: [], meta: { total: 0 } } } : respond(request, nth);
    failFrom(server, 4, { status: 503, body: '<html>' });
    const results = await server.api().image(IMAGE).replicate(['nyc3']);
    expect(results).toMatchObject([{ region: 'nyc3', outcome: 'completed', action: { id: 1 } }]);
    expect(server.lines[2]).toBe(`POST /v2/images/${IMAGE}/actions`);
    expect(server.clock.now()).toBeGreaterThanOrEqual(TROUBLE);
  });

  it('ends with the lost response when the search fails until its time is up', async () => {
    const server = anAccount({ losesPosts: true });
    failFrom(server, 2, { status: 503, body: '<html>' });
    const error = await rejection(
      server
        .api()
        .image(IMAGE)
        .transfer('nyc3', { wait: { timeout: 2 * MINUTE } }),
    );
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(error).toMatchObject({ mayHaveExecuted: true, cause: { name: 'ServerError', status: 503 } });
    expect(server.clock.now()).toBe(2 * MINUTE - 500);
  });
});
