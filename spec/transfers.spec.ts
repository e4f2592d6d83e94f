import { describe, expect, it } from '@jest/globals';
import {
  ClosedError,
  DOApi,
  type DOApiOptions,
  type Replication,
  type TransportRequest,
  UnknownOutcomeError,
  UnprocessableError,
} from '../lib';
import { Sandbox, type SandboxOptions } from '../lib/sandbox';
import { sleep } from '../lib/util/clock';
import { rejection } from './support/builders';

const TRANSFER = 'POST /v2/images/:id/actions' as const;
const MINUTE = 60_000;

/** A sandbox in which every POST takes a second. */
function slow(options: SandboxOptions = {}): Sandbox {
  const images = [5, 6].map((id) => ({ id, regions: ['nyc1'] }));
  const sandbox = new Sandbox({ images, actionTime: 10 * MINUTE, ...options });
  sandbox.fail({ on: TRANSFER, with: 'delay', ms: 1_000 });
  return sandbox;
}

const posts = ({ requests }: Sandbox): number => requests.filter(({ method }) => method === 'POST').length;
const ids = (actions: readonly { id: number }[]): number[] => actions.map(({ id }) => id);
const outcomes = (results: readonly Replication[]): string[] => results.map(({ outcome }) => outcome);

describe('calls that would start the same transfer', () => {
  it('share one POST, and each gets an Action of its own manager', async () => {
    const sandbox = slow();
    const [a, b] = [sandbox.api(), sandbox.api()];
    const actions = await Promise.all([
      a.image(5).transfer('fra1'),
      b.image(5).transfer('fra1'),
      b.image(5).act({ region: 'fra1', type: 'transfer' }),
    ]);
    expect(new Set(ids(actions)).size).toBe(1);
    expect(new Set(actions).size).toBe(3);
    expect(posts(sandbox)).toBe(1);
    await a.close();
    expect((await actions[1].fetch()).id).toBe(actions[0].id);
    await expect(actions[0].fetch()).rejects.toBeInstanceOf(ClosedError);
  });

  it.each<[what: string, one: (api: DOApi) => Promise<unknown>, other: (api: DOApi) => Promise<unknown>]>([
    ['another image', (api) => api.image(5).transfer('fra1'), (api) => api.image(6).transfer('fra1')],
    ['another region', (api) => api.image(5).transfer('fra1'), (api) => api.image(5).transfer('sgp1')],
    ['another action', (api) => api.image(5).transfer('fra1'), (api) => api.image(5).convert()],
    ['two actions that are no transfers', (api) => api.image(5).convert(), (api) => api.image(5).convert()],
  ])('do not share it otherwise: %s', async (_what, one, other) => {
    const sandbox = slow();
    await Promise.all([one(sandbox.api()), other(sandbox.api())]);
    expect(posts(sandbox)).toBe(2);
  });

  it.each<[what: string, options: DOApiOptions]>([
    ['token', { token: 'dop_v1_another_one' }],
    ['endpoint', { endpoint: 'https://api.example.com' }],
  ])('do not share it with those of another %s', async (_what, options) => {
    const sandbox = slow();
    await Promise.all([
      sandbox.api().image(5).transfer('fra1'),
      sandbox.api(options).image(5).transfer('fra1'),
    ]);
    expect(posts(sandbox)).toBe(2);
  });

  it('do not share it with those of another sandbox', async () => {
    const sandboxes = [slow(), slow()];
    await Promise.all(sandboxes.map((sandbox) => sandbox.api().image(5).transfer('fra1')));
    expect(sandboxes.map(posts)).toEqual([1, 1]);
  });

  it('do not share it once it has ended: a later call sends its own', async () => {
    const sandbox = slow();
    const image = sandbox.api().image(5);
    await image.transfer('fra1');
    await image.transfer('fra1');
    expect(posts(sandbox)).toBe(2);
  });

  it('share it with a token function, called before anything else or not', async () => {
    const sandbox = slow();
    const token = async (): Promise<string> => {
      await sleep(sandbox.clock, 100);
      return 'dop_v1_made_by_a_function';
    };
    const [a, b] = [sandbox.api({ token }), sandbox.api({ token })];
    await Promise.all([
      a.image(5).transfer('fra1'),
      b.image(5).transfer('fra1'),
      sleep(sandbox.clock, 500).then(() => a.image(5).transfer('fra1')),
    ]);
    expect(posts(sandbox)).toBe(1);
  });

  it('send nothing when the token function fails, and say so', async () => {
    const sandbox = slow();
    const token = (): string => {
      throw new Error('the vault is sealed');
    };
    const error = await rejection(sandbox.api({ token, retries: 0 }).image(5).transfer('fra1'));
    expect(String(error)).toContain('the vault is sealed');
    expect(posts(sandbox)).toBe(0);
  });

  it('are refused alike, and share the retries of the POST', async () => {
    const sandbox = slow();
    sandbox.heal();
    sandbox.fail({ on: TRANSFER, with: 'burst-limit', times: 1 });
    const [a, b] = [sandbox.api(), sandbox.api()];
    const calls = [a, b].map((api) => api.image(5).transfer('nyc1'));
    for (const call of calls) expect(await rejection(call)).toBeInstanceOf(UnprocessableError);
    expect(sandbox.requests.map(({ status }) => status)).toEqual([429, 422]);
  });

  it('each search by themselves when the response is lost', async () => {
    const sandbox = slow();
    sandbox.heal();
    sandbox.fail({ on: TRANSFER, with: 'reset-after-execution' });
    const [a, b] = [sandbox.api(), sandbox.api()];
    const errors = (await Promise.all(
      [a, b].map((api) => rejection(api.image(5).transfer('fra1'))),
    )) as UnknownOutcomeError[];
    expect(new Set(errors).size).toBe(2);
    expect(errors[0]).toBeInstanceOf(UnknownOutcomeError);
    await a.close();
    await expect(errors[0]?.reconcile()).rejects.toBeInstanceOf(ClosedError);
    expect(await errors[1]?.reconcile()).toMatchObject({ id: sandbox.actions[0]?.id });
    expect(posts(sandbox)).toBe(1);
  });
});

