import type { Action } from './action';
import { sleep } from './util/clock';
import { DOApiError } from './errors/errors';
import type { CallOptions, Requester } from './model/requester';
import type { Listing } from './pagination/listing';

/** How long before the POST a match may have started: clocks differ, and the API may round dates. */
const START_MARGIN = 60_000;

/** How often the list is read without a match and without drift before the result is `null`, and how often at most. */
const READINGS = { required: 2, max: 4 };

/**
 * A new item can be missing from lists for up to a minute, so that the last reading comes no earlier after the POST.
 * With a `waitInterval` under 5 s, which suits a server faster than DigitalOcean's, it comes after 12 intervals.
 */
const LIST_LAG = { max: 60_000, intervals: 12 };

interface Search<T> {
  list: (options: CallOptions) => Listing<T>;
  /** @param since in milliseconds since 1970, by the server's clock */
  matches: (item: T, since: number) => boolean;
  /** When the POST was sent, in milliseconds since 1970, by the local clock. */
  sentAt: number;
}

/** The pause before another reading, each of which may be the last. */
function pauseBeforeReading({ clock, waitInterval }: Requester, sentAt: number): number {
  const lag = Math.min(LIST_LAG.max, LIST_LAG.intervals * waitInterval);
  const elapsed = Math.max(0, clock.date() - sentAt);
  return Math.max(waitInterval, lag - elapsed);
}

/**
 * Searches a list for what a POST created.
 * @returns the matching item with the highest id; `null` when there is none
 * @throws DOApiError when the list changed during too many readings
 */
async function search<T extends { id: number }>(
  api: Requester,
  { list, matches, sentAt }: Search<T>,
  options: CallOptions,
): Promise<T | null> {
  let consistent = 0;
  for (let reading = 1; reading <= READINGS.max; reading++) {
    if (reading > 1) await sleep(api.clock, pauseBeforeReading(api, sentAt), options.signal);
    const listing = list(options);
    const items = await listing.toArray();
    const found = items.filter((item) => matches(item, sentAt + api.clockSkew - START_MARGIN));
    if (found.length > 0) return found.reduce((a, b) => (b.id > a.id ? b : a));
    if (!listing.drifted) consistent += 1;
    if (consistent === READINGS.required) return null;
  }
  throw new DOApiError(
    'reconcile: the list kept changing while it was read, so the outcome is still unknown; try again in a minute',
  );
}

interface HasActions {
  fetchAllActions(options: CallOptions & { consistent?: boolean }): Listing<Action>;
}

/** Types under which the API may list an action; older responses have another name for a convert. */
const TYPE_ALIASES: Readonly<Record<string, readonly string[]>> = {
  convert: ['convert', 'convert_to_snapshot'],
};

/** Searches for the action that a lost POST started: of the same type and region, and started at about that time. */
export function findStartedAction(
  api: Requester,
  resource: HasActions,
  body: Readonly<Record<string, unknown>>,
  sentAt: number,
  options: CallOptions,
): Promise<Action | null> {
  const type = body.type as string;
  const types = TYPE_ALIASES[type] ?? [type];
  const region = typeof body.region === 'string' ? body.region : null;
  return search(
    api,
    {
      list: (call) => resource.fetchAllActions({ ...call, consistent: true }),
      matches: (action, since) =>
        types.includes(action.type ?? '') &&
        (region === null || action.regionSlug === region) &&
        (action.startedAt?.getTime() ?? 0) >= since,
      sentAt,
    },
    options,
  );
}

/** Searches for the image that a lost POST created: of the same name, and created at about that time. */
export function findCreatedImage<T extends { id: number; name: string; createdAt: Date | null }>(
  api: Requester,
  list: Search<T>['list'],
  name: string,
  sentAt: number,
  options: CallOptions,
): Promise<T | null> {
  const matches = (image: T, since: number): boolean =>
    image.name === name && (image.createdAt?.getTime() ?? 0) >= since;
  return search(api, { list, matches, sentAt }, options);
}
