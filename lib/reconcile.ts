import type { Action } from './action';
import { sleep } from './util/clock';
import { DOApiError } from './errors/errors';
import type { Cancellable, Requester } from './model/requester';
import type { Listing } from './pagination/listing';

/** An answer is lost some time after the request was sent, and clocks differ: what began this long before it may be it. */
const MARGIN = 60_000;

/** One look proves nothing. `null` takes two that held still while they were read. */
const LOOKS = { needed: 2, most: 4 };

/**
 * What was just made is missing from lists for up to a minute, so nobody is told sooner after the POST that it is not
 * there. Whoever looks more often than usual has a server that is faster than usual: so many of his intervals will do.
 */
const SETTLED = { after: 60_000, intervals: 12 };

interface Search<T> {
  list: (options: Cancellable) => Listing<T>;
  /** @param since a date in milliseconds since 1970, by the server's clock */
  matches: (item: T, since: number) => boolean;
  /** When the POST was sent, by our clock. */
  sentAt: number;
}

/** How long to wait before another look, which may be the last one. */
function pauseBeforeLook({ clock, waitInterval }: Requester, sentAt: number): number {
  const settled = Math.min(SETTLED.after, SETTLED.intervals * waitInterval);
  const left = settled - Math.max(0, clock.date() - sentAt);
  return Math.max(waitInterval, left);
}

/** Looks for what a lost POST started. @throws DOApiError when the list never held still, so that nobody can tell */
async function search<T extends { id: number }>(
  api: Requester,
  { list, matches, sentAt }: Search<T>,
  { signal }: Cancellable,
): Promise<T | null> {
  const options = signal ? { signal } : {};
  let still = 0;
  for (let look = 1; look <= LOOKS.most; look++) {
    if (look > 1) await sleep(api.clock, pauseBeforeLook(api, sentAt), signal);
    const listing = list(options);
    const items = await listing.toArray();
    const found = items.filter((item) => matches(item, sentAt + api.clockSkew - MARGIN));
    if (found.length > 0) return found.reduce((a, b) => (b.id > a.id ? b : a));
    if (!listing.drifted) still += 1;
    if (still === LOOKS.needed) return null;
  }
  throw new DOApiError(
    'reconcile: the list kept changing while it was read, so it cannot be told yet; try again in a minute',
  );
}

interface HasActions {
  fetchAllActions(options: Cancellable & { consistent?: boolean }): Listing<Action>;
}

/** DigitalOcean's older answers name a convert so. */
const ALIASES: Readonly<Record<string, readonly string[]>> = { convert: ['convert', 'convert_to_snapshot'] };

/** The newest action of that type, to that region, that began about when the POST was sent. */
export function findStartedAction(
  api: Requester,
  resource: HasActions,
  body: Readonly<Record<string, unknown>>,
  sentAt: number,
  options: Cancellable,
): Promise<Action | null> {
  const type = body.type as string;
  const types = ALIASES[type] ?? [type];
  const region = typeof body.region === 'string' ? body.region : null;
  return search(
    api,
    {
      list: (cancellable) => resource.fetchAllActions({ ...cancellable, consistent: true }),
      matches: (action, since) =>
        types.includes(action.type ?? '') &&
        (region === null || action.regionSlug === region) &&
        (action.startedAt?.getTime() ?? 0) >= since,
      sentAt,
    },
    options,
  );
}

/** The newest private image of that name that was made about when the POST was sent. */
export function findCreatedImage<T extends { id: number; name: string; createdAt: Date | null }>(
  api: Requester,
  list: Search<T>['list'],
  name: string,
  sentAt: number,
  options: Cancellable,
): Promise<T | null> {
  const matches = (image: T, since: number): boolean =>
    image.name === name && (image.createdAt?.getTime() ?? 0) >= since;
  return search(api, { list, matches, sentAt }, options);
}
