import type { RouteContext, Reply } from './route-handler';
import type { LonePageLinks } from '../state/world-state';

const DEFAULT_SIZE = 20;
const LARGEST_SIZE = 200;

/** One page of a collection, with `links` and `meta` as the API sends them. */
export function page<T>(
  call: RouteContext,
  key: string,
  items: readonly T[],
  toJson: (item: T) => unknown,
): Reply {
  const size = Math.min(number(call.query.get('per_page')) ?? DEFAULT_SIZE, LARGEST_SIZE);
  const current = number(call.query.get('page')) ?? 1;
  const last = Math.max(1, Math.ceil(items.length / size));
  const shown = items.slice((current - 1) * size, current * size).map(toJson);
  const links =
    last === 1 && current === 1 ? lonePage(call.world.lonePageLinks) : linked(call, current, last);
  return { status: 200, body: { [key]: shown, ...links, meta: { total: items.length } } };
}

/** A whole number from 1; anything else counts as not given. */
function number(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}

function lonePage(shape: LonePageLinks): object {
  if (shape === 'absent') return {};
  return { links: shape === 'empty' ? {} : { pages: {} } };
}

/** Only the links that make sense: none back from the first page, none on from the last. */
function linked(call: RouteContext, current: number, last: number): object {
  const to = (target: number): string => {
    const query = new URLSearchParams(call.query);
    query.set('page', String(target));
    return `${call.url}?${query.toString()}`;
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
