import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, jest } from '@jest/globals';
import {
  AuthenticationError,
  type DOApi,
  type DOApiOptions,
  type PruneResult,
  ReadOnlyError,
} from '../../lib';
import { type Requester, WRAP_REQUESTER } from '../../lib/model/requester';
import { Sandbox, type SandboxOptions } from '../../lib/sandbox';
import { rejection } from '../support/builders';

const COUNT = 6;

/** An account with images 1 to 6, the last one the newest. */
function sandboxOf(options: SandboxOptions = {}): Sandbox {
  const images = Array.from({ length: COUNT }, (_, index) => ({
    id: index + 1,
    name: `web-${index + 1}`,
    type: 'snapshot',
    regions: ['nyc1'],
    tags: ['nightly'],
    created_at: `2025-11-0${index + 1}T03:00:00Z`,
  }));
  const base = { id: 99, slug: 'ubuntu', public: true, regions: ['nyc1'], min_disk_size: 0 };
  return new Sandbox({ images: [...images, base], droplets: 0, ...options });
}

const outcomes = (results: readonly PruneResult[]): string[] =>
  results.map(({ image, outcome, reason }) => `${image.id} ${outcome}${reason ? `: ${reason}` : ''}`);

const idsOf = (sandbox: Sandbox): number[] => sandbox.images.flatMap(({ id }) => (id === 99 ? [] : [id]));
const deletions = (sandbox: Sandbox): string[] =>
  sandbox.requests.flatMap(({ method, path }) => (method === 'DELETE' ? [path] : []));

