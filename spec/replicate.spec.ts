import { describe, expect, it } from '@jest/globals';
import {
  ActionError,
  AuthenticationError,
  ClosedError,
  ConnectionError,
  type DOApi,
  type DOApiOptions,
  type Image,
  NotFoundError,
  PermissionDeniedError,
  type Replication,
  ServerError,
  UnknownOutcomeError,
  UnprocessableError,
  WaitTimeoutError,
} from '../lib';
import { sleep } from '../lib/util/clock';
import { Sandbox, type SandboxOptions } from '../lib/sandbox';
import { rejection } from './support/builders';

const MINUTE = 60_000;
const TRANSFER = 'POST /v2/images/:id/actions' as const;
const ALL = ['ams3', 'fra1', 'lon1', 'sgp1', 'tor1', 'sfo3'];

/** A sandbox with one image in nyc1, and that image. */
async function golden(
  options: SandboxOptions = {},
  own: DOApiOptions = {},
): Promise<{ sandbox: Sandbox; api: DOApi; image: Image; posted: () => unknown[] }> {
  const sandbox = new Sandbox({ images: [{ id: 5, name: 'golden', regions: ['nyc1'] }], ...options });
  const api = sandbox.api(own);
  const image = await api.fetchImage(5);
  sandbox.clearRequests();
  const posted = (): unknown[] =>
    sandbox.requests
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => (body as { region: string }).region);
  return { sandbox, api, image, posted };
}

const outcomes = (results: readonly Replication[]): Record<string, string> =>
  Object.fromEntries(results.map(({ region, outcome }) => [region, outcome]));

/** Matches the transfer to one region. */
const to =
  (region: string) =>
  ({ body }: { body: unknown }): boolean =>
    (body as { region?: string } | undefined)?.region === region;

