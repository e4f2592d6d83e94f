import { Droplet } from './droplet';
import type { NewDropletOfImage } from './new-droplet';
import {
  dropletBodyOf,
  type DropletSettings,
  NEW_DROPLET,
  NEW_DROPLET_OF_IMAGE,
  NEW_DROPLETS,
  type NewDroplet,
  type NewDroplets,
} from './droplet-params';
import { toCaller } from './errors/caller-stack';
import { CreateDropletsError, type CreateFailure } from './errors/droplet-errors';
import { LookupError } from './errors/lookup';
import { ReadOnlyError } from './errors/read-only';
import type { LostResponse } from './errors/unknown-outcome';
import { fitsDroplet } from './fits';
import type { Image } from './image';
import { type JsonObject, Mismatch } from './model/fields';
import type { CallOptions, Requester } from './model/requester';
import { hydrate } from './model/resource';
import type { Listing, ListingOptions } from './pagination/listing';
import type { WaitOptions } from './polling/wait-options';
import { adoptLost, searchLost } from './reconcile';
import { checkPlacement } from './placement';
import { throwIfAborted } from './util/abort';
import { forEachConcurrently } from './util/concurrency';
import { checkObject } from './util/validate';
import { validateOptions } from './util/options/validate-options';
import { withLimits } from './util/with-limits';

/** The most Droplets that one request creates. */
const MAX_NAMES = 10;

/** Requests at the same time. The rate limiter decides how fast they go out. */
const CONCURRENCY = 4;

/** Lists Droplets, as `api.fetchAllDroplets` does. */
export type ListDroplets = (filter: ListingOptions & { name?: string; type?: 'gpus' }) => Listing<Droplet>;

/** What creations have in common. */
interface Creation {
  api: Requester;
  list: ListDroplets;
  call: CallOptions;
}

/** See `api.createDroplet`. */
export function createFrom(creation: Creation, given: NewDroplet): Promise<Droplet> {
  const { name, wait, ...settings } = validateOptions(checkObject('droplet', given), NEW_DROPLET);
  return createOne(creation, { name, wait, settings });
}

/** See `image.createDroplet`. */
export async function createFromImage(
  creation: Creation,
  image: Image,
  given: NewDropletOfImage,
): Promise<Droplet> {
  const { name, wait, ...rest } = validateOptions(checkObject('droplet', given), NEW_DROPLET_OF_IMAGE);
  // One that was created from its id alone knows no regions.
  const known = 'regions' in image.raw ? image : await image.fetch(creation.call);
  const region = rest.region ?? known.regions[0];
  if (region === undefined)
    throw new RangeError(
      `region: expected a region, since image ${image.id} is in none that it could start from`,
    );
  return createOne(creation, { name, wait, settings: { ...rest, image: known, region } });
}

async function createOne(
  creation: Creation,
  { name, wait, settings }: { name: string; wait: boolean | object; settings: DropletSettings },
): Promise<Droplet> {
  const { api, call } = creation;
  await checkPlacement(api, settings, call);
  const [created] = (await send({ ...creation, settings, isSingle: true }, [name])) as [Droplet];
  return wait === false ? created : untilActive(creation, created, wait);
}

/** See `api.createDroplets`. */
export async function createMany(creation: Creation, given: NewDroplets): Promise<Droplet[]> {
  const { names, wait, ...settings } = validateOptions(checkObject('droplets', given), NEW_DROPLETS);
  const { api, call } = creation;
  if (names.length === 0) return [];
  await checkPlacement(api, settings, call);
  const run = (): Promise<Droplet[]> => createAll(creation, { names, wait, settings });
  if (!api.group) return run();
  const url = `${api.endpoint}/v2/droplets`;
  return api.group({ method: 'POST', url, body: dropletBodyOf(settings, names) }, run);
}

async function createAll(
  creation: Creation,
  order: { names: readonly string[]; wait: boolean | object; settings: DropletSettings },
): Promise<Droplet[]> {
  const { names, wait, settings } = order;
  const { call } = creation;
  const created: (Droplet | undefined)[] = [];
  const failures: CreateFailure[] = [];
  const requests = Array.from({ length: Math.ceil(names.length / MAX_NAMES) }, (_, at) => at * MAX_NAMES);
  await forEachConcurrently(requests, CONCURRENCY, async (at) => {
    const some = names.slice(at, at + MAX_NAMES);
    try {
      const droplets = await send({ ...creation, settings, isSingle: false }, some);
      droplets.forEach((droplet, index) => (created[at + index] = droplet));
    } catch (error) {
      // One request that the API refuses does not end the others: Droplets that exist are paid for.
      failures.push({ names: some, error });
    }
  });
  const all = created.filter((droplet) => droplet !== undefined);
  const active =
    wait === false || failures.length > 0 ? all : await waitForAll(creation, all, { wait, failures });
  const [first] = failures;
  if (!first) return active;
  // It refuses all requests alike.
  const isOnly = failures.length === 1 || first.error instanceof ReadOnlyError;
  if (all.length === 0 && isOnly) throw first.error;
  if (all.length === 0) for (const signal of [call.signal, creation.api.signal]) throwIfAborted(signal);
  throw new CreateDropletsError(active, failures, names.length);
}

