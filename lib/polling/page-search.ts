/** A page of a list that did not show what was searched for. */
export interface SearchedPage {
  page: number;
  /** The number of the list's last page, as far as is known. */
  lastPage: number;
  /** The least and the greatest id on it; `null` when it is empty. */
  ids: { least: number; greatest: number } | null;
  /** `any`: fewer than two different ids show no order. */
  order: 'up' | 'down' | 'any' | 'none';
}

/** Summarizes what a page says about the position of other ids. @param ids in the order of the page */
export function summarizePage(page: number, ids: readonly number[], lastPage: number): SearchedPage {
  let [least, greatest, up, down] = [Infinity, -Infinity, true, true];
  for (const [index, id] of ids.entries()) {
    const previous = ids[index - 1] ?? id;
    if (id < previous) up = false;
    if (id > previous) down = false;
    least = Math.min(least, id);
    greatest = Math.max(greatest, id);
  }
  const order = up && down ? 'any' : up ? 'up' : down ? 'down' : 'none';
  return { page, lastPage, ids: ids.length > 0 ? { least, greatest } : null, order };
}

/**
 * Where to search for `id` next. Ids grow with time, so an ordered list says on which side of a page an id must be. The
 * API promises no order; without one, every page is searched.
 * @param read the pages read so far, which do not hold it
 * @returns the page to read next; `null` when the list does not hold it
 */
export function nextPageFor(id: number, read: readonly SearchedPage[]): number | null {
  const last = read.reduce((least, { lastPage }) => Math.min(least, lastPage), Infinity);
  const orders = new Set(read.map(({ order }) => order));
  const isAscending = orders.has('up');
  // Neither or both: there is no order, or it is not known.
  if (orders.has('none') || isAscending === orders.has('down')) return firstUnread(read, last);
  let [from, to] = [1, last];
  for (const { page, ids } of read) {
    if (ids && id >= ids.least && id <= ids.greatest) return null;
    // An empty page is past the end.
    if (!ids || id < ids.least === isAscending) to = Math.min(to, page - 1);
    else from = Math.max(from, page + 1);
  }
  if (from > to) return null;
  // What is polled is young: an ascending list has it near its end.
  return isAscending && to < Infinity ? to : from;
}

function firstUnread(read: readonly SearchedPage[], last: number): number | null {
  const pages = new Set(read.map(({ page }) => page));
  let page = 1;
  while (pages.has(page)) page += 1;
  return page <= last ? page : null;
}