describe('a caller of a shared POST', () => {
  it.each([0, 1])('ends only its own waiting with its signal: caller %d', async (leaver) => {
    const sandbox = slow();
    const controller = new AbortController();
    const calls = [0, 1].map((caller) =>
      sandbox
        .api()
        .image(5)
        .transfer('fra1', caller === leaver ? { signal: controller.signal } : {}),
    );
    sandbox.clock.after(500, () => controller.abort('enough'));
    expect(await rejection(calls[leaver] ?? Promise.resolve())).toBe('enough');
    expect(sandbox.clock.now()).toBe(500);
    expect((await calls[1 - leaver])?.type).toBe('transfer');
    expect(posts(sandbox)).toBe(1);
  });

  it.each([0, 1])('ends only its own waiting when its manager is closed: caller %d', async (leaver) => {
    const sandbox = slow();
    const apis = [sandbox.api(), sandbox.api()];
    const calls = apis.map((api) => api.image(5).transfer('fra1'));
    sandbox.clock.after(500, () => void apis[leaver]?.close());
    expect(await rejection(calls[leaver] ?? Promise.resolve())).toBeInstanceOf(ClosedError);
    expect((await calls[1 - leaver])?.type).toBe('transfer');
    expect(posts(sandbox)).toBe(1);
  });

  it('that leaves last ends the request, and a later call sends its own', async () => {
    const sandbox = slow();
    let aborted = 0;
    const api = new DOApi({
      token: 'dop_v1_of_a_spec',
      clock: sandbox.clock,
      transport: {
        adapter: async (request) => {
          request.signal.addEventListener('abort', () => (aborted += 1));
          return sandbox.adapter(request);
        },
      },
    });
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }) => rejection(api.image(5).transfer('fra1', { signal })));
    sandbox.clock.after(300, () => controllers[0]?.abort('first'));
    sandbox.clock.after(600, () => controllers[1]?.abort('second'));
    expect(await calls[0]).toBe('first');
    expect(aborted).toBe(0);
    expect(await calls[1]).toBe('second');
    expect(aborted).toBe(1);
    expect((await api.image(5).transfer('fra1')).type).toBe('transfer');
  });

  it('whose signal has aborted before sends nothing', async () => {
    const sandbox = slow();
    const signal = AbortSignal.abort('enough');
    expect(await rejection(sandbox.api().image(5).transfer('fra1', { signal }))).toBe('enough');
    expect(posts(sandbox)).toBe(0);
  });
});