describe('plan.apply', () => {
  it('deletes the images of the plan, each with one DELETE, and no other', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api().planPrune({ keep: 2 });
    expect(deletions(sandbox)).toEqual([]);
    expect(outcomes(await plan.apply())).toEqual(['4 deleted', '3 deleted', '2 deleted', '1 deleted']);
    expect(idsOf(sandbox)).toEqual([5, 6]);
    expect(deletions(sandbox)).toEqual([4, 3, 2, 1].map((id) => `/v2/images/${id}`));
  });

  it('reads each list once more before', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api().planPrune({ keep: 2 });
    sandbox.clearRequests();
    await plan.apply({ concurrency: 1 });
    expect(sandbox.requests.slice(0, 5).map(({ path }) => path)).toEqual([
      '/v2/images',
      '/v2/droplets',
      '/v2/droplets',
      '/v2/droplets/autoscale',
      '/v2/actions',
    ]);
    expect(sandbox.requests).toHaveLength(5 + 4);
  });

  it('sends nothing for a plan that deletes nothing', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api().planPrune({ keep: 10 });
    sandbox.clearRequests();
    expect(await plan.apply()).toEqual([]);
    expect(sandbox.requests).toEqual([]);
  });

  it('may be called again: the images are gone', async () => {
    const plan = await sandboxOf().api().planPrune({ keep: 4 });
    await plan.apply();
    expect(outcomes(await plan.apply())).toEqual(['2 gone', '1 gone']);
  });

  it('leaves what was renamed, tagged otherwise, deleted, or taken into use since', async () => {
    const sandbox = sandboxOf({ actionTime: 60_000 });
    const api = sandbox.api();
    const plan = await api.planPrune({ keep: 1 });
    await api.image(5).update({ name: 'golden' });
    await api.image(4).tag('keep');
    await api.image(3).delete();
    await api.createDroplet({ name: 'web', region: 'nyc1', size: 's-1vcpu-1gb', image: 2 });
    const transfer = await api.image(1).transfer('fra1');
    expect(outcomes(await plan.apply())).toEqual([
      '5 changed: renamed to golden',
      '4 changed: tagged otherwise: nightly, keep',
      '3 gone',
      expect.stringMatching(/^2 in-use: in use by Droplet \d+ \(web\)$/),
      `1 in-use: transfer ${transfer.id} is in progress`,
    ]);
    expect(idsOf(sandbox)).toEqual([1, 2, 4, 5, 6]);
  });

  it('leaves what has another date or type, is public, or is no longer available', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api().planPrune({ keep: 2 });
    const changes: Record<number, object> = {
      4: { type: 'backup' },
      3: { created_at: '2025-11-03T04:00:00Z' },
      2: { public: true },
      1: { status: 'pending' },
    };
    const alter = (body: unknown): unknown => {
      const { images } = body as { images: { id: number }[] };
      return { ...(body as object), images: images.map((one) => ({ ...one, ...changes[one.id] })) };
    };
    sandbox.fail({ on: 'GET /v2/images', with: 'altered', alter });
    expect(outcomes(await plan.apply())).toEqual([
      '4 changed: of type backup now',
      '3 changed: it has another date',
      '2 changed: it is public',
      '1 changed: not available: pending',
    ]);
  });

  describe('leaves a group as many images as the policy keeps: an image takes the place of one that', () => {
    it.each<[string, string, (api: DOApi) => Promise<unknown>]>([
      ['was deleted', 'gone', (api) => api.image(6).delete()],
      ['was renamed', 'changed', (api) => api.image(6).update({ name: 'broken' })],
      ['was tagged otherwise', 'changed', (api) => api.image(6).tag('broken')],
    ])('%s', async (_, word, change) => {
      const sandbox = sandboxOf();
      const api = sandbox.api();
      const plan = await api.planPrune({ keep: 2 });
      await change(api);
      expect(outcomes(await plan.apply())).toEqual([
        `4 changed: stays in place of 6 (web-6), which is ${word}`,
        ...['3 deleted', '2 deleted', '1 deleted'],
      ]);
    });

    it('also when something else keeps an older one', async () => {
      const sandbox = sandboxOf();
      const api = sandbox.api();
      await api.createDroplet({ name: 'web', region: 'nyc1', size: 's-1vcpu-1gb', image: 1 });
      const plan = await api.planPrune({ keep: 1 });
      await api.image(6).delete();
      expect(outcomes(await plan.apply())).toEqual([
        '5 changed: stays in place of 6 (web-6), which is gone',
        ...['4 deleted', '3 deleted', '2 deleted'],
      ]);
    });

    it('as far as it has any', async () => {
      const sandbox = sandboxOf();
      const api = sandbox.api();
      const plan = await api.planPrune({ keep: 4 });
      const bare = await api.planPrune({ keep: 0, keepNone: true, match: { name: 'web-1' } });
      for (const id of [6, 5, 4]) await api.image(id).delete();
      const reasons = outcomes(await plan.apply());
      expect(reasons).toEqual([
        '2 changed: stays in place of 6 (web-6), which is gone',
        '1 changed: stays in place of 5 (web-5), which is gone',
      ]);
      expect(idsOf(sandbox)).toEqual([1, 2, 3]);
      expect(outcomes(await bare.apply())).toEqual(['1 deleted']);
    });
  });

  it('reads the lists after the question, which may stay open for hours', async () => {
    const sandbox = sandboxOf();
    const api = sandbox.api();
    const saved = (await api.planPrune({ keep: 4 })).toJSON();
    const session = sandbox.api({
      [WRAP_REQUESTER]: (requester: Requester) =>
        Object.create(requester, {
          group: {
            value: async (change: unknown, run: () => Promise<unknown>) => {
              expect(change).toMatchObject({ method: 'DELETE', body: { ids: [2, 1] } });
              await api.image(2).update({ name: 'golden' });
              await api.createDroplet({ name: 'new', region: 'nyc1', size: 's-1vcpu-1gb', image: 1 });
              return run();
            },
          },
        }) as Requester,
    } as DOApiOptions);
    expect(outcomes(await session.prunePlan(saved).apply())).toEqual([
      '2 changed: renamed to golden',
      expect.stringMatching(/^1 in-use: in use by Droplet \d+ \(new\)$/),
    ]);
  });

  it('guards what is in use only if the plan does', async () => {
    const sandbox = sandboxOf();
    const api = sandbox.api();
    const plan = await api.planPrune({ keep: 5, protect: { inUse: false } });
    await api.createDroplet({ name: 'web', region: 'nyc1', size: 's-1vcpu-1gb', image: 1 });
    sandbox.clearRequests();
    expect(outcomes(await plan.apply())).toEqual(['1 deleted']);
    expect(sandbox.requests.some(({ path }) => path.startsWith('/v2/droplets'))).toBe(false);
  });

  it('tells of each failure beside the other results', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api({ retries: 0 }).planPrune({ keep: 1 });
    sandbox.fail({ on: 'DELETE /v2/images/5', with: 'status', status: 500 });
    sandbox.fail({ on: 'DELETE /v2/images/4', with: 'status', status: 404 });
    sandbox.fail({ on: 'DELETE /v2/images/3', with: 'reset-after-execution' });
    const results = await plan.apply();
    expect(outcomes(results)).toEqual(['5 failed', '4 gone', '3 failed', '2 deleted', '1 deleted']);
    expect(results[0]?.error).toMatchObject({ name: 'ServerError', status: 500 });
    expect(results[2]?.error).toMatchObject({ name: 'ConnectionError' });
  });

  it('takes a refusal because it is deleted already for gone', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api().planPrune({ keep: 5 });
    const body = { id: 'unprocessable_entity', message: 'Image is already deleted.' };
    sandbox.fail({ on: 'DELETE /v2/images/1', with: 'status', status: 422, body });
    expect(outcomes(await plan.apply())).toEqual(['1 gone']);
  });

  it('takes no response of a proxy for gone', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api({ retries: 0 }).planPrune({ keep: 4 });
    sandbox.fail({ on: 'DELETE /v2/images/2', with: 'status', status: 404, body: '<html>Not found</html>' });
    const body = { id: 'unprocessable_entity', message: 'The image is not already deleted.' };
    sandbox.fail({ on: 'DELETE /v2/images/1', with: 'status', status: 422, body });
    expect(outcomes(await plan.apply())).toEqual(['2 failed', '1 failed']);
  });

  it('counts as deleted what a lost response has deleted', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api().planPrune({ keep: 5 });
    sandbox.fail({ on: 'DELETE /v2/images/1', with: 'reset-after-execution', times: 1 });
    expect(outcomes(await plan.apply())).toEqual(['1 deleted']);
    expect(deletions(sandbox)).toHaveLength(2);
  });

  it('takes an image that something else deletes meanwhile for gone', async () => {
    const sandbox = sandboxOf();
    const api = sandbox.api();
    const plan = await api.planPrune({ keep: 4 });
    const onProgress = async ({ done }: { done: number }): Promise<void> =>
      done === 1 ? sandbox.api().image(1).delete() : undefined;
    expect(outcomes(await plan.apply({ concurrency: 1, onProgress }))).toEqual(['2 deleted', '1 gone']);
  });
});

