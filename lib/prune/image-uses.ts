import { NotFoundError, PermissionDeniedError } from '../errors/errors';
import { type JsonObject, Mismatch } from '../model/fields';
import type { CallOptions, Requester } from '../model/requester';
import { excerpt } from '../util/text/sanitize';
import { is, isId } from '../util/validate';
import { type Reading, readWhole } from './consistent-list';
import { readRestores } from './droplet-changes';

/** What a reading needs of an item: one that came into being during it tells that the list moved. */
interface Listed {
  created_at: unknown;
}

/** A Droplet, as far as it concerns images. */
interface DropletFacts extends Listed {
  id: number;
  name: string;
  /** An id as text, or a slug. */
  image: string;
  /** The images that were made of it. */
  madeIds: readonly number[];
  locked: boolean;
}

/** An autoscale pool, as far as it concerns images. */
interface PoolFacts extends Listed {
  id: string;
  name: string;
  /** A slug, or an id as text. */
  image: string;
}

/** How images are used. */
export interface ImageUses {
  /** What uses an image: `in use by Droplets 12 (web-1), 13 (web-2)`; `null` when nothing does. */
  useOf(image: { id: number; slug: string | null }): string | null;
  /** The Droplets that images were made of, as far as they exist. */
  readonly dropletOf: ReadonlyMap<number, number>;
}

/** The uses of images, when nothing is to be protected because of them. */
export const NO_USES: ImageUses = { useOf: () => null, dropletOf: new Map() };

/**
 * Reads which images are in use, from the lists of Droplets, of Droplets with a GPU, and of autoscale pools.
 * @param twice whether a list of several pages is read twice; see {@link readWhole}
 * @throws PermissionDeniedError when the token cannot see Droplets: then no image is known to be unused
 */
export async function readUses(
  api: Requester,
  call: CallOptions,
  { twice = false } = {},
): Promise<ImageUses> {
  const reading = { ...call, twice };
  const [plain, gpus, pools] = await Promise.all([
    readDroplets(api, reading, {}),
    readDroplets(api, reading, { type: 'gpus' }),
    readPools(api, reading),
  ]);
  const droplets = [...new Map([...plain, ...gpus].map((one) => [one.id, one])).values()];
  droplets.sort((a, b) => a.id - b.id);
  const restores = await readRestores(
    api,
    droplets.filter(({ locked }) => locked),
    call,
  );
  return usesOf(droplets, pools, restores);
}

/** @param restores the ids of the Droplets that may get any of the images that were made of them */
function usesOf(
  droplets: readonly DropletFacts[],
  pools: readonly PoolFacts[],
  restores: ReadonlySet<number>,
): ImageUses {
  const byImage = new Map<string, { droplets: string[]; pools: string[] }>();
  const usersOf = (image: string): { droplets: string[]; pools: string[] } => {
    const users = byImage.get(image) ?? { droplets: [], pools: [] };
    byImage.set(image, users);
    return users;
  };
  for (const { id, name, image, madeIds } of droplets) {
    const images = new Set([image, ...(restores.has(id) ? madeIds.map(String) : [])]);
    for (const used of images) usersOf(used).droplets.push(named(id, name));
  }
  for (const { id, name, image } of pools) usersOf(image).pools.push(named(id, name));
  return {
    dropletOf: new Map(droplets.flatMap(({ id, madeIds }) => madeIds.map((made) => [made, id]))),
    useOf({ id, slug }) {
      const all = [String(id), slug].flatMap((key) => (key ? (byImage.get(key) ?? []) : []));
      const users = [
        ...list(
          'Droplet',
          all.flatMap((one) => one.droplets),
        ),
        ...list(
          'autoscale pool',
          all.flatMap((one) => one.pools),
        ),
      ];
      return users.length === 0 ? null : `in use by ${users.join(' and ')}`;
    },
  };
}

const named = (id: number | string, name: string): string => `${id} (${excerpt(name)})`;

/** How many users of an image are named. */
const MAX_NAMED = 5;

