import { describe, expect, it } from '@jest/globals';
import { Account, type Crowd, MINUTE } from '../../bench/simulate/account';
import { type Disorder, disorderly, ORDERS } from '../../bench/simulate/disorder';
import { watch } from '../../bench/simulate/watching';
import { type DOApi, ImageImportError, NotFoundError, PermissionDeniedError } from '../../lib';
import { Sandbox, type SandboxOptions } from '../../lib/sandbox';
import { seededRandom } from '../../lib/sandbox/state/random';
import { anApi, rejection } from '../support/builders';

/** An account with disorderly lists, and a client of it. */
function inDisorder(
  crowd: Crowd,
  disorder: Disorder,
  options: SandboxOptions = {},
): { account: Account; api: DOApi } {
  const account = new Account(crowd, options);
  const adapter = disorderly(account.sandbox, disorder, seededRandom(1));
  const api = anApi({ clock: account.sandbox.clock, waitTime: Infinity, transport: { adapter } });
  return { account, api };
}

const isList = ({ path }: { path: string }): boolean => path.endsWith('/actions');

describe.each(ORDERS)('lists that are %s', (order) => {
  it.each([
    ['of one page', 40, 4, 0],
    ['of many pages', 450, 90, 0],
    ['with mostly other items', 40, 10, 1_000],
  ])('%s: every wait settles with the right state', async (_what, actions, images, noise) => {
    const crowd: Crowd = { actions, images, takes: [1_000, 10 * MINUTE], oneFailsIn: 5 };
    const { account, api } = inDisorder(crowd, { order, noise });
    const { wrong, latest } = await watch(account, api);
    expect(wrong).toBe(0);
    // Lists in which nothing is found again are useless: each action is requested by itself, which takes longer.
    if (order !== 'shuffled each time') expect(latest).toBeLessThan(2);
  });
});

describe('an account with many pages of actions', () => {
  it('is searched once: afterwards each action is expected where it was found', async () => {
    const crowd: Crowd = { actions: 600, images: 600, takes: [5 * MINUTE, 5 * MINUTE] };
    const { account, api } = inDisorder(crowd, { order: 'shuffled', noise: 1_400 });
    await watch(account, api);
    const polls = new Map<number, number>();
    for (const { at } of account.seen) polls.set(at, (polls.get(at) ?? 0) + 1);
    const [first, ...later] = [...polls.values()];
    expect(first).toBeLessThanOrEqual(14);
    expect(Math.max(...later)).toBeLessThanOrEqual(10);
  });

  it('is not searched further when single requests are cheaper', async () => {
    const crowd: Crowd = { actions: 3, images: 3, takes: [MINUTE, MINUTE] };
    const { account, api } = inDisorder(crowd, { order: 'newest first', noise: 9_000 });
    await watch(account, api);
    const first = account.seen.filter(({ at }) => at === account.seen[0]?.at);
    expect(first.length).toBeLessThanOrEqual(3 + 3 + 1);
    expect(account.seen.slice(first.length).filter(isList)).toEqual([]);
  });

  it('is searched further when an action has moved to another page', async () => {
    const crowd: Crowd = { actions: 30, images: 30, takes: [20 * MINUTE, 20 * MINUTE] };
    // Ten other actions start every minute, and are listed before those that are polled.
    const noise = (): number => 10 * Math.floor(account.now / MINUTE) + 100;
    const { account, api } = inDisorder(crowd, { order: 'newest first', noise });
    expect(await watch(account, api)).toMatchObject({ wrong: 0 });
    expect(noise()).toBeGreaterThan(290);
    expect(account.seen.filter((seen) => !isList(seen))).toEqual([]);
  });
});

describe('an action that was just made', () => {
  it.each([
    ['by no request', { hidden: () => 50_000 }],
    ['by some requests only', { leavesOut: 0.5 }],
  ])('may be found %s for a minute: every wait settles with the right state', async (_what, disorder) => {
    for (const actions of [1, 4, 60]) {
      const crowd: Crowd = { actions, images: 10, takes: [20_000, 5 * MINUTE], oneFailsIn: 3 };
      const { account, api } = inDisorder(crowd, { order: 'newest first', ...disorder });
      expect((await watch(account, api)).wrong).toBe(0);
    }
  });

  it('is not requested by itself, when there are many: that would be a burst', async () => {
    const crowd: Crowd = { actions: 100, images: 100, takes: [5 * MINUTE, 5 * MINUTE] };
    const { account, api } = inDisorder(crowd, { order: 'newest first', hidden: () => 50_000 });
    await watch(account, api);
    expect(account.seen.filter((seen) => !isList(seen))).toEqual([]);
  });

  it('is requested by itself, when there are few', async () => {
    const crowd: Crowd = { actions: 3, images: 3, takes: [20_000, 20_000] };
    const account = new Account(crowd);
    const { sandbox } = account;
    sandbox.fail({
      on: 'GET /v2/actions',
      with: 'altered',
      alter: () => ({ actions: [], meta: { total: 0 } }),
    });
    const { wrong, latest } = await watch(account);
    expect(wrong).toBe(0);
    expect(latest).toBeLessThan(2);
  });

  it('is not found after a minute: the wait ends', async () => {
    const crowd: Crowd = { actions: 1, images: 1, takes: [5 * MINUTE, 5 * MINUTE] };
    const { account, api } = inDisorder(crowd, { order: 'newest first', hidden: () => Infinity });
    const [wait] = account.actionsOf(api).map((action) => rejection(action.wait()));
    expect(await wait).toBeInstanceOf(NotFoundError);
    expect(account.now).toBeGreaterThanOrEqual(MINUTE);
    expect(account.now).toBeLessThan(MINUTE + 10_000);
  });
});