describe('plan.apply deletes nothing when', () => {
  it('the manager is read-only: it rejects', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api({ readOnly: true }).planPrune({ keep: 1 });
    const error = await rejection(plan.apply());
    expect(error).toBeInstanceOf(ReadOnlyError);
    expect(error).toMatchObject({ method: 'DELETE', scope: 'image:delete' });
    expect(new Set(sandbox.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it.each(['/v2/images', '/v2/droplets', '/v2/droplets/autoscale', '/v2/actions'])(
    'the list %s cannot be read: it rejects',
    async (path) => {
      const sandbox = sandboxOf();
      const plan = await sandbox.api({ retries: 0 }).planPrune({ keep: 1 });
      sandbox.fail({
        on: 'GET /v2/*',
        with: 'status',
        status: 500,
        when: (request) => request.path === path,
      });
      expect(await rejection(plan.apply())).toMatchObject({ status: 500 });
      expect(deletions(sandbox)).toEqual([]);
    },
  );

  it('the token is refused: it rejects', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api().planPrune({ keep: 1 });
    sandbox.fail({ with: 401 });
    expect(await rejection(plan.apply())).toBeInstanceOf(AuthenticationError);
  });

  it('an option is wrong: it rejects', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api().planPrune({ keep: 1 });
    sandbox.clearRequests();
    expect(await rejection(plan.apply({ concurrency: 0 }))).toBeInstanceOf(RangeError);
    expect(String(await rejection(plan.apply({ paralell: 1 } as object)))).toContain(
      'paralell: unknown option',
    );
    expect(sandbox.requests).toEqual([]);
  });
});

describe('an abort of plan.apply', () => {
  it('before or during the reading cancels all', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api().planPrune({ keep: 3 });
    const cancelled = ['3 cancelled', '2 cancelled', '1 cancelled'];
    expect(outcomes(await plan.apply({ signal: AbortSignal.abort() }))).toEqual(cancelled);
    const controller = new AbortController();
    const applied = plan.apply({ signal: controller.signal });
    controller.abort();
    const results = await applied;
    expect(outcomes(results)).toEqual(cancelled);
    expect(results.every((result) => !('error' in result))).toBe(true);
    expect(deletions(sandbox)).toEqual([]);
  });

  it('between two deletions cancels the rest', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api().planPrune({ keep: 1 });
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }): void => {
      if (done === 2) controller.abort();
    };
    const results = await plan.apply({ concurrency: 1, signal: controller.signal, onProgress });
    expect(outcomes(results)).toEqual([
      '5 deleted',
      '4 deleted',
      '3 cancelled',
      '2 cancelled',
      '1 cancelled',
    ]);
    expect(deletions(sandbox)).toHaveLength(2);
  });

  it('during a deletion says with an error that it may have been carried out', async () => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api().planPrune({ keep: 4 });
    const controller = new AbortController();
    const reason = new Error('enough');
    const when = (): boolean => {
      queueMicrotask(() => controller.abort(reason));
      return true;
    };
    sandbox.fail({ on: 'DELETE /v2/images/2', with: 'delay', ms: 1_000, when });
    const results = await plan.apply({ concurrency: 1, signal: controller.signal });
    expect(outcomes(results)).toEqual(['2 cancelled', '1 cancelled']);
    expect(results.map(({ error }) => error)).toEqual([reason, undefined]);
  });

  it('comes from close(), too', async () => {
    const sandbox = sandboxOf();
    const api = sandbox.api();
    const plan = await api.planPrune({ keep: 3 });
    const onProgress = (): Promise<void> => api.close();
    expect(outcomes(await plan.apply({ concurrency: 1, onProgress }))).toEqual([
      '3 deleted',
      '2 cancelled',
      '1 cancelled',
    ]);
  });
});

