import { describe, expect, it } from '@jest/globals';
import type { DOApi, PrunePlan, PruneOptions, PruneResult } from '../../lib';
import { type ImageJson, Sandbox } from '../../lib/sandbox';
import { seededRandom } from '../../lib/sandbox/state/random';
import { forEachConcurrently } from '../../lib/util/concurrency';
import { scaled } from '../support/scale';

const SEEDS = scaled(10_000, 300);

const NAMES = ['web-1', 'web-2', 'db-2026-11-20', 'db', 'golden'];
const TAGS = ['gold', 'nightly'];
const DAY = 86_400_000;
const START = Date.parse('2025-10-01T00:00:00Z');
const RETRIES = 3;

/** An account that changes between plan and apply, over a network that fails. */
class PruneWorld {
  readonly sandbox: Sandbox;
  readonly api: DOApi;
  readonly #others: DOApi;
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const images = Array.from({ length: 1 + this.upTo(12) }, (_, index) => this.#image(100 + index));
    const base = { id: 1, slug: 'ubuntu', public: true, regions: ['nyc1'], min_disk_size: 0 };
    this.sandbox = new Sandbox({
      images: [base, ...images],
      droplets: Array.from({ length: this.upTo(2) }, (_, index) => ({
        id: 10 + index,
        name: `d-${index}`,
        region: 'nyc1',
        image: this.pick([base, ...images]).id,
      })),
      actionTime: 10 * DAY,
      rateLimit: false,
      seed,
    });
    this.api = this.sandbox.api({ rateLimit: false, retries: RETRIES });
    this.#others = this.sandbox.api({ rateLimit: false });
  }

  upTo(max: number): number {
    return Math.floor(this.#random() * (max + 1));
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.upTo(list.length - 1)] as T;
  }

