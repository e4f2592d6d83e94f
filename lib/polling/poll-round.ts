import { NotFoundError, PermissionDeniedError, UnexpectedResponseError } from '../errors/errors';
import type { JsonObject } from '../model/fields';
import { forEachConcurrently } from '../util/concurrency';
import type { Requester } from '../model/requester';
import { SharedAbort } from '../util/abort';
import { fetchOne, fetchListPage, scopeOfList, scopeOfOne, type TargetRef } from './poll-requests';
import { isTransient } from './wait-options';
import { planRequests, keyOf, type PageRef, type ExpectedPages } from './request-plan';
import { type SearchedPage, summarizePage } from './page-search';
import { type RoundCost, PollTarget } from './poll-target';

/** Requests of one look under way at a time. */
const CONCURRENCY = 8;

/** So few that lists do not show yet are asked for one by one. */
const FEW = 5;

/** What a look needs of the look-out that takes it. */
export interface PollerLike {
  readonly api: Requester;
  find(kind: TargetRef['kind'], id: unknown): PollTarget | undefined;
  /** A look has told about it, or tells nothing. */
  rest(watched: PollTarget): void;
}

type Expected = ExpectedPages & { watched: PollTarget };

/** One look: rounds of the fewest requests that tell about everything that is due, until all of it is told. */
export class PollRound {
  private readonly bill: RoundCost;
  /** The pages read so far, by list. */
  private readonly pages = new Map<PageRef['list'], SearchedPage[]>();
  /** What was answered with 403, by scope: nobody asks for that twice in one look. */
  private readonly refusals = new Map<string, PermissionDeniedError>();

  /** @param number of the look, from 1 */
  constructor(
    private readonly watch: PollerLike,
    private readonly number: number,
  ) {
    this.bill = { at: watch.api.clock.now(), requests: 0 };
  }

  /** Looks at all that is due. Never rejects: what goes wrong is told to the waits. */
  async at(due: readonly PollTarget[]): Promise<void> {
    for (const watched of due) watched.begin(this.number, this.bill);
    PollTarget.guessPages(due);
    for (let open = due; open.length > 0; open = this.stillOpen(open)) {
      // To search through more pages than there are things to be found would cost more than asking for each.
      if (this.bill.requests > due.length) for (const watched of open) watched.avoidLists(this.now);
      await this.round(open);
      this.searchOn(this.stillOpen(open));
    }
  }

  private async round(open: readonly PollTarget[]): Promise<void> {
    const { api } = this.watch;
    const wanted = open.map((watched) => watched.wanted(api.deniedScopes, this.now));
    const { pages, singles } = planRequests(wanted);
    const expected = byPlace(wanted);
    await forEachConcurrently([...pages, ...singles], CONCURRENCY, (request) =>
      'list' in request
        ? this.readPage(request, expected.get(keyOf(request)) ?? [])
        : this.readOne(request.watched),
    );
  }

  private async readPage(place: PageRef, expected: readonly PollTarget[]): Promise<void> {
    const { list, page } = place;
    const signal = this.errandFor(expected);
    try {
      const { items, lastPage } = await this.ask(scopeOfList(list), () =>
        fetchListPage(this.watch.api, place, signal),
      );
      const kind = list === 'images' ? 'image' : 'action';
      for (const json of items) this.tell(this.watch.find(kind, json.id), json, place);
      const ids = items.flatMap(({ id }) => (typeof id === 'number' ? [id] : []));
      const read = summarizePage(page, ids, lastPage);
      this.pages.set(list, [...(this.pages.get(list) ?? []), read]);
    } catch (error) {
      const isRefused = [PermissionDeniedError, NotFoundError, UnexpectedResponseError].some(
        (type) => error instanceof type,
      );
      for (const watched of this.stillOpen(expected)) {
        // This list does not tell; there is another way.
        if (isRefused) watched.avoid(list, this.now);
        else this.fail(watched, error, false);
      }
    }
  }

  private async readOne(watched: PollTarget): Promise<void> {
    const { api } = this.watch;
    const scope = scopeOfOne(api, watched.target);
    const signal = this.errandFor([watched]);
    try {
      this.tell(watched, await this.ask(scope, () => fetchOne(api, watched.target, signal)), null);
    } catch (error) {
      if (watched.lookingIn !== this.number) return;
      // Its image's own URL may tell, in the next round.
      const isElsewhere = error instanceof PermissionDeniedError && scopeOfOne(api, watched.target) !== scope;
      if (!isElsewhere) this.fail(watched, error, true);
    }
  }

  private errandFor(all: readonly PollTarget[]): AbortSignal {
    const errand = new SharedAbort(all.length);
    for (const watched of all) watched.send(errand);
    return errand.signal;
  }

  private async ask<T>(scope: string, request: () => Promise<T>): Promise<T> {
    const refusal = this.refusals.get(scope);
    if (refusal) throw refusal;
    this.bill.requests += 1;
    try {
      return await request();
    } catch (error) {
      if (error instanceof PermissionDeniedError) {
        this.refusals.set(scope, error);
        this.watch.api.deniedScopes.add(scope);
      }
      throw error;
    }
  }

  private tell(watched: PollTarget | undefined, json: JsonObject, place: PageRef | null): void {
    if (!watched) return;
    watched.see(json, place, this.number);
    this.watch.rest(watched);
  }

  /** @param missing whether a 404 may mean that it is too young to be found */
  private fail(watched: PollTarget, error: unknown, missing: boolean): void {
    watched.failed(error, (wait) => isTransient(error, missing && wait.isYoung));
    this.watch.rest(watched);
  }

  /** What was not where it was expected may be on another page, or in no list yet. */
  private searchOn(missing: readonly PollTarget[]): void {
    const lost = missing
      .map((watched) => ({ watched, lists: watched.searchOn(this.pages, this.now) }))
      .filter(({ lists }) => lists.length > 0);
    for (const { watched, lists } of lost) {
      if (lost.length > FEW && watched.isYoung) {
        // What was just made is not in every list yet. To ask for each would be a storm; it will be there soon.
        watched.looked();
        this.watch.rest(watched);
      } else {
        for (const list of lists) watched.avoid(list, this.now);
      }
    }
  }

  private stillOpen(all: readonly PollTarget[]): PollTarget[] {
    return all.filter(({ lookingIn }) => lookingIn === this.number);
  }

  private get now(): number {
    return this.watch.api.clock.now();
  }
}

/** Who is expected where. */
function byPlace(wanted: readonly Expected[]): Map<string, PollTarget[]> {
  const byKey = new Map<string, PollTarget[]>();
  for (const { account, image, watched } of wanted) {
    for (const place of [account, image]) {
      if (!place) continue;
      const there = byKey.get(keyOf(place));
      if (there) there.push(watched);
      else byKey.set(keyOf(place), [watched]);
    }
  }
  return byKey;
}
