import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { type DOApi, PrunePlan, type PrunePlanJson } from '../../lib';
import { planToJson } from '../../lib/prune/plan-json';
import { Sandbox } from '../../lib/sandbox';
import type { ImageSeed } from '../../lib/sandbox/state/builders';
import { HOSTILE_PARTS } from '../support/hostile-text';

const IMAGES: ImageSeed[] = [
  { id: 1, name: 'web-1', type: 'snapshot', created_at: '2025-12-01T03:00:00Z', size_gigabytes: 2.5 },
  {
    id: 2,
    name: 'web-2',
    type: 'snapshot',
    created_at: '2025-11-30T03:00:00Z',
    size_gigabytes: 0.1,
    tags: ['a'],
  },
  { id: 3, name: 'web-3', type: 'snapshot', created_at: '2025-11-29T03:00:00Z', size_gigabytes: 0.2 },
];

const sandboxOf = (images: ImageSeed[] = IMAGES): Sandbox =>
  new Sandbox({ images: [...images, { id: 99, slug: 'ubuntu', public: true }], droplets: 0 });

const planOf = (api: DOApi): Promise<PrunePlan> => api.planPrune({ groupBy: 'prefix', keep: 1 });

/** What a JSON file of the plan holds. */
const saved = (plan: PrunePlan): PrunePlanJson => JSON.parse(JSON.stringify(plan)) as PrunePlanJson;

const firstOf = ({ delete: [first] }: PrunePlanJson): PrunePlanJson['delete'][number] => {
  if (!first) throw new Error('the plan deletes nothing');
  return first;
};

describe('a prune plan', () => {
  it('is a table as text, which console.log shows, too', async () => {
    const plan = await planOf(sandboxOf().api());
    expect(String(plan)).toBe(
      [
        'Delete 2 of 3 images (0.3 GB), keep 1. Policy: last 1, by prefix.',
        '',
        '        id  name   created (UTC)      GB  group  reason',
        'delete   2  web-2  2025-11-30 03:00  0.1  web    not kept by last 1',
        'delete   3  web-3  2025-11-29 03:00  0.2  web    not kept by last 1',
        'keep     1  web-1  2025-12-01 03:00  2.5  web    last 1',
      ].join('\n'),
    );
    expect(inspect(plan)).toBe(plan.toString());
    expect(plan).toBeInstanceOf(PrunePlan);
    const empty = await planOf(sandboxOf([]).api());
    expect(String(empty)).toBe('Delete 0 of 0 images (0 GB), keep 0. Policy: last 1, by prefix.');
  });

  it('shows no control characters and no line of a name', async () => {
    for (const name of HOSTILE_PARTS) {
      const images = IMAGES.map((image) => ({ ...image, name: `x${name}` }));
      const plan = await sandboxOf(images).api().planPrune({ groupBy: 'name', keep: 1 });
      expect(String(plan).split('\n')).toHaveLength(3 + 3);
      // eslint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(String(plan)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  });

  it('cannot be changed, and shows nothing of the manager', async () => {
    const plan = await planOf(sandboxOf().api());
    expect(() => (plan.delete as unknown[]).push(1)).toThrow(TypeError);
    expect(() => ((plan.delete[0] as { group: string }).group = 'x')).toThrow(TypeError);
    expect(Object.keys(plan)).toEqual(['delete', 'keep']);
  });

  it('made twice has the same digest; made of something else, another', async () => {
    const sandbox = sandboxOf();
    const api = sandbox.api();
    const digest = (await planOf(api)).toJSON().digest;
    await sandbox.advance(3_600_000);
    expect((await planOf(sandbox.api())).toJSON().digest).toBe(digest);
    expect((await api.planPrune({ groupBy: 'prefix', keep: 2 })).toJSON().digest).not.toBe(digest);
    await api.image(2).tag('b');
    expect((await planOf(api)).toJSON().digest).not.toBe(digest);
  });
});

describe('api.prunePlan', () => {
  it('reads a saved plan without a request, in another process, also from its text and with other white space', async () => {
    const sandbox = sandboxOf();
    const plan = await planOf(sandbox.api());
    sandbox.clearRequests();
    const api = sandbox.api();
    const reordered = Object.fromEntries(Object.entries(saved(plan)).reverse());
    for (const json of [saved(plan), JSON.stringify(plan, null, 4), reordered, plan.toJSON(), plan]) {
      const read = api.prunePlan(json);
      expect(read.toJSON()).toEqual(plan.toJSON());
      expect(String(read)).toBe(String(plan));
      expect(read.gigabytes).toBe(0.3);
    }
    expect(sandbox.requests).toEqual([]);
    const results = await api.prunePlan(saved(plan)).apply();
    expect(results.map(({ image, outcome }) => [image.id, outcome])).toEqual([
      [2, 'deleted'],
      [3, 'deleted'],
    ]);
  });

  it.each<[string, (plan: PrunePlanJson) => unknown]>([
    ['a further image to delete', (plan) => plan.delete.push(...plan.keep)],
    ['an image less to keep', (plan) => plan.keep.pop()],
    ['another id', (plan) => (firstOf(plan).image.id = 1)],
    ['another name', (plan) => (firstOf(plan).image.name = 'db')],
    ['a new field of an image', (plan) => (firstOf(plan).image.x = 1)],
    ['another reason', (plan) => (firstOf(plan).reason = 'old')],
    ['no guard', (plan) => (plan.protectInUse = false)],
    ['no floor', (plan) => (plan.keptByPolicy = [])],
    ['another digest', (plan) => (plan.digest = '0'.repeat(64))],
  ])('refuses a plan that was changed: %s', async (_what, change) => {
    const api = sandboxOf().api();
    const json = saved(await planOf(api));
    change(json);
    expect(() => api.prunePlan(json)).toThrow(TypeError);
    expect(() => api.prunePlan(json)).toThrow('plan: it was changed after it was made');
  });

  it('refuses a plan that names an image twice, whatever its digest', async () => {
    const api = sandboxOf().api();
    const plan = await planOf(api);
    const [first] = plan.delete;
    if (!first) throw new Error('The plan deletes nothing.');
    for (const name of ['delete', 'keep'] as const) {
      const more = { policy: '', protectInUse: true, keptByPolicy: [], delete: plan.delete, keep: plan.keep };
      const json = planToJson({ ...more, [name]: [...plan[name], first] });
      expect(() => api.prunePlan(json)).toThrow(`plan: it names image ${first.image.id} twice`);
    }
  });

  it.each<[unknown, string]>([
    [null, 'plan: expected {'],
    ['nonsense', 'plan: expected the JSON of a plan, got "nonsense"'],
    [{}, 'plan.version: expected a whole number from 1 to 1, got nothing'],
    [{ version: 2 }, 'plan.version: expected a whole number from 1 to 1, got 2'],
    [{ version: 1, polcy: '' }, 'plan.polcy: unknown option; did you mean policy?'],
  ])('refuses what is no plan: %j', (json, message) => {
    const api = sandboxOf().api();
    expect(() => api.prunePlan(json as object)).toThrow(message);
  });
});
