import type { Action } from './action';
import { DOApiError } from './errors/errors';
import { LookupError } from './errors/lookup';
import { type LostResponse, UnknownOutcomeError } from './errors/unknown-outcome';
import type { CallOptions, Requester } from './model/requester';
import type { Listing } from './pagination/listing';
import { persist, type Persistence } from './polling/persist';
import { throwIfAborted } from './util/abort';
import { sleep } from './util/clock';
import { MINUTE } from './util/time-units';
import { withLimits } from './util/with-limits';

/** How long before the request a match may have started: clocks differ, and the API may round dates. */
const START_MARGIN = MINUTE;

/** How often the list is read without a match and without drift before the result is `null`, and how often at most. */
const READINGS = { required: 2, max: 4 };

/** A new item can be missing from lists for up to a minute: only a reading after that shows that it does not exist. */
const LIST_LAG = MINUTE;

/** How many items of a manager are remembered with the call that made them; the oldest are forgotten. */
const MAX_CLAIMS = 1_000;

interface Search<T> {
  /** What is searched for, in the plural. */
  noun: string;
  list: (options: CallOptions & { consistent: true }) => Listing<T>;
  /** @param since in milliseconds since 1970, by the server's clock */
  matches: (item: T, since: number) => boolean;
}

/**
 * Notes that a call has made `item`, so that no search of another call takes it for its own.
 * @param owner stands for the call
 */
export function claim<T extends { id: number }>(
  api: Requester,
  noun: string,
  item: T,
  owner: object = {},
): T {
  const { claims } = api;
  claims.set(`${noun} ${item.id}`, owner);
  const [oldest] = claims.keys();
  if (claims.size > MAX_CLAIMS && oldest !== undefined) claims.delete(oldest);
  return item;
}

/** The pause before another reading, each of which may be the last. */
function pauseBeforeReading({ clock, waitInterval }: Requester, lostAt: number): number {
  const remaining = lostAt + LIST_LAG - clock.now();
  return Math.max(Math.min(waitInterval, LIST_LAG), remaining);
}

/**
 * Searches a list for what a request created. Items that other calls of the manager have made do not match.
 * @returns the matching item; `null` when there is none
 * @throws LookupError when several items match, DOApiError when the list changed during too many readings
 */
function search<T extends { id: number }>(
  api: Requester,
  { noun, list, matches }: Search<T>,
  lost: LostResponse,
  options: CallOptions,
): Promise<T | null> {
  const owner = (item: T): unknown => api.claims.get(`${noun} ${item.id}`) ?? lost;
  const read = async (call: CallOptions): Promise<T | null> => {
    let consistent = 0;
    for (let reading = 1; reading <= READINGS.max; reading++) {
      if (reading > 1) await sleep(api.clock, pauseBeforeReading(api, lost.lostAt), call.signal);
      const listing = list({ ...call, consistent: true });
      const since = lost.sentAt + api.clockSkew - START_MARGIN;
      const found = (await listing.toArray()).filter((item) => owner(item) === lost && matches(item, since));
      if (found.length > 1) throw ambiguous(noun, found);
      if (found[0]) return claim(api, noun, found[0], lost);
      if (!listing.drifted) consistent += 1;
      if (consistent === READINGS.required) return null;
    }
    throw new DOApiError(
      'reconcile: the list kept changing while it was read, so the outcome is still unknown; try again in a minute',
    );
  };
  const limits = {
    clock: api.clock,
    signals: [options.signal, api.signal],
    timeout: Infinity,
    onTimeout: () => undefined,
  };
  return withLimits(limits, (scope) => read({ ...options, signal: scope.signal }));
}

function ambiguous<T extends { id: number }>(noun: string, found: readonly T[]): LookupError<T> {
  const ids = found.slice(0, 5).map(({ id }) => id);
  return new LookupError(
    `reconcile: ${found.length} ${noun} fit (${ids.join(', ')}${found.length > ids.length ? ', …' : ''}), so the outcome is still unknown`,
    found,
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
  lost: LostResponse,
  options: CallOptions,
): Promise<Action | null> {
  const type = body.type as string;
  const types = TYPE_ALIASES[type] ?? [type];
  const region = typeof body.region === 'string' ? body.region : null;
  const matches = (action: Action, since: number): boolean =>
    types.includes(action.type ?? '') &&
    (region === null || action.regionSlug === region) &&
    (action.startedAt?.getTime() ?? 0) >= since;
  const list: Search<Action>['list'] = (listing) => resource.fetchAllActions(listing);
  return search(api, { noun: 'actions', list, matches }, lost, options);
}

/** Searches for the image that a lost POST created: of the same name, and created at about that time. */
export function findCreatedImage<T extends { id: number; name: string; createdAt: Date | null }>(
  api: Requester,
  list: Search<T>['list'],
  name: string,
  lost: LostResponse,
  options: CallOptions,
): Promise<T | null> {
  const matches = (image: T, since: number): boolean =>
    image.name === name && (image.createdAt?.getTime() ?? 0) >= since;
  return search(api, { noun: 'images', list, matches }, lost, options);
}

/**
 * What a request has made although its response was lost. The search is a step of a wait: transient failures do not end it.
 * @param error what the request rejected with
 * @throws `error` unless the search finds it; when the search fails, its error becomes the cause
 */
export async function adoptLost<T>(error: unknown, options: CallOptions, until: Persistence): Promise<T> {
  // An abort may have any reason, also an UnknownOutcomeError.
  for (const signal of until.signals) throwIfAborted(signal);
  if (!(error instanceof UnknownOutcomeError) || !error.canReconcile) throw error;
  let found: unknown;
  try {
    found = await persist((signal) => error.reconcile({ ...options, signal }), until);
  } catch (reason) {
    for (const signal of until.signals) throwIfAborted(signal);
    error.cause = reason;
  }
  if (!found) throw error;
  return found as T;
}