/** Waits for all. One that fails does not end the other waits. */
async function waitForAll(
  creation: Creation,
  droplets: readonly Droplet[],
  { wait, failures }: { wait: boolean | object; failures: CreateFailure[] },
): Promise<Droplet[]> {
  const waits = droplets.map((droplet) =>
    untilActive(creation, droplet, wait).catch((error: unknown) => {
      failures.push({ names: [droplet.name], error });
      return droplet;
    }),
  );
  return Promise.all(waits);
}

/** The signal of the call ends the wait, and so does its own. */
function untilActive({ api, call }: Creation, droplet: Droplet, wait: boolean | object): Promise<Droplet> {
  const options: WaitOptions<Droplet> = wait === true ? {} : (wait as object);
  const signals = [call.signal, options.signal];
  const limits = { clock: api.clock, signals, timeout: Infinity, onTimeout: () => undefined };
  const active = withLimits(limits, ({ signal }) => droplet.waitUntilActive({ ...options, signal }));
  return active.catch(toCaller([...signals, api.signal]));
}

interface Order extends Creation {
  settings: DropletSettings;
  /** Whether `reconcile()` gives one Droplet, not a list. */
  isSingle: boolean;
}

/** Sends one request. A lost response is searched for. @returns the Droplets in the order of the names */
function send(order: Order, names: readonly string[]): Promise<Droplet[]> {
  const { api, settings, call } = order;
  const body = dropletBodyOf(settings, names);
  const created = api.send(`${api.endpoint}/v2/droplets`, {
    ...call,
    method: 'POST',
    body,
    fits: (item) => names.map((name) => fitsDroplet(name, body)(item)).reduce(either),
    reconcile: async (lost, options) => {
      const found = await findLost(order, { names, body, lost }, options);
      return order.isSingle ? (found?.[0] ?? null) : found;
    },
    read: (json) => readDroplets(api, names, json),
  });
  const { clock, waitInterval: interval, signal } = api;
  // No step of a wait: the search is sent as a call is.
  const until = { clock, interval, deadline: -Infinity, signals: [call.signal, signal] };
  return created.catch(async (error: unknown) => {
    const found = await adoptLost<Droplet | Droplet[]>(error, call, until);
    return Array.isArray(found) ? found : [found];
  });
}

/** `true` when one is, else `null` when one of them does not tell. */
const either = (a: boolean | null, b: boolean | null): boolean | null => (a || b ? true : a === b ? a : null);

/** The API does not promise an order. */
function readDroplets(api: Requester, names: readonly string[], json: unknown): Droplet[] {
  const { droplet, droplets = [droplet] } = (json ?? {}) as JsonObject;
  if (!Array.isArray(droplets)) throw new Mismatch('droplets', 'an array', droplets);
  const read = droplets.map((item: unknown, at) => {
    try {
      return hydrate(Droplet, item, api);
    } catch (error) {
      throw error instanceof Mismatch ? error.within(droplet ? 'droplet' : `droplets[${at}]`) : error;
    }
  });
  return names.map((name) => {
    const at = read.findIndex((one) => one.name === name);
    const [found] = at < 0 ? [] : read.splice(at, 1);
    if (!found) throw new Mismatch('droplets', `one named ${name}`, read.map((one) => one.name).join(', '));
    return found;
  });
}

/** Searches for the Droplets of a lost request: all of them, or none. */
async function findLost(
  { api, list, settings }: Order,
  { names, body, lost }: { names: readonly string[]; body: JsonObject; lost: LostResponse },
  options: CallOptions,
): Promise<Droplet[] | null> {
  const found: Droplet[] = [];
  for (const name of names) {
    // Those with a GPU are a list of their own.
    const filter = settings.size.startsWith('gpu-') ? ({ type: 'gpus' } as const) : { name };
    const search = {
      noun: 'droplet',
      list: (listing: ListingOptions) => list({ ...listing, ...filter }),
      fits: fitsDroplet(name, body),
      dateOf: ({ createdAt }: Droplet) => createdAt,
    } as const;
    const droplet = await searchLost(api, search, lost, options);
    if (droplet) found.push(droplet);
  }
  if (found.length > 0 && found.length < names.length)
    throw new LookupError(
      `reconcile: ${found.length} of ${names.length} Droplets are listed, so the outcome is still unknown`,
      found,
    );
  return found.length === 0 ? null : found;
}
