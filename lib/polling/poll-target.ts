import type { JsonObject } from '../model/fields';
import type { SharedAbort } from '../util/abort';
import type { TargetRef } from './poll-requests';
import type { PageRef, ExpectedPages } from './request-plan';
import { type SearchedPage, nextPageFor } from './page-search';
import type { Waiter } from './waiter';

/** Where in a list something is, as far as is known. */
interface ListPosition {
  /** The page it was seen on, or is searched on; `null` when that was never asked. */
  page: number | null;
  /** Until then the list is not asked for it. */
  avoidUntil: number;
}

/** A list in which something was not found is asked again after this long. */
const AVOID = 300_000;

/** Pages hold so many: what is younger comes first, so the place in the order gives a first guess at the page. */
const PER_PAGE = 200;

/** What a look has cost, for all who took part in it. */
export interface RoundCost {
  /** When it began, on the clock. */
  at: number;
  requests: number;
}

/** So many requests in one interval, an hour's quota lasts for an hour, with a quarter of it left to others. */
const REQUESTS_IN_AN_INTERVAL = 5;

/** Something that is waited for, once or by many, and where to look for it. */
export class PollTarget {
  /** Everybody who waits for it. Never changed, only replaced, since they may leave while they are told. */
  waits: readonly Waiter<unknown>[] = [];
  /** The number of the look that is under way for it; 0 when none is. */
  lookingIn = 0;
  private seenIn = 0;
  private bill: RoundCost | null = null;
  private errands: SharedAbort[] = [];
  private readonly account: ListPosition = { page: null, avoidUntil: -Infinity };
  private readonly image: ListPosition = { page: null, avoidUntil: -Infinity };

  constructor(readonly target: TargetRef) {}

  add(wait: Waiter<unknown>): void {
    this.waits = [...this.waits, wait];
  }

  /** @returns how many are left */
  remove(wait: Waiter<unknown>): number {
    this.waits = this.waits.filter((other) => other !== wait);
    return this.waits.length;
  }

  /** Whether everybody who waits for it knows it as just made. */
  get isYoung(): boolean {
    return this.waits.every(({ isYoung }) => isYoung);
  }

  /** When something is to be done: a look taken, or a wait ended. @param lastLook of any of them */
  nextTime(lastLook: number): number {
    let time = this.lookTime(lastLook);
    for (const { deadline } of this.waits) time = Math.min(time, deadline);
    return time;
  }

  /** When a look is to be taken; looks of many requests are taken less often. `Infinity` while one is. */
  lookTime(lastLook: number): number {
    let time = Infinity;
    if (this.lookingIn !== 0) return time;
    for (const wait of this.waits) {
      const others = Math.max(lastLook + wait.interval, this.paidAt(wait.interval));
      time = Math.min(time, wait.lookTime(others));
    }
    return time;
  }

  /** Whether it takes part in a look now. */
  isDue(now: number): boolean {
    return this.lookingIn === 0 && this.waits.some((wait) => wait.isDue(now, this.paidAt(wait.interval)));
  }

  /** A look begins. */
  begin(look: number, bill: RoundCost): void {
    this.lookingIn = look;
    this.bill = bill;
    // Its image may have become known.
    for (const { target } of this.waits) this.target.image ??= target.image ?? null;
  }

  /** A request is sent for it, among others. */
  send(errand: SharedAbort): void {
    this.errands.push(errand);
  }

  /** On which pages it is expected, given what the token was found to lack. */
  wanted(denied: ReadonlySet<string>, now: number): ExpectedPages & { watched: PollTarget } {
    const { kind, image } = this.target;
    const at = (
      spot: ListPosition,
      list: string | number | null | undefined,
      scope: string,
    ): PageRef | null =>
      list == null || spot.avoidUntil > now || denied.has(scope) ? null : { list, page: spot.page ?? 1 };
    return {
      watched: this,
      account:
        kind === 'image'
          ? at(this.account, 'images', 'image:read')
          : at(this.account, 'actions', 'actions:read'),
      image: at(this.image, image, 'image:read'),
    };
  }

  /** A look, the so-manieth, shows it. Two pages of one look may show the same. */
  see(json: JsonObject, place: PageRef | null, look: number): void {
    if (place) this.spotIn(place.list).page = place.page;
    if (this.seenIn === look) return;
    this.seenIn = look;
    this.settle();
    for (const wait of this.waits) wait.see(json);
  }

  /** A look told nothing. @param problem why */
  looked(problem: unknown = null): void {
    this.settle();
    for (const wait of this.waits) wait.looked(problem);
  }

  /** What was asked for cannot be told to anybody. @param passes whether it is no reason to give up, for a wait */
  failed(problem: unknown, passes: (wait: Waiter<unknown>) => boolean): void {
    this.settle();
    for (const wait of this.waits) {
      if (passes(wait)) wait.looked(problem);
      else wait.fail(problem);
    }
  }

  /** Nobody waits for it any more, or everybody knows. */
  settle(): void {
    this.lookingIn = 0;
    const { errands } = this;
    this.errands = [];
    for (const errand of errands) errand.release();
  }

  /** It was not on any page read. @returns the lists that do not hold it */
  searchOn(pages: ReadonlyMap<PageRef['list'], readonly SearchedPage[]>, now: number): PageRef['list'][] {
    const lists = [this.target.kind === 'image' ? 'images' : 'actions', this.target.image];
    return lists.filter((list): list is PageRef['list'] => {
      const read = list == null ? undefined : pages.get(list);
      if (list == null || !read || this.spotIn(list).avoidUntil > now) return false;
      const page = nextPageFor(this.target.id, read);
      this.spotIn(list).page = page;
      return page === null;
    });
  }

  avoid(list: PageRef['list'], now: number): void {
    this.spotIn(list).avoidUntil = now + AVOID;
  }

  avoidLists(now: number): void {
    this.account.avoidUntil = now + AVOID;
    this.image.avoidUntil = now + AVOID;
  }

  private paidAt(interval: number): number {
    return this.bill ? this.bill.at + (interval * this.bill.requests) / REQUESTS_IN_AN_INTERVAL : -Infinity;
  }

  private spotIn(list: PageRef['list']): ListPosition {
    return typeof list === 'number' ? this.image : this.account;
  }

  /** Lists are mostly newest first: what was never seen in one is guessed from the order of what is waited for. */
  static guessPages(due: readonly PollTarget[]): void {
    const unseen = due.filter(({ account, target }) => account.page === null && target.kind === 'action');
    if (unseen.length <= PER_PAGE) return;
    unseen.sort((a, b) => b.target.id - a.target.id);
    for (const [rank, { account }] of unseen.entries()) account.page = 1 + Math.floor(rank / PER_PAGE);
  }
}