describe('image.replicate()', () => {
  it('copies the image to every region, and returns one entry per region in the given order', async () => {
    const { sandbox, image, posted } = await golden({ actionTime: [MINUTE, 10 * MINUTE] });
    const results = await image.replicate(ALL);
    expect(results.map(({ region, outcome }) => [region, outcome])).toEqual(
      ALL.map((region) => [region, 'completed']),
    );
    expect(results.map(({ action }) => [action?.regionSlug, action?.completed])).toEqual(
      ALL.map((region) => [region, true]),
    );
    expect(posted().sort()).toEqual([...ALL].sort());
    expect(sandbox.images[0]?.regions.sort()).toEqual(['nyc1', ...ALL].sort());
  });

  it('accepts Regions and slugs, and ignores duplicates', async () => {
    const { api, image, posted } = await golden();
    const region = await api.fetchAllRegions().find(({ slug }) => slug === 'ams3');
    const results = await image.replicate(['fra1', region ?? '', 'ams3', 'fra1']);
    expect(results.map((result) => result.region)).toEqual(['fra1', 'ams3']);
    expect(posted()).toEqual(['fra1', 'ams3']);
  });

  it('sends no request for regions that have the image', async () => {
    const { sandbox, image } = await golden();
    expect(await image.replicate(['nyc1', 'nyc1'])).toEqual([{ region: 'nyc1', outcome: 'present' }]);
    expect(await image.replicate([])).toEqual([]);
    expect(sandbox.requests).toEqual([]);
  });

  it('waits for a transfer in progress and does not start it again', async () => {
    const { image, posted } = await golden();
    const started = await image.transfer('ams3');
    const results = await image.replicate(['fra1', 'ams3']);
    expect(outcomes(results)).toEqual({ fra1: 'completed', ams3: 'completed' });
    expect(results[1]?.action?.id).toBe(started.id);
    expect(posted()).toEqual(['ams3', 'fra1']);
  });

  it('waits only for transfers in progress', async () => {
    const { sandbox, image, posted } = await golden({
      actions: [
        { id: 1, resource_id: 5, region_slug: 'ams3', status: 'errored' },
        { id: 2, resource_id: 5, region_slug: 'fra1', status: 'in-progress', type: 'convert' },
        { id: 3, resource_id: 6, region_slug: 'lon1', status: 'in-progress' },
      ],
    });
    expect(sandbox.actions).toHaveLength(3);
    expect(outcomes(await image.replicate(['ams3', 'fra1', 'lon1']))).toEqual({
      ams3: 'completed',
      fra1: 'completed',
      lon1: 'completed',
    });
    expect(posted()).toEqual(['ams3', 'fra1', 'lon1']);
  });

  it('fetches the image first when only its id is known', async () => {
    const { sandbox, api } = await golden();
    expect(outcomes(await api.image(5).replicate(['nyc1', 'ams3']))).toEqual({
      nyc1: 'present',
      ams3: 'completed',
    });
    expect(sandbox.requests[0]).toMatchObject({ method: 'GET', path: '/v2/images/5' });
  });

  it.each([
    [4, {}],
    [1, { concurrency: 1 }],
    [6, { concurrency: 100 }],
  ])('starts at most %i at the same time with %j', async (most, options) => {
    const { sandbox, image } = await golden();
    let [busy, busiest] = [0, 0];
    sandbox.fail({
      on: TRANSFER,
      with: 'delay',
      ms: 1_000,
      when: () => {
        busiest = Math.max(busiest, ++busy);
        sandbox.clock.after(1_000, () => (busy -= 1));
        return true;
      },
    });
    await image.replicate(ALL, options);
    expect(busiest).toBe(most);
  });

  it('waits for all transfers together', async () => {
    const { sandbox, image } = await golden({ actionTime: MINUTE });
    await image.replicate(ALL);
    const gets = sandbox.requests.filter(({ method }) => method === 'GET').map(({ path }) => path);
    expect(new Set(gets)).toEqual(new Set(['/v2/images/5/actions']));
    expect(gets.length).toBeLessThanOrEqual(14);
  });

  it('reports every poll', async () => {
    const { image } = await golden();
    const seen = new Set<string | null>();
    await image.replicate(['ams3', 'fra1'], {
      onProgress: ({ state: action }) => seen.add(action.regionSlug),
    });
    expect(seen).toEqual(new Set(['ams3', 'fra1']));
  });

  it.each([
    [
      'throws',
      (reason: Error) => {
        throw reason;
      },
    ],
    ['rejects', (reason: Error) => Promise.reject(reason)],
  ])('rejects with the error of an onProgress that %s, and ends all its waits', async (_how, fail) => {
    const { sandbox, image } = await golden();
    const reason = new Error('mine');
    const replication = image.replicate(['ams3', 'fra1', 'lon1'], { onProgress: () => fail(reason) });
    expect(await rejection(replication)).toBe(reason);
    const sent = sandbox.requests.length;
    await sandbox.advance(3_600_000);
    expect(sandbox.requests).toHaveLength(sent);
  });
});

