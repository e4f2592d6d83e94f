import { toCaller } from './errors/caller-stack';
import { DOApiError } from './errors/errors';
import { LookupError } from './errors/lookup';
import { type LostResponse, UnknownOutcomeError } from './errors/unknown-outcome';
import type { CallOptions, Fits, Noun, OpenPost, Requester } from './model/requester';
import type { Listing } from './pagination/listing';
import { persist, type Persistence } from './polling/persist';
import { throwIfAborted } from './util/abort';
import { sleep } from './util/clock';
import { type ClockAgreement, compareClocks, momentOf, type ServerClock } from './util/server-clock';
import { DAY, HOUR, MINUTE, SECOND } from './util/time-units';
import { withLimits } from './util/with-limits';

/** How often the list is read without drift before there is a result, and how often at most. */
const READINGS = { required: 2, max: 4 };

/** A new item can be missing from lists for up to a minute: only a reading after that shows all that exist. */
const LIST_LAG = MINUTE;

/** A server that is slow may carry a request out after its response was given up, by this much. */
const LATE = MINUTE;

/** Dates of the API have full seconds, and may be rounded. */
const ROUNDING = SECOND;

/**
 * How far from the attempt an item's date may be until it is certain that the attempt has not made it: clocks that agree may
 * have been off between the responses whose dates are known, and clocks that disagree are not trusted.
 */
const REACH = { agree: 2 * HOUR, disagree: DAY };

/** How many candidates a message names. */
const MAX_NAMED = 5;

/** What a search reads of an item. */
interface Item {
  id: number;
}

/** What is searched for, and where. */
export interface Search<T extends Item> {
  noun: Noun;
  list: (options: CallOptions & { consistent: true }) => Listing<T>;
  fits: Fits;
  /** When the item came into being, by the server's clock; `null` when the API did not say. */
  dateOf: (item: T) => Date | null;
}

/**
 * What an item's date says about whether an attempt has made it: no; no, if the clocks were right all the time; it cannot be
 * told; yes.
 */
type Timing = 'excluded' | 'unlikely' | 'doubtful' | 'plausible';

/** What the clocks tell of the time between the attempt and its loss. */
class TimeWitness {
  readonly #api: Requester;
  readonly #lost: LostResponse;
  readonly #headers: ServerClock[];
  /** `null` while the server's clock is unknown. */
  #clocks: ClockAgreement | null = null;

  constructor(api: Requester, lost: LostResponse) {
    this.#api = api;
    this.#lost = lost;
    this.#headers = lost.serverClock ? [lost.serverClock] : [];
  }

