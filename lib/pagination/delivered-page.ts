/** One page of a listing. */
export interface Page<T> {
  /** In the API's order, without those of earlier pages. */
  items: T[];
  /** 1 for the first. */
  number: number;
  /** How many items the whole listing has; `null` when the API did not say. */
  total: number | null;
}

/** A page without the items that were delivered before. */
export interface DeliveredPage<T> {
  items: T[];
  number: number;
  total: number | null;
  /** From now on, pages are requested before they are needed. */
  readAhead: () => void;
}

/** The items of a page, one by one. */
export function* itemsOf<T>({ items, readAhead }: DeliveredPage<T>): Generator<T, void, undefined> {
  for (const [index, item] of items.entries()) {
    // A reader past the middle of the first page is likely to want the next ones.
    if (index * 2 >= items.length) readAhead();
    yield item;
  }
}

/** The page as the user gets it. */
export function* pageOf<T>(page: DeliveredPage<T>): Generator<Page<T>, void, undefined> {
  const { items, number, total, readAhead } = page;
  yield { items, number, total };
  // A reader that wants a second page is likely to want the next ones, too.
  readAhead();
}
