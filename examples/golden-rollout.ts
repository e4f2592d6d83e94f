/**
 * Builds a golden image, copies it to regions and creates a Droplet from it in each of them. It may be killed at any moment
 * and run again: it goes on where it was, and makes nothing twice.
 *
 *     npx ts-node -T examples/golden-rollout.ts
 *
 * There is no file with its state. The state is the account: everything has a name or a tag that begins with the version, and
 * each step looks for its result before it makes one. Run one rollout of a version at a time.
 */
import { setTimeout } from 'node:timers/promises';
import { type DOApi, type Droplet, type Image, NotFoundError } from '../lib';
import { pauseOf, quickSandbox, run } from './support/run';

/** What is rolled out. */
export interface Plan {
  /** Letters, digits and `-`: the name of the image, the tag of the Droplets and the beginning of their names. */
  version: string;
  /** The slug of the public image to begin with. */
  base: string;
  size: string;
  /** The image is built in the first one. */
  regions: readonly [string, ...string[]];
  /** Installs the software. It may run twice: a run that was killed does not know how far it had come. */
  build: (droplet: Droplet) => Promise<void>;
}

/** Waits for some milliseconds. */
type Pause = (ms: number) => Promise<unknown>;

/**
 * The lists of the API may lack what is new for up to a minute, and the last request of a run that was killed may still be
 * under way. So before a run makes what it does not find, it waits once and looks again.
 */
const LIST_LAG = 90_000;

/** @returns the Droplets, all active, in the order of the regions */
export async function goldenRollout(api: DOApi, plan: Plan, pause: Pause = setTimeout): Promise<Droplet[]> {
  const { version, size, base } = plan;
  const [home] = plan.regions;
  let isSure = false;
  const once = async <T>(find: () => Promise<T | null>, make: () => Promise<T>): Promise<T> => {
    let found = await find();
    if (!found && !isSure) {
      await pause(LIST_LAG);
      isSure = true;
      found = await find();
    }
    return found ?? make();
  };
  const findImage = (): Promise<Image | null> =>
    api.fetchAllPrivateImages().find(({ name, type }) => name === version && type === 'snapshot');
  const findDroplet = (name: string): Promise<Droplet | null> =>
    api.fetchAllDroplets({ tagName: version }).find((droplet) => droplet.name === name);

  const builder = `${version}-build`;
  const image = await once(findImage, async () => {
    const droplet = await once(
      () => findDroplet(builder),
      () => api.createDroplet({ name: builder, region: home, size, image: base, tags: [version] }),
    );
    await buildOnce(droplet, plan);
    // `reuse`: if an earlier run has started the snapshot, its end is awaited.
    return droplet.takeSnapshot({ name: version, powerOff: true, reuse: true });
  });
  console.log(`Image ${image.id} is ${image.name}.`);

  const golden = await once(
    () => inAllRegions(image, plan),
    async () => {
      for (const { region, outcome, error } of await image.replicate(plan.regions))
        console.log(`${region}: ${outcome}${error ? ` (${error.message})` : ''}`);
      return image.fetch();
    },
  );

  const droplets: Droplet[] = [];
  for (const region of plan.regions) {
    const name = `${version}-${region}`;
    const droplet = await once(
      () => findDroplet(name),
      () => golden.createDroplet({ name, region, size, tags: [version] }),
    );
    droplets.push(droplet);
  }
  const active = await Promise.all(droplets.map((droplet) => droplet.waitUntilActive()));
  for (const { name, publicIPv4 } of active) console.log(`${name} is active at ${String(publicIPv4)}.`);

  const leftOver = await findDroplet(builder);
  if (leftOver) await destroy(leftOver);
  return active;
}

/** The image when all regions have it, else `null`. */
async function inAllRegions(image: Image, { regions }: Plan): Promise<Image | null> {
  const current = await image.fetch();
  return regions.every((region) => current.regions.includes(region)) ? current : null;
}

/** A tag says that the software is installed. Until then the Droplet stays on. */
async function buildOnce(droplet: Droplet, { version, build }: Plan): Promise<void> {
  const built = `${version}-built`;
  if (droplet.tags.includes(built)) return;
  await build(await droplet.waitUntilActive());
  await droplet.tag(built);
}

/** Destroys a Droplet, which a list may show although it is gone. */
async function destroy(droplet: Droplet): Promise<void> {
  try {
    await droplet.waitForAction({ throwOnError: false }); // until then it cannot be destroyed
    await droplet.delete();
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}

/** The rollout of this example. */
export const PLAN: Plan = {
  version: 'web-v7',
  base: 'ubuntu-24-04-x64',
  size: 's-1vcpu-1gb',
  regions: ['nyc3', 'ams3', 'sgp1'],
  build: async ({ publicIPv4 }) => {
    await Promise.resolve(); // in your program: over SSH, or until cloud-init (`userData`) has finished
    console.log(`${String(publicIPv4)}: the software is installed.`);
  },
};

if (require.main === module) {
  const sandbox = quickSandbox();
  run(async (api) => {
    await goldenRollout(api, PLAN, pauseOf(sandbox.clock));
  }, sandbox);
}
