import type { Clock, DOApi, Droplet, Image } from '../../lib';
import { sleep } from '../../lib/util/clock';
import { Sandbox } from '../../lib/sandbox';
import { Account, type Crowd, MINUTE } from './account';
import { atMost, formatNumber, none, type Row } from './row';
import { USUAL_INTERVAL, usualRequests, watch } from './watching';

/** 200 concurrent transfers of 200 images, each of ten seconds. */
export async function manyShort(count = 200): Promise<Row> {
  const polls = await pollsOf(count, (image) => image.transfer('ams3', { wait: true }));
  const usual = await pollsOf(count, usualTransfer);
  return {
    name: `${count} actions of ${count} images, each 10 s, a poll every 5 s`,
    checks: [atMost('polls', polls, 6, ' requests')],
    usual: `${formatNumber(usual)} requests`,
  };
}

async function pollsOf(
  count: number,
  copy: (image: Image, sandbox: Sandbox) => Promise<unknown>,
): Promise<number> {
  const sandbox = new Sandbox({
    regions: ['nyc1', 'ams3'],
    images: Array.from({ length: count }, (_, index) => ({ id: index + 1, regions: ['nyc1'] })),
    actionTime: 10_000,
    rateLimit: false,
  });
  const api = sandbox.api({ rateLimit: false });
  await Promise.all(sandbox.images.map((json) => copy(api.image(json), sandbox)));
  return sandbox.requests.filter(({ method }) => method === 'GET').length;
}

/** The loop of other clients: each wait polls by itself. */
async function usualTransfer(image: Image, { clock }: Sandbox): Promise<void> {
  let action = await image.transfer('ams3');
  while (action.inProgress) {
    await sleep(clock, USUAL_INTERVAL);
    action = await action.fetch();
  }
}

/** Droplets that are created together, and become active after 25 seconds each. */
export async function manyDroplets(count = 200): Promise<Row> {
  const names = Array.from({ length: count }, (_, index) => `web-${index + 1}`);
  const ours = await newDropletsOf(count, (api, common) =>
    api.createDroplets({ ...common, names, wait: true }),
  );
  const usual = await newDropletsOf(count, async (api, common, clock) =>
    Promise.all(
      names.map(async (name) => {
        let droplet = await api.createDroplet({ ...common, name });
        while (!droplet.active) {
          await sleep(clock, USUAL_INTERVAL);
          droplet = await droplet.fetch();
        }
        return droplet;
      }),
    ),
  );
  return {
    name: `${count} Droplets become active, each in 25 s, a poll every 5 s`,
    checks: [
      none('wrong result', ours.wrong),
      atMost('polls', ours.polls, 6, ' requests'),
      atMost('creation', ours.posts, Math.ceil(count / 10), ' requests'),
    ],
    usual: `${formatNumber(usual.polls + usual.posts)} requests`,
  };
}

const COMMON = { region: 'nyc1', size: 's-1vcpu-1gb', image: 1 };

async function newDropletsOf(
  count: number,
  create: (api: DOApi, common: typeof COMMON, clock: Clock) => Promise<Droplet[]>,
): Promise<{ wrong: number; polls: number; posts: number }> {
  const world = new Sandbox({ images: [{ id: 1, regions: ['nyc1'] }], droplets: 0 }).snapshot();
  const from = { ...world, account: { ...world.account, droplet_limit: count } };
  const sandbox = new Sandbox({ from, actionTime: 25_000, rateLimit: false });
  const droplets = await create(sandbox.api({ rateLimit: false }), COMMON, sandbox.clock);
  const right = droplets.filter(({ active, locked, publicIPv4 }) => active && !locked && publicIPv4 !== null);
  const { requests } = sandbox;
  return {
    wrong: count - right.length,
    polls: requests.filter(({ method }) => method === 'GET').length,
    posts: requests.filter(({ method }) => method === 'POST').length,
  };
}

/** The library's default limits, below DigitalOcean's 250 and 5,000. */
const PER_MINUTE = 240;
const PER_HOUR = 4_900;

export async function manyLong(actions = 1_000, images = 50): Promise<Row> {
  const crowd: Crowd = { actions, images, takes: [1_000, 40 * MINUTE], oneFailsIn: 10 };
  const account = new Account(crowd);
  const { wrong, latest, requests, inMinute, inHour, refused } = await watch(account);
  const usual = usualRequests(account.jobs);
  return {
    name: `${formatNumber(actions)} waits, actions of 1 s to 40 min over ${images} images`,
    checks: [
      none('wrong result', wrong),
      atMost('in any 60 s', inMinute, PER_MINUTE),
      atMost('in any hour', inHour, PER_HOUR),
      none('429', refused),
      atMost('all', requests, Math.floor(usual / 50), ' requests'),
      atMost('longest delay', latest, 2, ' intervals'),
    ],
    usual: `${formatNumber(usual)} requests; ${formatNumber(actions * (MINUTE / USUAL_INTERVAL))} in the first 60 s`,
  };
}

export async function veryMany(actions = 10_000, images = 2_000): Promise<Row> {
  const account = new Account({ actions, images, takes: [20 * MINUTE, 80 * MINUTE], oneFailsIn: 10 });
  const { wrong, requests, inMinute, inHour, refused } = await watch(account);
  return {
    name: `${formatNumber(actions)} waits over ${formatNumber(images)} images, 20 to 80 min (${formatNumber(requests)} requests)`,
    checks: [
      none('wrong result', wrong),
      atMost('in any 60 s', inMinute, PER_MINUTE),
      atMost('in any hour', inHour, PER_HOUR),
      none('429', refused),
    ],
    usual: `${formatNumber(usualRequests(account.jobs))} requests; ${formatNumber(actions * (MINUTE / USUAL_INTERVAL))} in the first 60 s`,
  };
}

/** A single wait, of any length. */
export async function oneWait(lengths: readonly number[] = LENGTHS): Promise<Row> {
  let more = 0;
  let ours = 0;
  let usual = 0;
  for (const length of lengths) {
    const account = new Account({ actions: 1, images: 1, takes: [length, length] });
    const api = account.api();
    // The action as a POST returns it: the simple loop sleeps first, too.
    const [json] = (await api.image(1_001).fetchAllActions().toArray()) as [
      Awaited<ReturnType<typeof api.fetchAction>>,
    ];
    const { length: before } = account.seen;
    await json.wait();
    const needed = account.seen.length - before;
    const loop = usualRequests(account.jobs);
    more = Math.max(more, needed - loop);
    ours += needed;
    usual += loop;
  }
  return {
    name: `one wait, for each of ${lengths.length} lengths from ${formatNumber((lengths[0] ?? 0) / 1_000)} s to ${formatNumber((lengths.at(-1) ?? 0) / MINUTE)} min`,
    checks: [atMost('more than the usual loop', more, 0), atMost('together', ours, usual, ' requests')],
    usual: `${formatNumber(usual)} requests`,
  };
}

const LENGTHS = Array.from({ length: 60 }, (_, index) => Math.round(1_000 * 1.154 ** index));
