import type { RequestQuery, RouteContext, Reply } from './route-handler';
import { ApiError } from '../state/api-error';
import type { LonePageLinks } from '../state/world-state';

const DEFAULT_PER_PAGE = 20;
const MAX_PAGE_SIZE = 200;

/** The page of a list that the query selects, with `links` and `meta`. */
export function page<T>(
  context: RouteContext,
  key: string,
  items: readonly T[],
  toJson: (item: T) => unknown,
): Reply {
  const size = Math.min(positiveInteger(context.query, 'per_page') ?? DEFAULT_PER_PAGE, MAX_PAGE_SIZE);
  const current = positiveInteger(context.query, 'page') ?? 1;
  const last = Math.max(1, Math.ceil(items.length / size));
  const shown = items.slice((current - 1) * size, current * size).map(toJson);
  const links =
    last === 1 && current === 1 ? lonePage(context.world.lonePageLinks) : linksOf(context, current, last);
  return { status: 200, body: { [key]: shown, ...links, meta: { total: items.length } } };
}

/** A whole number from 1; `null` if it is not there. @throws ApiError 422 for any other text */
function positiveInteger(query: RequestQuery, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new ApiError(422, `${name} is invalid.`);
  return Number(text);
}

function lonePage(shape: LonePageLinks): object {
  if (shape === 'absent') return {};
  return { links: shape === 'empty' ? {} : { pages: {} } };
}

/** The first page has no links back, the last page has no links forward. */
function linksOf(context: RouteContext, current: number, last: number): object {
  const to = (target: number): string => {
    const query = new URLSearchParams(context.query);
    query.set('page', String(target));
    return `${context.url}?${query.toString()}`;
  };
  const pages: Record<string, string> = {};
  if (current > 1) {
    pages.first = to(1);
    pages.prev = to(Math.min(current - 1, last));
  }
  if (current < last) {
    pages.next = to(current + 1);
    pages.last = to(last);
  }
  return { links: { pages } };
}