  /** Notes the date header of the last response, which has listed items with these dates. */
  note(dates: readonly (Date | null)[]): void {
    const { serverClock, clock } = this.#api;
    const { sentAt, lostAt } = this.#lost;
    if (serverClock && serverClock.receivedAt >= lostAt.now) this.#headers.push(serverClock);
    if (this.#headers.length === 0) return;
    const { min, max, agree } = compareClocks(this.#headers, [sentAt, lostAt, momentOf(clock)]);
    // Items do not come from the future: their dates are by another clock than the header.
    const present = clock.now() + max + ROUNDING;
    const areDatesRight = dates.every((date) => !date || date.getTime() <= present);
    this.#clocks = { min, max, agree: agree && areDatesRight };
  }

  /** Compares an item's date with the time from `from` to `until`, by `Clock.now()`. */
  timing(date: Date | null, from: number, until: number): Timing {
    if (!date || !this.#clocks) return 'doubtful';
    const { min, max, agree } = this.#clocks;
    const earliest = date.getTime() - ROUNDING - max;
    const latest = date.getTime() + ROUNDING - min;
    const distance = Math.max(from - latest, earliest - (until + LATE));
    if (distance > (agree ? REACH.agree : REACH.disagree)) return 'excluded';
    if (!agree) return 'doubtful';
    if (distance > 0) return 'unlikely';
    return earliest <= until ? 'plausible' : 'doubtful';
  }
}

/** What a reading of the list shows. */
interface Verdict<T> {
  found: T | null;
  candidates: readonly T[];
}

/** Decides which of the listed items the lost POST has made. See docs/reliability.md. */
function judge<T extends Item>(
  { history, clock }: Requester,
  { noun, fits, dateOf }: Search<T>,
  lost: LostResponse,
  { items, witness }: { items: readonly T[]; witness: TimeWitness },
): Verdict<T> {
  const own = items.find((item) => history.owner(noun, item.id) === lost && fits(item) !== false);
  if (own) return { found: own, candidates: [own] };
  const rivals = history.unresolved(lost.url).filter((post) => post.lost !== lost);
  const mayBeOf = (item: T, post: OpenPost): boolean =>
    post.fits(item) !== false &&
    !history.wasSeenBefore(noun, item.id, post.attempt.sequence) &&
    (post.clock !== clock ||
      !isOutside(witness.timing(dateOf(item), post.attempt.sentAt.now, post.endedAt ?? clock.now())));
  const candidates: T[] = [];
  const likely: T[] = [];
  let certain: T | null = null;
  for (const item of items) {
    const fit = fits(item);
    if (fit === false || history.owner(noun, item.id) || history.wasSeenBefore(noun, item.id, lost.sequence))
      continue;
    const timing = witness.timing(dateOf(item), lost.sentAt.now, lost.lostAt.now);
    if (timing === 'excluded') continue;
    candidates.push(item);
    if (timing === 'unlikely') continue;
    likely.push(item);
    if (fit && timing === 'plausible' && !rivals.some((post) => mayBeOf(item, post))) certain = item;
  }
  return { found: likely.length === 1 ? certain : null, candidates };
}

const isOutside = (timing: Timing): boolean => timing === 'excluded' || timing === 'unlikely';

/** The pause before another reading, each of which may be the last. */
function pauseBeforeReading({ clock, waitInterval }: Requester, { lostAt }: LostResponse): number {
  const remaining = lostAt.now + LIST_LAG - clock.now();
  return Math.max(Math.min(waitInterval, LIST_LAG), remaining);
}

/**
 * Searches a list for what a lost POST has made.
 * @returns the item; `null` when there is none
 * @throws LookupError when that cannot be told, DOApiError when the list changed during too many readings
 */
export function searchLost<T extends Item>(
  api: Requester,
  search: Search<T>,
  lost: LostResponse,
  options: CallOptions,
): Promise<T | null> {
  const { clock, history } = api;
  const { noun, list, dateOf } = search;
  const read = async (call: CallOptions): Promise<T | null> => {
    const witness = new TimeWitness(api, lost);
    // Of all readings: an import that failed is no longer listed after a while.
    const listed = new Map<number, T>();
    let consistent = 0;
    for (let reading = 1; reading <= READINGS.max; reading++) {
      if (reading > 1) await sleep(clock, pauseBeforeReading(api, lost), call.signal);
      const showsAll = clock.now() >= lost.lostAt.now + LIST_LAG;
      const listing = list({ ...call, consistent: true });
      for (const item of await listing.toArray()) listed.set(item.id, item);
      const items = [...listed.values()];
      witness.note(items.map(dateOf));
      if (listing.drifted) continue;
      consistent += 1;
      if (!showsAll) continue;
      const { found, candidates } = judge(api, search, lost, { items, witness });
      if (!found && consistent < READINGS.required) continue;
      if (!found && candidates.length > 0) throw undecided(noun, candidates);
      history.resolve(lost, noun, found && found.id);
      return found;
    }
    throw new DOApiError(
      'reconcile: the list kept changing while it was read, so the outcome is still unknown; try again in a minute',
    );
  };
  const limits = {
    clock,
    signals: [options.signal, api.signal],
    timeout: Infinity,
    onTimeout: () => undefined,
  };
  return withLimits(limits, (scope) => read({ ...options, signal: scope.signal })).catch(
    toCaller(limits.signals),
  );
}

function undecided<T extends Item>(noun: Noun, candidates: readonly T[]): LookupError<T> {
  const ids = candidates.slice(0, MAX_NAMED).map(({ id }) => id);
  const named = `${ids.join(', ')}${candidates.length > ids.length ? ', …' : ''}`;
  const problem =
    candidates.length > 1
      ? `${candidates.length} ${noun}s may be what the request made (${named})`
      : `${noun} ${named} may be what the request made, or something else`;
  return new LookupError(`reconcile: ${problem}, so the outcome is still unknown`, candidates);
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