describe('onProgress of plan.apply', () => {
  it('is called for each image, with how many are decided', async () => {
    const sandbox = sandboxOf();
    const api = sandbox.api();
    const plan = await api.planPrune({ keep: 3 });
    await api.image(2).delete();
    const seen: string[] = [];
    await plan.apply({
      concurrency: 1,
      onProgress: ({ result, done, total }) =>
        seen.push(`${result.image.id} ${result.outcome} ${done}/${total}`),
    });
    expect(seen).toEqual(['2 gone 1/3', '3 deleted 2/3', '1 deleted 3/3']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('full'))],
  ])('that %s ends the deletions and rejects', async (_, onProgress) => {
    const sandbox = sandboxOf();
    const plan = await sandbox.api().planPrune({ keep: 1 });
    await expect(plan.apply({ concurrency: 1, onProgress })).rejects.toThrow('full');
    expect(deletions(sandbox)).toHaveLength(1);
  });

  it('that throws ends deletions that wait for their place, too', async () => {
    const sandbox = sandboxOf();
    const saved = (await sandbox.api().planPrune({ keep: 1 })).toJSON();
    sandbox.clearRequests();
    // After the lists, not all deletions are sent at once.
    const api = sandbox.api({ rateLimit: { perMinute: 6, perHour: 1_000 } });
    const onProgress = jest.fn(() => {
      throw new Error('full');
    });
    await expect(api.prunePlan(saved).apply({ onProgress })).rejects.toThrow('full');
    const sent = deletions(sandbox).length;
    expect(sent).toBeLessThan(5);
    await sandbox.advance(600_000);
    expect(deletions(sandbox)).toHaveLength(sent);
    expect(onProgress).toHaveBeenCalledTimes(1);
  });

  it('runs in the context of the caller: a session asks about what it changes', async () => {
    const sandbox = sandboxOf();
    const storage = new AsyncLocalStorage<string>();
    const saved = (await sandbox.api().planPrune({ keep: 5 })).toJSON();
    const session = sandbox.api({
      [WRAP_REQUESTER]: (requester: Requester) =>
        Object.create(requester, {
          group: { value: (_: unknown, run: () => Promise<unknown>) => storage.run('confirmed', run) },
        }) as Requester,
    } as DOApiOptions);
    const seen: unknown[] = [];
    await session.prunePlan(saved).apply({ onProgress: () => seen.push(storage.getStore()) });
    expect(seen).toEqual([undefined]);
  });
});