  #image(id: number): Partial<ImageJson> & { id: number } {
    return {
      id,
      name: this.pick(NAMES),
      type: 'snapshot',
      status: this.chance(0.1) ? 'pending' : 'available',
      regions: ['nyc1'],
      min_disk_size: 0,
      tags: TAGS.filter(() => this.chance(0.3)),
      created_at: new Date(START + this.upTo(30) * DAY).toISOString().replace('.000Z', 'Z'),
    };
  }

  options(): Omit<PruneOptions, 'keep'> & { keep: { last: number; daily: number; tags: string[] } } {
    const groupBy = this.pick(['name', 'prefix', 'droplet', undefined] as const);
    const keep = { last: 1 + this.upTo(2), daily: this.upTo(3), tags: this.chance(0.3) ? ['gold'] : [] };
    const olderThan = this.chance(0.2) ? '80d' : 0;
    return { groupBy, keep, olderThan, protect: { inUse: this.chance(0.85) } };
  }

  /** What other people do between plan and apply. */
  async change(): Promise<void> {
    for (let count = this.upTo(4); count > 0; count--) {
      const mine = this.sandbox.images.filter((image) => !image.public);
      if (mine.length === 0) return;
      const image = this.#others.image(this.pick(mine).id);
      // What the API refuses changes nothing.
      await this.pick([
        () => {
          const image = { ...this.#image(1_000), id: undefined, type: 'snapshot' };
          return Promise.resolve(this.sandbox.addImage(image));
        },
        () => image.delete(),
        () => image.update({ name: this.pick(NAMES) }),
        () => image.tag(this.pick(TAGS)),
        () => image.transfer('fra1'),
        () =>
          this.#others.createDroplet({ name: 'new', region: 'nyc1', size: 's-1vcpu-1gb', image: image.id }),
        async () => (await this.#others.fetchAllDroplets().first())?.rebuild(image.id),
      ])().catch(() => undefined);
    }
  }

  /** Faults of lists and deletions from now on. @returns how many DELETEs an image may need */
  disturb(): number {
    if (this.chance(0.25)) {
      const on = this.pick(['GET /v2/images', 'GET /v2/droplets', 'GET /v2/actions']);
      this.sandbox.fail({ on, with: 'status', status: 503, times: 1 + this.upTo(5), after: this.upTo(1) });
    }
    const isHit = this.chance(0.4);
    if (isHit) {
      const kind = this.pick([
        'reset-before-execution',
        'reset-after-execution',
        'status-after-execution',
      ] as const);
      this.sandbox.fail({
        on: 'DELETE /v2/images/:id',
        with: kind,
        times: 1 + this.upTo(8),
        after: this.upTo(2),
      });
    }
    return isHit ? 1 + RETRIES : 1;
  }

  /** A signal that aborts after some requests; `undefined` mostly. */
  abortSometime(): AbortSignal | undefined {
    if (!this.chance(0.25)) return undefined;
    const controller = new AbortController();
    let left = this.upTo(12);
    const when = (): boolean => {
      if (left-- === 0) controller.abort();
      return false;
    };
    this.sandbox.fail({ with: 'delay', when });
    return controller.signal;
  }

  /** Whether an image is there as it was planned, told from the state of the sandbox and not by the code under test. */
  isIntact(planned: Record<string, unknown>): boolean {
    const now = this.sandbox.images.find(({ id }) => id === planned.id);
    return (
      now !== undefined &&
      !now.public &&
      now.status === 'available' &&
      now.name === planned.name &&
      now.created_at === planned.created_at &&
      JSON.stringify([...now.tags].sort()) === JSON.stringify([...(planned.tags as string[])].sort())
    );
  }

  /** Whether something protects an image now, told in the same way. */
  isProtected(planned: Record<string, unknown>, protectInUse: boolean): boolean {
    const { images, droplets, actions } = this.sandbox;
    if (!images.some(({ id }) => id === planned.id)) return false;
    return (
      (protectInUse && droplets.some(({ image }) => image.id === planned.id)) ||
      actions.some(
        ({ status, resource_id, resource_type }) =>
          status === 'in-progress' && resource_type === 'image' && resource_id === planned.id,
      ) ||
      !this.isIntact(planned)
    );
  }
}

const idsOf = (images: readonly { id: number }[]): number[] => images.map(({ id }) => id);

/** What is wrong with a plan. */
function problemsOfPlan(
  plan: PrunePlan,
  world: PruneWorld,
  options: ReturnType<PruneWorld['options']>,
): string[] {
  const problems: string[] = [];
  const all = [...plan.delete, ...plan.keep];
  const mine = world.sandbox.images.filter((image) => !image.public);
  if (JSON.stringify(idsOf(all.map(({ image }) => image)).sort()) !== JSON.stringify(idsOf(mine).sort()))
    problems.push('does not name each image once');
  if (all.some(({ reason }) => reason === '')) problems.push('an entry without a reason');
  for (const { image } of plan.delete)
    if (world.isProtected(image.toJSON(), options.protect?.inUse ?? true))
      problems.push(`deletes ${image.id}`);
  for (const group of new Set(plan.delete.map((one) => one.group))) {
    const usable = all.filter((one) => one.group === group && one.image.status === 'available');
    const kept = plan.keep.filter((one) => usable.includes(one));
    const days = new Set(usable.map(({ image }) => image.createdAt?.toISOString().slice(0, 10)));
    const floor = Math.max(
      Math.min(options.keep.last, usable.length),
      Math.min(options.keep.daily, days.size),
    );
    if (kept.length < floor) problems.push(`group ${group} keeps ${kept.length} of ${floor}`);
  }
  return problems;
}

/** The images that a plan deletes or its policy keeps, and that are as they were, by group. */
function intactByGroup(plan: PrunePlan, world: PruneWorld): Map<string, number> {
  const byPolicy = new Set(plan.toJSON().keptByPolicy);
  const entries = [...plan.delete, ...plan.keep.filter(({ image }) => byPolicy.has(image.id))];
  const counts = new Map<string, number>();
  for (const { image, group } of entries)
    counts.set(group, (counts.get(group) ?? 0) + Number(world.isIntact(image.toJSON())));
  return counts;
}

/** The groups that are left with fewer images than the policy keeps of them, though they had as many. */
function groupsBelowFloor(
  plan: PrunePlan,
  before: Map<string, number>,
  after: Map<string, number>,
): string[] {
  const byPolicy = new Set(plan.toJSON().keptByPolicy);
  return [...before].flatMap(([group, count]) => {
    const kept = plan.keep.filter((one) => one.group === group && byPolicy.has(one.image.id)).length;
    const left = after.get(group) ?? 0;
    return left < Math.min(kept, count) ? [`group ${group} is left with ${left} of ${kept}`] : [];
  });
}

/** What is wrong with the application of a plan. */
function problemsOfApply(
  plan: PrunePlan,
  results: readonly PruneResult[],
  world: {
    before: ReadonlySet<number>;
    safe: ReadonlySet<number>;
    after: ReadonlySet<number>;
    sent: readonly number[];
    maxDeletes: number;
  },
): string[] {
  const problems: string[] = [];
  const planned = idsOf(plan.delete.map(({ image }) => image));
  const missing = [...world.before].filter((id) => !world.after.has(id));
  for (const id of missing) {
    if (!planned.includes(id)) problems.push(`deleted ${id}, which is not in the plan`);
    if (world.safe.has(id)) problems.push(`deleted ${id}, which is protected`);
  }
  if (JSON.stringify(idsOf(results.map(({ image }) => image))) !== JSON.stringify(planned))
    problems.push('does not account for each image once');
  for (const { image, outcome, error } of results) {
    const isThere = world.after.has(image.id);
    const sent = world.sent.filter((id) => id === image.id).length;
    if (sent > world.maxDeletes) problems.push(`${image.id}: ${sent} DELETEs`);
    if (outcome === 'deleted' && (isThere || sent === 0)) problems.push(`${image.id} is not deleted`);
    if (outcome === 'gone' && isThere) problems.push(`${image.id} is not gone`);
    const isUntouched = ['changed', 'in-use'].includes(outcome) || (outcome === 'cancelled' && !error);
    if (isUntouched && (!world.before.has(image.id) ? outcome !== 'cancelled' : !isThere || sent > 0))
      problems.push(`${image.id} is ${outcome}, and yet something happened to it`);
  }
  return problems;
}

/** @returns what is wrong, and the outcomes */
async function runWorld(seed: number): Promise<{ problems: string[]; outcomes: string[] }> {
  const world = new PruneWorld(seed);
  const { sandbox, api } = world;
  const options = world.options();
  if (world.chance(0.3)) await world.change();
  const plan = await api.planPrune(options).catch((error: unknown) => String(error));
  if (typeof plan === 'string') {
    await api.close();
    return { problems: plan.includes(' is being rebuilt, ') ? [] : [plan], outcomes: ['rejected'] };
  }
  const problems = problemsOfPlan(plan, world, options);
  if (seed % 8 === 0) {
    const again = await api.planPrune(options);
    if (again.toJSON().digest !== plan.toJSON().digest) problems.push('planning twice gives another digest');
    const larger = await api.planPrune({
      ...options,
      keep: { ...options.keep, last: options.keep.last + 1 },
    });
    const kept = new Set(idsOf(larger.keep.map(({ image }) => image)));
    if (plan.keep.some(({ image }) => !kept.has(image.id))) problems.push('a larger keep keeps less');
  }
  await world.change();
  const before = sandbox.images;
  const safe = plan.delete.filter(({ image }) =>
    world.isProtected(image.toJSON(), options.protect?.inUse ?? true),
  );
  const maxDeletes = world.disturb();
  const intact = intactByGroup(plan, world);
  sandbox.clearRequests();
  const carried = world.chance(0.3) ? api.prunePlan(JSON.stringify(plan)) : plan;
  const signal = world.abortSometime();
  const applied = await carried
    .apply({ concurrency: 1 + world.upTo(3), signal })
    .catch((error: unknown) => String(error));
  const sent = sandbox.requests.flatMap(({ method, path }) =>
    method === 'DELETE' ? [Number(path.split('/').at(-1))] : [],
  );
  await api.close();
  if (typeof applied === 'string') {
    if (signal?.aborted) problems.push('an abort rejected');
    if (sent.length > 0) problems.push('rejected after a deletion');
    return { problems, outcomes: ['rejected'] };
  }
  problems.push(
    ...problemsOfApply(plan, applied, {
      before: new Set(idsOf(before)),
      safe: new Set(safe.map(({ image }) => image.id)),
      after: new Set(idsOf(sandbox.images)),
      sent,
      maxDeletes,
    }),
    ...groupsBelowFloor(plan, intact, intactByGroup(plan, world)),
  );
  return { problems, outcomes: applied.map(({ outcome }) => outcome) };
}

/** A test for each: all of them in one could exceed its time on a busy machine. */
const BLOCKS = scaled(5, 1);

describe(`a plan and its application, in ${SEEDS} random worlds`, () => {
  const counts = new Map<string, number>();

  it.each(Array.from({ length: BLOCKS }, (_, index) => index + 1))(
    'delete nothing that is not in the plan or has become protected, and account for each image (part %i)',
    async (block) => {
      const size = SEEDS / BLOCKS;
      const seeds = Array.from({ length: size }, (_, index) => (block - 1) * size + index + 1);
      const wrong: string[] = [];
      // The clock of a sandbox waits until the process is idle: worlds side by side wait together.
      await forEachConcurrently(seeds, 50, async (seed) => {
        const { problems, outcomes } = await runWorld(seed);
        wrong.push(...problems.map((problem) => `seed ${seed}: ${problem}`));
        for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      });
      expect(wrong).toEqual([]);
    },
  );

  it('show every outcome', () => {
    expect([...counts.keys()].sort()).toEqual(
      ['cancelled', 'changed', 'deleted', 'failed', 'gone', 'in-use', 'rejected'].sort(),
    );
  });
});
