import type { ScopeDenials } from '../model/requester';
import type { TargetRef } from '../model/wait-target';
import { MAX_PER_PAGE } from '../pagination/page-response';
import { accountListOf, parentListOf, scopeOfList } from './poll-lists';
import type { ExpectedPages, PageRef } from './request-plan';
import { nextPageFor, type SearchedPage } from './page-search';

/** After this long, a list that did not hold a target is read for it again. */
const AVOID = 300_000;

interface Position {
  /** The page it was seen on, or is searched on; `null` when the list was never read for it. */
  page: number | null;
  /** Until then the list is not read for it, on the clock. */
  avoidUntil: number;
}

/** Where a target stands in the lists of the API, as far as is known. */
export class ListPositions {
  private readonly account: Position = { page: null, avoidUntil: -Infinity };
  private readonly parent: Position = { page: null, avoidUntil: -Infinity };

  constructor(private readonly ref: TargetRef) {}

  /** The pages it is expected on. @param denied the scopes the token lacks */
  expectedPages(denied: Pick<ScopeDenials, 'has'>, now: number): ExpectedPages {
    const pageOf = (list: string | null): PageRef | null => {
      if (list === null || denied.has(scopeOfList(list))) return null;
      const { page, avoidUntil } = this.in(list);
      return avoidUntil > now ? null : { list, page: page ?? 1 };
    };
    return { account: pageOf(accountListOf(this.ref)), parent: pageOf(parentListOf(this.ref)) };
  }

  /** It is on this page. */
  foundOn({ list, page }: PageRef): void {
    this.in(list).page = page;
  }

  /**
   * It is not on any page read so far: expects it on another one.
   * @returns the lists that do not hold it
   */
  searchOn(pages: ReadonlyMap<PageRef['list'], readonly SearchedPage[]>, now: number): PageRef['list'][] {
    const lists = [accountListOf(this.ref), parentListOf(this.ref)];
    return lists.filter((list): list is PageRef['list'] => {
      const read = list === null ? undefined : pages.get(list);
      if (list === null || !read || this.in(list).avoidUntil > now) return false;
      const page = nextPageFor(this.ref.id, read);
      this.in(list).page = page;
      return page === null;
    });
  }

  avoid(list: PageRef['list'], now: number): void {
    this.in(list).avoidUntil = now + AVOID;
  }

  avoidAll(now: number): void {
    this.account.avoidUntil = now + AVOID;
    this.parent.avoidUntil = now + AVOID;
  }

  private in(list: PageRef['list']): Position {
    return list === accountListOf(this.ref) ? this.account : this.parent;
  }

  /** Lists are mostly newest first, so the rank among what is polled gives a first guess at the page. */
  static guessPages(all: readonly ListPositions[]): void {
    const unseen = all.filter(({ account, ref }) => account.page === null && ref.kind === 'action');
    if (unseen.length <= MAX_PER_PAGE) return;
    unseen.sort((a, b) => b.ref.id - a.ref.id);
    for (const [rank, { account }] of unseen.entries()) account.page = 1 + Math.floor(rank / MAX_PER_PAGE);
  }
}
