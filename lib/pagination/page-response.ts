import { UnexpectedResponseError } from '../errors/errors';
import { type JsonObject, Mismatch } from '../model/fields';
import type { Params } from '../model/requester';
import { lookingOnce } from '../util/options/own-options';

/** The largest page the API gives. */
export const MAX_PER_PAGE = 200;

/** An id that can be shown as it is. */
const SHORT_ID = /^[\w:.-]{1,64}$/;

/** Where the pages come from, and how to read their items. @internal */
export interface ListingSource<T> {
  url: string;
  /** The name of the list in the response. */
  key: string;
  params?: Params;
  /**
   * @param receivedAt when its page was received, on the clock
   * @throws Mismatch naming the field
   */
  item: (json: unknown, receivedAt: number) => T;
  /** The fields that identify an item, the first one it has; default `id`, `slug`, `name`. */
  identity?: readonly string[];
  /** Whether a list of several pages is read twice, even if nothing shows that it changed. */
  twice?: boolean | undefined;
}

/** One page of a list, as the API sent it. */
export interface PageResponse<T> {
  items: T[];
  /** How many items the whole list has; `null` when the API did not say. */
  total: number | null;
  /** Whether there is a link to the next page, wherever it points. */
  hasNext: boolean;
  /** The page number in that link; `null` without one. */
  next: number | null;
}

/**
 * Reads a page of a list. Only the page number is taken from a link: a foreign URL would get the token.
 * @param key the name of the list in the body
 * @throws Mismatch naming key and index, when the list is missing or `item` throws one
 */
export function readPageResponse<T>(body: unknown, key: string, item: (json: unknown) => T): PageResponse<T> {
  const list = valueAt(body, key);
  if (!Array.isArray(list)) throw new Mismatch(key, 'an array', list);
  const read = (json: unknown, index: number): T => {
    try {
      return item(json);
    } catch (error) {
      throw error instanceof Mismatch ? error.within(`${key}[${index}]${idSuffix(json, error.path)}`) : error;
    }
  };
  const items = lookingOnce(() => list.map(read));
  const total = valueAt(body, 'meta', 'total');
  const link = valueAt(body, 'links', 'pages', 'next');
  return {
    items,
    total: Number.isSafeInteger(total) ? (total as number) : null,
    hasNext: typeof link === 'string',
    next: typeof link === 'string' ? pageNumberOf(link) : null,
  };
}

/**
 * The id of an item that cannot be read, for a message: its index depends on the page.
 * @param unreadable the path of what cannot be read, which may be the id itself
 */
function idSuffix(json: unknown, unreadable: string): string {
  for (const key of ['id', 'urn', 'uuid']) {
    if (key === unreadable) continue;
    const id = valueAt(json, key);
    if (Number.isSafeInteger(id) || (typeof id === 'string' && SHORT_ID.test(id)))
      return ` (${key} ${String(id)})`;
  }
  return '';
}

/** The value under nested keys; `undefined` where one is missing. */
function valueAt(value: unknown, ...keys: string[]): unknown {
  return keys.reduce((at, key) => (at as JsonObject | null | undefined)?.[key], value);
}

function pageNumberOf(link: string): number | null {
  const match = /[?&]page=(\d{1,9})(&|$)/.exec(link);
  return match ? Number(match[1]) : null;
}

/**
 * The error of a list that does not end.
 * @param pages how many were read
 * @param barren how many of them, the last ones, had nothing new; 0: it is longer than its first page has promised
 */
export function endlessList(url: string, pages: number, barren: number): UnexpectedResponseError {
  const request = { method: 'GET', url, attempts: 1, status: 200, requestId: null };
  const most =
    barren > 0 ? `the last ${barren} without anything new` : 'far more than its first page promised';
  return new UnexpectedResponseError(
    request,
    `the list has no end: after ${pages} pages, ${most}, another follows`,
  );
}
