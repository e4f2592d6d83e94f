/** A page of a list that was read in vain. */
export interface SearchedPage {
  page: number;
  /** The number of the list's last page, as far as it can be told. */
  lastPage: number;
  /** The least and the greatest id on it; `null` when it is empty. */
  ids: { least: number; greatest: number } | null;
  /** `any`: of one item nobody can tell. */
  order: 'up' | 'down' | 'any' | 'none';
}

/** What a page says about where the others are. @param ids in the order they came */
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
 * Where to look next for `id` in a list after it was not on the pages read so far. Ids grow with time, so a list that
 * is in order says on which side it must be; the API promises no order, and without one any page is as good.
 * @returns the page to read next; `null` when it is not in the list
 */
export function nextPageFor(id: number, read: readonly SearchedPage[]): number | null {
  const last = Math.min(...read.map(({ lastPage }) => lastPage));
  const orders = new Set(read.map(({ order }) => order));
  const goesUp = orders.has('up');
  // Neither or both: there is no order, or nobody can tell.
  if (orders.has('none') || goesUp === orders.has('down')) return firstUnread(read, last);
  let [from, to] = [1, last];
  for (const { page, ids } of read) {
    if (ids && id >= ids.least && id <= ids.greatest) return null;
    // Past the end there is nothing.
    if (!ids || id < ids.least === goesUp) to = Math.min(to, page - 1);
    else from = Math.max(from, page + 1);
  }
  if (from > to) return null;
  // What is waited for is young: in a list that grows at its end it is near the end.
  return goesUp && to < Infinity ? to : from;
}

function firstUnread(read: readonly SearchedPage[], last: number): number | null {
  const pages = new Set(read.map(({ page }) => page));
  let page = 1;
  while (pages.has(page)) page += 1;
  return page <= last ? page : null;
}
