import { nearestName } from '../../util/options/suggest';
import { printable } from '../../util/text/sanitize';
import { type DOApi, type Droplet, type Image, type Listing, NotFoundError, type Snapshot } from '../..';

/** A listing, or what a filter has left of it. */
type Found<T> = Promise<Listing<T> | T[]>;

/** What the filters of the lists can be beside a part of a name. */
export const FILTERS = {
  images: ['all', 'private', 'distribution', 'application'],
  droplets: ['all', 'gpus'],
  snapshots: ['all', 'droplet', 'volume'],
} as const;

/** A sentence for a list that a filter has left empty; `null` for any other. */
export function emptyHint(list: keyof typeof FILTERS, filter: string, found: unknown): string | null {
  if (!Array.isArray(found) || found.length > 0) return null;
  const nearest = nearestName(filter, FILTERS[list]);
  const hint = nearest === null ? '' : ` Did you mean .${list} ${nearest}?`;
  return `None of the ${list} has ${printable(filter)} in its name or tags.${hint}`;
}

/** The argument of a command. @throws TypeError when it is missing */
export function required(argument: string, usage: string): string {
  if (argument === '') throw new TypeError(`Usage: ${usage}`);
  return argument;
}

/** Images: all, of one kind, or those with a text in one of their own. */
export async function images(api: DOApi, filter: string): Found<Image> {
  if (filter === '' || filter === 'all') return api.fetchAllImages();
  if (filter === 'private') return api.fetchAllPrivateImages();
  if (filter === 'distribution' || filter === 'application') return api.fetchAllImages({ type: filter });
  return matching(api.fetchAllImages(), filter, ({ name, slug, distribution, tags }) => [
    name,
    slug,
    distribution,
    ...tags,
  ]);
}

/** Droplets: all, those with a GPU, or those with a text in name or tags. */
export async function droplets(api: DOApi, filter: string): Found<Droplet> {
  if (filter === '' || filter === 'all') return api.fetchAllDroplets();
  if (filter === 'gpus') return api.fetchAllDroplets({ type: filter });
  return matching(api.fetchAllDroplets(), filter, ({ name, tags }) => [name, ...tags]);
}

/** Snapshots: all, of Droplets or volumes, or those with a text in name or tags. */
export async function snapshots(api: DOApi, filter: string): Found<Snapshot> {
  if (filter === '' || filter === 'all') return api.fetchAllSnapshots();
  if (filter === 'droplet' || filter === 'volume') return api.fetchAllSnapshots({ resourceType: filter });
  return matching(api.fetchAllSnapshots(), filter, ({ name, tags }) => [name, ...tags]);
}

/** Upper and lower case are the same. */
async function matching<T>(
  listing: Listing<T>,
  filter: string,
  textsOf: (item: T) => readonly (string | null)[],
): Promise<T[]> {
  const part = filter.toLowerCase();
  const all = await listing.toArray();
  return all.filter((item) => textsOf(item).some((text) => text?.toLowerCase().includes(part)));
}

/** Finds an image by id, by slug, or else by the name of one of the account. */
export async function findImage(api: DOApi, which: string): Promise<Image> {
  required(which, '.image <id|slug|name>');
  const found =
    (/^[\w.-]+$/.test(which) ? await unlessMissing(api.fetchImage(which)) : null) ??
    (await api.fetchAllPrivateImages().find(({ name }) => name === which));
  if (!found)
    throw new TypeError(`There is no image ${which}; .images ${which} lists images with this in the name.`);
  return found;
}

/** Finds a Droplet by id, or else by its exact name. @returns all of them when several have the name */
export async function findDroplet(api: DOApi, which: string): Promise<Droplet | Droplet[]> {
  required(which, '.droplet <id|name>');
  const id = /^[1-9]\d*$/.test(which) ? Number(which) : NaN;
  const found = Number.isSafeInteger(id) ? await unlessMissing(api.fetchDroplet(id)) : null;
  if (found) return found;
  // The API takes upper and lower case as the same, and lists those with a GPU apart.
  const named = await api.fetchAllDroplets({ name: which }).toArray();
  const [first, ...more] =
    named.length > 0 ? named : await api.fetchAllDroplets({ name: which, type: 'gpus' }).toArray();
  if (!first)
    throw new TypeError(
      `There is no Droplet ${which}; .droplets ${which} lists Droplets with this in name or tags.`,
    );
  return more.length > 0 ? [first, ...more] : first;
}

async function unlessMissing<T>(fetched: Promise<T>): Promise<T | null> {
  try {
    return await fetched;
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}