function list(noun: string, users: readonly string[]): string[] {
  if (users.length === 0) return [];
  const more = users.length > MAX_NAMED ? [`${users.length - MAX_NAMED} more`] : [];
  return [`${noun}${users.length === 1 ? '' : 's'} ${[...users.slice(0, MAX_NAMED), ...more].join(', ')}`];
}

async function readDroplets(
  api: Requester,
  call: Reading,
  params: { type?: string },
): Promise<DropletFacts[]> {
  const list = { what: 'Droplets', path: '/v2/droplets', key: 'droplets', params, item: readDroplet };
  return readWhole(api, list, call).catch((error: unknown) => {
    if (!(error instanceof PermissionDeniedError)) throw error;
    const hint = '; protect: { inUse: false } prunes without checking what is in use';
    throw new PermissionDeniedError(error, error.scope, hint);
  });
}

/** A Droplet that does not tell its image could use any. */
function readDroplet(json: unknown): DropletFacts {
  const droplet = objectOf('', json);
  const { id, name = '', image, created_at } = droplet;
  if (!isId(id)) throw new Mismatch('id', 'an id', id);
  return {
    id,
    name: typeof name === 'string' ? name : '',
    image: is.text.test(image) ? image : String(imageIdOf(image)),
    madeIds: [...idsOf(droplet.snapshot_ids), ...idsOf(droplet.backup_ids)],
    locked: droplet.locked === true,
    created_at,
  };
}

function imageIdOf(image: unknown): number {
  const id = is.object.test(image) ? image.id : image;
  if (!isId(id))
    throw new Mismatch(
      'image',
      'an image (the token may lack the scope image:read; protect: { inUse: false } does not check Droplets)',
      id,
    );
  return id;
}

const idsOf = (ids: unknown): number[] => (Array.isArray(ids) ? ids.filter(isId) : []);

function objectOf(path: string, json: unknown): JsonObject {
  if (!is.object.test(json)) throw new Mismatch(path, 'an object', json);
  return json;
}

/** No autoscale pools when the token may not see them, or an API has none. */
async function readPools(api: Requester, call: Reading): Promise<PoolFacts[]> {
  let hasRead = false;
  const list = {
    what: 'autoscale pools',
    path: '/v2/droplets/autoscale',
    key: 'autoscale_pools',
    item: (json: unknown) => {
      hasRead = true;
      return readPool(json);
    },
  };
  return readWhole(api, list, call).catch((error: unknown) => {
    // A 403 or 404 of a proxy says nothing of the token, nor does that of a later page.
    const isDenied = error instanceof PermissionDeniedError || error instanceof NotFoundError;
    if (isDenied && error.id !== null && !hasRead) return [];
    throw error;
  });
}

function readPool(json: unknown): PoolFacts {
  const { id, name = '', droplet_template: template, created_at } = objectOf('', json);
  const { image } = objectOf('droplet_template', template);
  if (!is.text.test(image) && !isId(image))
    throw new Mismatch('droplet_template.image', 'a slug or an id', image);
  return { id: String(id), name: typeof name === 'string' ? name : '', image: String(image), created_at };
}

/**
 * The Droplets that snapshots were made of, also those that no longer exist.
 * @param isNeeded whether nothing else tells
 * @returns nothing when the token may not see snapshots
 * @throws PermissionDeniedError when it may not, and they are needed
 */
export async function readOrigins(
  api: Requester,
  call: CallOptions,
  isNeeded: boolean,
): Promise<Map<number, number>> {
  const params = { resource_type: 'droplet' };
  const item = (json: unknown): Listed & { id: string; origin: number } => {
    const { id, resource_id: origin, created_at } = objectOf('', json);
    return { id: String(id), origin: Number(origin), created_at };
  };
  const list = { what: 'snapshots', path: '/v2/snapshots', key: 'snapshots', params, item };
  const snapshots = await readWhole(api, list, call).catch((error: unknown) => {
    if (!isNeeded && error instanceof PermissionDeniedError) return [];
    throw error;
  });
  return new Map(
    snapshots.flatMap(({ id, origin }) => (isId(Number(id)) && isId(origin) ? [[Number(id), origin]] : [])),
  );
}