describe('a token', () => {
  const crowd: Crowd = { actions: 12, images: 3, takes: [MINUTE, 2 * MINUTE], oneFailsIn: 4 };

  it("without actions:read is refused once, then the images' own lists are read", async () => {
    const account = new Account(crowd, { scopes: ['image:read', 'image:update'] });
    const api = account.api();
    expect((await watch(account, api)).wrong).toBe(0);
    const refused = account.seen.filter(({ status }) => status === 403);
    expect(refused.map(({ path }) => path)).toEqual(['/v2/actions']);
    const copy = await api.image(account.sandbox.addImage({ regions: ['nyc1'] }).id).transfer('ams3');
    await Promise.all([copy.wait(), copy.wait(), copy.fetch()]);
    expect(account.seen.filter(({ status }) => status === 403)).toEqual(refused);
  });

  it('without actions:read is refused once, also with many images', async () => {
    const account = new Account({ ...crowd, actions: 30, images: 30 }, { scopes: ['image:read'] });
    expect((await watch(account)).wrong).toBe(0);
    const refused = account.seen.filter(({ status }) => status === 403);
    expect(refused.map(({ path }) => path)).toEqual(['/v2/actions']);
  });

  it("without actions:read gets a single action by its image's URL", async () => {
    const account = new Account({ ...crowd, actions: 1, images: 1 }, { scopes: ['image:read'] });
    expect((await watch(account)).wrong).toBe(0);
    expect(new Set(account.seen.map(({ path }) => path))).toEqual(
      new Set(['/v2/actions/500001', '/v2/images/1001/actions/500001']),
    );
    expect(account.seen.filter(({ status }) => status === 403)).toHaveLength(1);
  });

  it("without image:read gets the account's list", async () => {
    const account = new Account(crowd, { scopes: ['actions:read'] });
    expect((await watch(account)).wrong).toBe(0);
    expect(account.seen.filter(({ status }) => status === 403).length).toBeLessThanOrEqual(3);
  });

  it.each([1, 4, 300])(
    'without both scopes is refused, and the waits end with that: %i of them',
    async (actions) => {
      const account = new Account(
        { ...crowd, actions, images: Math.ceil(actions / 2) },
        { scopes: ['region:read'].slice(1) },
      );
      const waits = account.actionsOf(account.api()).map((action) => rejection(action.wait()));
      for (const error of await Promise.all(waits)) expect(error).toBeInstanceOf(PermissionDeniedError);
      expect(account.now).toBe(0);
      expect(account.seen.length).toBeLessThanOrEqual(10);
    },
  );
});

describe('imports of custom images', () => {
  const from = { url: 'https://images.example/a.img', region: 'nyc3' };
  const importing = (options: SandboxOptions = {}): { sandbox: Sandbox; api: DOApi } => {
    const sandbox = new Sandbox({ images: [], importTime: 2 * MINUTE, ...options });
    return { sandbox, api: sandbox.api() };
  };

  it('are polled together, in the list of private images', async () => {
    const { sandbox, api } = importing();
    const images = await Promise.all(['a', 'b', 'c'].map((name) => api.createCustomImage({ name, ...from })));
    sandbox.clearRequests();
    const ends = await Promise.all(images.map((image) => image.waitUntilAvailable()));
    expect(ends.map(({ status }) => status)).toEqual(['available', 'available', 'available']);
    expect(sandbox.requests.map(({ path }) => path)).toEqual(sandbox.requests.map(() => '/v2/images'));
    expect(sandbox.requests[0]?.query).toMatchObject({ private: 'true', per_page: '200' });
    expect(sandbox.requests.length).toBeLessThanOrEqual(2 * 12 + 2);
  });

  it('go from NEW over pending to available', async () => {
    const { api } = importing();
    const image = await api.createCustomImage({ name: 'a', ...from });
    const states = [image.status];
    await image.waitUntilAvailable({ onProgress: ({ state }) => states.push(state.status) });
    expect([...new Set(states)]).toEqual(['NEW', 'pending', 'available']);
  });

  it('that fail are gone from the list, but reported with the reason', async () => {
    const { sandbox, api } = importing();
    sandbox.fail({ on: 'POST /v2/images', with: 'failed-import', message: 'Unsupported format.', times: 2 });
    const images = await Promise.all(['a', 'b', 'c'].map((name) => api.createCustomImage({ name, ...from })));
    const ends = await Promise.allSettled(images.map((image) => image.waitUntilAvailable()));
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    const [reason] = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    expect(reason).toBeInstanceOf(ImageImportError);
    expect((reason as Error).message).toMatch(/Unsupported format\.$/);
  });

  it.each([1, 3, 8])('may be in no list for the first minute: %i of them', async (count) => {
    const { api } = importing({ lag: 50_000 });
    const names = Array.from({ length: count }, (_, index) => `image ${index}`);
    const images = await Promise.all(names.map((name) => api.createCustomImage({ name, ...from })));
    const ends = await Promise.all(images.map((image) => image.waitUntilAvailable()));
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['available']));
  });

  it('that are deleted after the first minute end the wait', async () => {
    const { sandbox, api } = importing({ importTime: 10 * MINUTE });
    const image = await api.createCustomImage({ name: 'a', ...from });
    sandbox.clock.after(90_000, () => void image.delete());
    expect(await rejection(image.waitUntilAvailable())).toBeInstanceOf(NotFoundError);
  });
});
