import { NotFoundError, PermissionDeniedError, UnexpectedResponseError } from '../core/errors';
import type { JsonObject } from '../core/fields';
import { inParallel } from '../core/parallel';
import type { Requester } from '../core/requester';
import { Errand } from './errand';
import { lookAtOne, lookAtPage, scopeOfList, scopeOfOne, type Target } from './looks';
import { passes } from './patience';
import { choose, keyOf, type Place, type Wanted } from './plan';
import { type ReadPage, readPage } from './search';
import { type Bill, Watched } from './watched';

/** Requests of one look under way at a time. */
const CONCURRENCY = 8;

/** So few that lists do not show yet are asked for one by one. */
const FEW = 5;

/** What a look needs of the look-out that takes it. */
export interface Watch {
  readonly api: Requester;
  find(kind: Target['kind'], id: unknown): Watched | undefined;
  /** A look has told about it, or tells nothing. */
  rest(watched: Watched): void;
}

type Expected = Wanted & { watched: Watched };

/** One look: rounds of the fewest requests that tell about everything that is due, until all of it is told. */
export class Look {
  private readonly bill: Bill;
  /** The pages read so far, by list. */
  private readonly pages = new Map<Place['list'], ReadPage[]>();
  /** What was answered with 403, by scope: nobody asks for that twice in one look. */
  private readonly refusals = new Map<string, PermissionDeniedError>();

  /** @param number of the look, from 1 */
  constructor(
    private readonly watch: Watch,
    private readonly number: number,
  ) {
    this.bill = { at: watch.api.clock.now(), requests: 0 };
  }

  /** Looks at all that is due. Never rejects: what goes wrong is told to the waits. */
  async at(due: readonly Watched[]): Promise<void> {
    for (const watched of due) watched.begin(this.number, this.bill);
    Watched.guessPages(due);
    for (let open = due; open.length > 0; open = this.stillOpen(open)) {
      // To search through more pages than there are things to be found would cost more than asking for each.
      if (this.bill.requests > due.length) for (const watched of open) watched.avoidLists(this.now);
      await this.round(open);
      this.searchOn(this.stillOpen(open));
    }
  }

  private async round(open: readonly Watched[]): Promise<void> {
    const { api } = this.watch;
    const wanted = open.map((watched) => watched.wanted(api.denied, this.now));
    const { pages, singles } = choose(wanted);
    const expected = byPlace(wanted);
    await inParallel([...pages, ...singles], CONCURRENCY, (request) =>
      'list' in request
        ? this.readPage(request, expected.get(keyOf(request)) ?? [])
        : this.readOne(request.watched),
    );
  }

  private async readPage(place: Place, expected: readonly Watched[]): Promise<void> {
    const { list, page } = place;
    const signal = this.errandFor(expected);
    try {
      const { items, lastPage } = await this.ask(scopeOfList(list), () =>
        lookAtPage(this.watch.api, place, signal),
      );
      const kind = list === 'images' ? 'image' : 'action';
      for (const json of items) this.tell(this.watch.find(kind, json.id), json, place);
      const ids = items.flatMap(({ id }) => (typeof id === 'number' ? [id] : []));
      const read = readPage(page, ids, lastPage);
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

  private async readOne(watched: Watched): Promise<void> {
    const { api } = this.watch;
    const scope = scopeOfOne(api, watched.target);
    const signal = this.errandFor([watched]);
    try {
      this.tell(watched, await this.ask(scope, () => lookAtOne(api, watched.target, signal)), null);
    } catch (error) {
      if (watched.lookingIn !== this.number) return;
      // Its image's own URL may tell, in the next round.
      const isElsewhere = error instanceof PermissionDeniedError && scopeOfOne(api, watched.target) !== scope;
      if (!isElsewhere) this.fail(watched, error, true);
    }
  }

  private errandFor(all: readonly Watched[]): AbortSignal {
    const errand = new Errand(all.length);
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
        this.watch.api.denied.add(scope);
      }
      throw error;
    }
  }

  private tell(watched: Watched | undefined, json: JsonObject, place: Place | null): void {
    if (!watched) return;
    watched.see(json, place, this.number);
    this.watch.rest(watched);
  }

  /** @param missing whether a 404 may mean that it is too young to be found */
  private fail(watched: Watched, error: unknown, missing: boolean): void {
    watched.failed(error, (wait) => passes(error, missing && wait.isYoung));
    this.watch.rest(watched);
  }

  /** What was not where it was expected may be on another page, or in no list yet. */
  private searchOn(missing: readonly Watched[]): void {
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

  private stillOpen(all: readonly Watched[]): Watched[] {
    return all.filter(({ lookingIn }) => lookingIn === this.number);
  }

  private get now(): number {
    return this.watch.api.clock.now();
  }
}

/** Who is expected where. */
function byPlace(wanted: readonly Expected[]): Map<string, Watched[]> {
  const byKey = new Map<string, Watched[]>();
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