describe('image.replicate(): a failure in one region does not affect the others', () => {
  it('errored: the transfer failed', async () => {
    const { sandbox, image } = await golden();
    sandbox.fail({ on: TRANSFER, with: 'errored-action', when: to('fra1') });
    const results = await image.replicate(['ams3', 'fra1', 'lon1']);
    expect(outcomes(results)).toEqual({ ams3: 'completed', fra1: 'errored', lon1: 'completed' });
    expect(results[1]).toMatchObject({ action: { errored: true }, error: expect.any(ActionError) });
  });

  it('refused: the API rejects the transfer', async () => {
    const { image } = await golden({ regions: ['nyc1', 'ams3', 'lon1'] });
    const results = await image.replicate(['ams3', 'nowhere', 'lon1']);
    expect(outcomes(results)).toEqual({ ams3: 'completed', nowhere: 'refused', lon1: 'completed' });
    expect(results[1]?.error).toBeInstanceOf(UnprocessableError);
    expect(results[1]).not.toHaveProperty('action');
  });

  it('refused: the request could not be sent', async () => {
    const { sandbox, image } = await golden({}, { retries: 0 });
    sandbox.fail({ on: TRANSFER, with: 'refused', when: to('fra1') });
    const results = await image.replicate(['ams3', 'fra1']);
    expect(outcomes(results)).toEqual({ ams3: 'completed', fra1: 'refused' });
    expect(results[1]?.error).toBeInstanceOf(ConnectionError);
  });

  it('refused: the token lacks the scope', async () => {
    const { image } = await golden({ scopes: ['image:read'] });
    const results = await image.replicate(['nyc1', 'ams3', 'fra1']);
    expect(outcomes(results)).toEqual({ nyc1: 'present', ams3: 'refused', fra1: 'refused' });
    expect(results[1]?.error).toBeInstanceOf(PermissionDeniedError);
  });

  it('refused: the transfers in progress are unknown, so that none is started', async () => {
    const { sandbox, image, posted } = await golden({}, { retries: 0 });
    sandbox.fail({ on: 'GET /v2/images/:id/actions', with: 500 });
    const results = await image.replicate(['nyc1', 'ams3']);
    expect(outcomes(results)).toEqual({ nyc1: 'present', ams3: 'refused' });
    expect(results[1]?.error).toBeInstanceOf(ServerError);
    expect(posted()).toEqual([]);
  });

  it('refused: only the id is known, and the image cannot be fetched', async () => {
    const { sandbox, api } = await golden({}, { retries: 0 });
    sandbox.fail({ on: 'GET /v2/images/:id', with: 503 });
    expect(outcomes(await api.image(5).replicate(['nyc1', 'ams3']))).toEqual({
      nyc1: 'refused',
      ams3: 'refused',
    });
  });

  it('present: the API rejects the transfer because the region has received the image', async () => {
    const { image } = await golden();
    await image.transfer('ams3', { wait: true });
    expect(await image.replicate(['ams3', 'fra1'])).toMatchObject([
      { region: 'ams3', outcome: 'present' },
      { region: 'fra1', outcome: 'completed' },
    ]);
  });

  it('refused: the API rejects the transfer, and the image cannot be fetched', async () => {
    const { sandbox, image } = await golden({}, { retries: 0 });
    await image.transfer('ams3', { wait: true });
    sandbox.fail({ on: 'GET /v2/images/:id', with: 500 });
    const [result] = await image.replicate(['ams3']);
    expect(result).toMatchObject({ outcome: 'refused', error: expect.any(UnprocessableError) });
  });

  it('timed-out: the transfer continues after the timeout', async () => {
    const { sandbox, image } = await golden({
      actionTime: ({ region_slug }) => (region_slug === 'fra1' ? 30 * MINUTE : MINUTE),
    });
    const results = await image.replicate(['ams3', 'fra1'], { timeout: 10 * MINUTE });
    expect(outcomes(results)).toEqual({ ams3: 'completed', fra1: 'timed-out' });
    expect(results[1]).toMatchObject({
      action: { inProgress: true, regionSlug: 'fra1' },
      error: expect.any(WaitTimeoutError),
    });
    await sandbox.settle();
    expect(sandbox.images[0]?.regions).toContain('fra1');
  });

  it('unknown: the transfer was started, and is then not found', async () => {
    const { sandbox, image } = await golden({ actionTime: 10 * MINUTE });
    sandbox.fail({ on: 'GET /v2/actions/:id', with: 404, when: () => sandbox.clock.now() > 2 * MINUTE });
    const [result] = await image.replicate(['ams3']);
    expect(result).toMatchObject({ outcome: 'unknown', action: { regionSlug: 'ams3' } });
    expect(result?.error).toBeInstanceOf(NotFoundError);
  });

  it('completed: the transfer is not found, but the region has the image', async () => {
    const { sandbox, image } = await golden({ actionTime: 65_000 });
    const failure = { on: 'GET /v2/actions/:id', when: (): boolean => sandbox.clock.now() > MINUTE } as const;
    sandbox.fail({ ...failure, with: 404, when: () => sandbox.clock.now() > 66_000 });
    sandbox.fail({ ...failure, with: 500 });
    expect(outcomes(await image.replicate(['ams3']))).toEqual({ ams3: 'completed' });
  });
});