describe('replications of one image at a time', () => {
  const REGIONS = ['ams3', 'fra1', 'lon1', 'sgp1', 'tor1'];

  it.each([1, 2, 4])(
    'start each transfer once, in whatever order: %d at the same time',
    async (concurrency) => {
      const sandbox = slow();
      const results = await Promise.all(
        [REGIONS, [...REGIONS].reverse(), [...REGIONS.slice(2), ...REGIONS.slice(0, 2)]].map((regions) =>
          sandbox.api().image(5).replicate(regions, { concurrency }),
        ),
      );
      expect(outcomes(results.flat())).toEqual(Array(15).fill('completed'));
      expect(posts(sandbox)).toBe(REGIONS.length);
    },
  );

  it('start it once when they begin one after another, and beside a plain transfer', async () => {
    const sandbox = slow();
    const [a, b] = [sandbox.api(), sandbox.api()];
    const first = a.image(5).replicate(REGIONS, { concurrency: 1 });
    await sleep(sandbox.clock, 2_500);
    const [one, two, action] = await Promise.all([
      first,
      b.image(5).replicate([...REGIONS].reverse(), { concurrency: 1 }),
      b.image(5).transfer('lon1', { wait: true }),
    ]);
    expect(outcomes([...one, ...two])).toEqual(Array(10).fill('completed'));
    expect(action.completed).toBe(true);
    expect(posts(sandbox)).toBe(REGIONS.length);
  });

  it('do not start again what a lagging list does not show yet', async () => {
    const sandbox = slow({ lag: { lists: 30_000 } });
    const api = sandbox.api();
    await api.image(5).transfer('fra1');
    await sleep(sandbox.clock, 5_000);
    const results = await sandbox.api().image(5).replicate(['fra1', 'ams3']);
    expect(outcomes(results)).toEqual(['completed', 'completed']);
    expect(posts(sandbox)).toBe(2);
  });

  it('start again what has failed, however recently', async () => {
    const sandbox = slow({ actionTime: 10_000 });
    const image = sandbox.api().image(5);
    sandbox.heal();
    sandbox.fail({ on: TRANSFER, with: 'errored-action', times: 1 });
    expect(outcomes(await image.replicate(['fra1']))).toEqual(['errored']);
    expect(outcomes(await image.replicate(['fra1']))).toEqual(['completed']);
    expect(posts(sandbox)).toBe(2);
  });

  it('start it when what was started is not there, as with another API behind the same URL', async () => {
    const [before, after] = [slow(), slow()];
    let { adapter } = before;
    const { clock } = before;
    const transport = { adapter: (request: TransportRequest) => adapter(request) };
    const image = new DOApi({ token: 'dop_v1_of_a_spec', clock, transport }).image(5);
    await image.transfer('fra1');
    after.heal();
    ({ adapter } = after);
    expect(outcomes(await image.replicate(['fra1'], { timeout: 0 }))).toEqual(['timed-out']);
    expect([before, after].map(posts)).toEqual([1, 1]);
  });

  it('join a transfer that another process has started meanwhile, when the API refuses a second one', async () => {
    const sandbox = slow();
    const image = await sandbox.api().fetchImage(5);
    sandbox.heal();
    sandbox.fail({ on: TRANSFER, with: 422, times: 1, after: 1 });
    // The other process: another token, and thus another account of this one.
    const other = sandbox.api({ token: 'dop_v1_of_another_process' });
    let started: Promise<{ id: number }> | undefined;
    sandbox.fail({
      on: 'GET /v2/images/:id/actions',
      with: 'delay',
      ms: 1,
      when: () => {
        started ??= Promise.resolve().then(() => other.image(5).transfer('fra1'));
        return true;
      },
    });
    const [result] = await image.replicate(['fra1']);
    expect(result).toMatchObject({ outcome: 'completed', action: { id: (await started)?.id } });
    expect(sandbox.requests.filter(({ method, executed }) => method === 'POST' && executed)).toHaveLength(1);
  });
});
