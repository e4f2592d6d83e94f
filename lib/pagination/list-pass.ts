import type { FetchedPage } from './page-queue';

/** What one pass over the pages of a list has shown. */
export class ListPass {
  /** How many items no pass before it had shown. */
  added = 0;
  /** The total, by the page read last. */
  total: number | null = null;
  /** The number of the list's last page, as far as this pass knows. */
  lastPage = 1;
  /** Whether something else than the totals shows that the list changed. */
  private isChanged = false;
  private isShort = false;
  private isRepeated = false;
  private distinct = 0;
  private readonly totals = new Set<number | null>();
  /** `null`: a first pass, whose items are all new. */
  private readonly ids: Set<unknown> | null;

  constructor({ isFirst }: { isFirst: boolean }) {
    this.ids = isFirst ? null : new Set();
  }

  /** Adds a page. @param added how many of its items are new to the reading */
  add(page: FetchedPage<unknown>, ids: readonly unknown[], added: number): void {
    this.added += added;
    this.total = page.total;
    this.totals.add(page.total);
    const distinct = this.ids ? countNew(this.ids, ids) : added;
    this.distinct += distinct;
    if (distinct < ids.length) this.isRepeated = true;
  }

  /** The list changed, whatever its totals say. */
  markChanged(): void {
    this.isChanged = true;
  }

  /** A page before the last one had fewer items than others. */
  markShort(): void {
    this.isShort = true;
  }

  /** Whether the list changed during the pass. */
  get hasMoved(): boolean {
    return this.isChanged || this.totals.size > 1;
  }

  /** Whether the items do not add up to the list: too few for the total, or one of them twice. */
  get hasGaps(): boolean {
    if (this.isRepeated) return true;
    return this.total === null ? this.isShort : this.distinct < this.total;
  }
}

/** Adds the ids to `known`. @returns how many were new */
function countNew(known: Set<unknown>, ids: readonly unknown[]): number {
  const before = known.size;
  for (const id of ids) known.add(id);
  return known.size - before;
}