describe('image.replicate(): a lost response', () => {
  it.each(['reset-after-execution', 'status-after-execution', 'empty', 'truncated-json'] as const)(
    'is reconciled, and the transfer is awaited: %s',
    async (fault) => {
      const { sandbox, image, posted } = await golden({ actionTime: 3 * MINUTE });
      sandbox.fail({ on: TRANSFER, with: fault, when: to('fra1') });
      const results = await image.replicate(ALL);
      expect(outcomes(results)).toEqual(Object.fromEntries(ALL.map((region) => [region, 'completed'])));
      expect(posted().filter((region) => region === 'fra1')).toHaveLength(1);
      expect(sandbox.actions.filter(({ region_slug }) => region_slug === 'fra1')).toHaveLength(1);
    },
  );

  it('is unknown when no transfer is found, and is not sent again', async () => {
    const { sandbox, image, posted } = await golden();
    sandbox.fail({ on: TRANSFER, with: 'reset-before-execution', when: to('fra1') });
    const results = await image.replicate(['ams3', 'fra1']);
    expect(outcomes(results)).toEqual({ ams3: 'completed', fra1: 'unknown' });
    expect(results[1]?.error).toBeInstanceOf(UnknownOutcomeError);
    expect(results[1]?.error).toMatchObject({ mayHaveExecuted: false });
    expect(posted()).toEqual(['ams3', 'fra1']);
  });

  it('is unknown when reconcile() fails, with the reason as cause of the error', async () => {
    const { sandbox, image, posted } = await golden({}, { retries: 0 });
    sandbox.fail({ on: TRANSFER, with: 'reset-after-execution' });
    sandbox.fail({ on: 'GET /v2/images/:id/actions', with: 500, after: 1 });
    const [result] = await image.replicate(['fra1']);
    const error = { mayHaveExecuted: true, cause: expect.any(ServerError) as unknown };
    expect(result).toMatchObject({ outcome: 'unknown', error });
    expect(result?.error).toBeInstanceOf(UnknownOutcomeError);
    expect(posted()).toEqual(['fra1']);
  });
});

describe('image.replicate() rejects', () => {
  it.each<[what: string, regions: unknown, options: unknown, error: RegExp]>([
    ['for regions that are not an array', 'ams3', {}, /^regions: expected an array/],
    ['for a region without a name', ['ams3', ''], {}, /^regions\[1\]: expected/],
    ['for a region with a path', ['../ams3'], {}, /^regions\[0\]: expected/],
    ['for a region that is a number', [7], {}, /^regions\[0\]: expected/],
    [
      'for a concurrency that is too high',
      ['ams3'],
      { concurrency: 101 },
      /^concurrency: expected a whole number from 1 to 100/,
    ],
    ['for a concurrency of 0', ['ams3'], { concurrency: 0 }, /^concurrency: expected/],
    ['for a negative timeout', ['ams3'], { timeout: -1 }, /^timeout: expected/],
    ['for options that are not an object', ['ams3'], 'quickly', /^options: expected an object/],
  ])('%s, before a request is sent', async (_what, regions, options, message) => {
    const { sandbox, image } = await golden();
    const error = await rejection(image.replicate(regions as string[], options as object));
    expect(['TypeError', 'RangeError']).toContain((error as Error).name);
    expect((error as Error).message).toMatch(message);
    expect(sandbox.requests).toEqual([]);
  });

  it('at once when the token is refused', async () => {
    const { sandbox, image, posted } = await golden();
    sandbox.fail({ on: TRANSFER, with: 401, after: 1 });
    expect(await rejection(image.replicate(ALL, { concurrency: 1 }))).toBeInstanceOf(AuthenticationError);
    expect(posted()).toEqual(['ams3', 'fra1']);
    expect(sandbox.clock.now()).toBe(0);
  });

  it.each([0, 1])('when the image no longer exists, fetched or known by its id alone: %i', async (known) => {
    const { api, image } = await golden();
    await image.delete();
    const gone = known ? image : api.image(5);
    expect(await rejection(gone.replicate(['ams3']))).toBeInstanceOf(NotFoundError);
  });

  it('when the image is deleted during a transfer', async () => {
    const { sandbox, image } = await golden({ actionTime: 10 * MINUTE });
    sandbox.clock.after(2 * MINUTE, () => void image.delete());
    sandbox.fail({ on: 'GET /v2/actions/:id', with: 404, when: () => sandbox.clock.now() > 2 * MINUTE });
    expect(await rejection(image.replicate(['ams3']))).toBeInstanceOf(NotFoundError);
  });

  it.each([
    ['its own signal', 'call'],
    ['the signal of the manager', 'manager'],
  ])('with the reason of %s at any time, and sends no further request', async (_which, where) => {
    const reason = new Error('enough');
    for (const ms of [0, 500, 1_500, 20_000]) {
      const { sandbox, image } = await golden();
      sandbox.fail({ on: '* *', with: 'delay', ms: 1_000 });
      const controller = new AbortController();
      const signal = { signal: controller.signal };
      const replicated =
        where === 'call' ? image.replicate(ALL, signal) : sandbox.api(signal).image(image).replicate(ALL);
      const done = rejection(replicated);
      sandbox.clock.after(ms, () => controller.abort(reason));
      expect(await done).toBe(reason);
      expect(sandbox.clock.now()).toBe(ms);
      const sent = sandbox.requests.length;
      await sleep(sandbox.clock, 10 * MINUTE);
      expect(sandbox.requests).toHaveLength(sent);
    }
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ] as [string, () => void][])(
    'with the error of an onProgress that %s, as it is no failure of a region',
    async (_what, onProgress) => {
      const { image } = await golden();
      await expect(image.replicate(ALL, { onProgress })).rejects.toThrow(/^mine$/);
    },
  );

  it('when the client is closed', async () => {
    const { sandbox, api, image } = await golden();
    sandbox.clock.after(20_000, () => void api.close());
    expect(await rejection(image.replicate(ALL))).toBeInstanceOf(ClosedError);
  });
});

