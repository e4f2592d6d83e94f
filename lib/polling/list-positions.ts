import type { ScopeDenials } from '../model/requester';
import type { TargetRef } from '../model/wait-target';
import { MAX_PER_PAGE } from '../pagination/page-response';
import { accountListOf, parentListOf, scopeOfList } from './poll-lists';
import type { ExpectedPages, PageRef } from './request-plan';
import { nextPageFor, type SearchedPage } from './page-search';

/** After this long, a list that did not hold a target is read for it again. */
const AVOID = 300_000;

/** Where a target stands in the lists of the API, as far as is known. Of all waits, so that it has no objects of its own. */
export class ListPositions {
  /** The page of the account's list that it was seen on, or is searched on; `null` when the list was never read for it. */
  private accountPage: number | null = null;
  /** The same of the list of its resource. */
  private parentPage: number | null = null;
  /** Until then the account's list is not read for it, on the clock. */
  private avoidAccountUntil: number | null = null;
  private avoidParentUntil: number | null = null;

  constructor(private readonly ref: TargetRef) {}

  /** The pages it is expected on. @param denied the scopes the token lacks */
  expectedPages(denied: Pick<ScopeDenials, 'has'>, now: number): ExpectedPages {
    const pageOf = (list: string | null): PageRef | null => {
      if (list === null || denied.has(scopeOfList(list)) || this.avoids(list, now)) return null;
      const page = this.isAccount(list) ? this.accountPage : this.parentPage;
      return { list, page: page ?? 1 };
    };
    return { account: pageOf(accountListOf(this.ref)), parent: pageOf(parentListOf(this.ref)) };
  }

  /** It is on this page. */
  foundOn({ list, page }: PageRef): void {
    this.expectOn(list, page);
  }

  /**
   * It is not on any page read so far: expects it on another one.
   * @returns the lists that do not hold it
   */
  searchOn(pages: ReadonlyMap<PageRef['list'], readonly SearchedPage[]>, now: number): PageRef['list'][] {
    const lists = [accountListOf(this.ref), parentListOf(this.ref)];
    return lists.filter((list): list is PageRef['list'] => {
      const read = list === null ? undefined : pages.get(list);
      if (list === null || !read || this.avoids(list, now)) return false;
      const page = nextPageFor(this.ref.id, read);
      this.expectOn(list, page);
      return page === null;
    });
  }

  avoid(list: PageRef['list'], now: number): void {
    if (this.isAccount(list)) this.avoidAccountUntil = now + AVOID;
    else this.avoidParentUntil = now + AVOID;
  }

  avoidAll(now: number): void {
    this.avoidAccountUntil = now + AVOID;
    this.avoidParentUntil = now + AVOID;
  }

  private avoids(list: string, now: number): boolean {
    const until = this.isAccount(list) ? this.avoidAccountUntil : this.avoidParentUntil;
    return until !== null && until > now;
  }

  private expectOn(list: string, page: number | null): void {
    if (this.isAccount(list)) this.accountPage = page;
    else this.parentPage = page;
  }

  private isAccount(list: string): boolean {
    return list === accountListOf(this.ref);
  }

  /** Lists are mostly newest first, so the rank among what is polled gives a first guess at the page. */
  static guessPages(all: readonly ListPositions[]): void {
    const unseen = all.filter(({ accountPage, ref }) => accountPage === null && ref.kind === 'action');
    if (unseen.length <= MAX_PER_PAGE) return;
    unseen.sort((a, b) => b.ref.id - a.ref.id);
    for (const [rank, one] of unseen.entries()) one.accountPage = 1 + Math.floor(rank / MAX_PER_PAGE);
  }
}