describe('image.replicate(): a transfer under way', () => {
  it.each(['queued', null])('is awaited and not started again when its status is %j', async (status) => {
    const { sandbox, image, posted } = await golden({
      actions: [{ id: 1, resource_id: 5, region_slug: 'ams3', status: 'in-progress' }],
      actionTime: 5 * MINUTE,
    });
    const alter = (body: unknown): unknown => {
      const { actions, ...rest } = body as { actions: object[] };
      return { ...rest, actions: actions.map((action) => ({ ...action, status })) };
    };
    sandbox.fail({ on: 'GET /v2/images/:id/actions', with: 'altered', alter, times: 1 });
    const results = await image.replicate(['ams3', 'fra1']);
    expect(outcomes(results)).toEqual({ ams3: 'completed', fra1: 'completed' });
    expect(results[0]?.action?.id).toBe(1);
    expect(posted()).toEqual(['fra1']);
  });
});

describe('image.replicate(): a 404 to one POST', () => {
  it('is an entry of that region while the image exists, and the others go on', async () => {
    const { sandbox, image, posted } = await golden();
    sandbox.fail({ on: TRANSFER, with: 404, when: to('fra1') });
    const results = await image.replicate(['ams3', 'fra1', 'lon1']);
    expect(outcomes(results)).toEqual({ ams3: 'completed', fra1: 'refused', lon1: 'completed' });
    expect(results[1]?.error).toBeInstanceOf(NotFoundError);
    expect(posted()).toEqual(['ams3', 'fra1', 'lon1']);
  });

  it('is an entry of that region when it is not known whether the image exists', async () => {
    const { sandbox, image } = await golden({}, { retries: 0 });
    sandbox.fail({ on: TRANSFER, with: 404, when: to('fra1') });
    sandbox.fail({ on: 'GET /v2/images/:id', with: 500 });
    expect(outcomes(await image.replicate(['ams3', 'fra1']))).toEqual({ ams3: 'completed', fra1: 'refused' });
  });

  it('rejects when the image is gone', async () => {
    const { sandbox, image } = await golden();
    sandbox.fail({ on: TRANSFER, with: 404, when: to('fra1') });
    sandbox.fail({ on: 'GET /v2/images/:id', with: 404 });
    expect(await rejection(image.replicate(['ams3', 'fra1']))).toBeInstanceOf(NotFoundError);
  });

  it('to the list of its actions leaves all regions refused, and starts nothing', async () => {
    const { sandbox, image, posted } = await golden();
    sandbox.fail({ on: 'GET /v2/images/:id/actions', with: 404 });
    expect(outcomes(await image.replicate(['nyc1', 'ams3']))).toEqual({ nyc1: 'present', ams3: 'refused' });
    expect(posted()).toEqual([]);
  });
});
