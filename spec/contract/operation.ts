import type { DOApi } from '../../lib';
import type { Check } from './hydrated';

/** Something the library can do, what it must ask for it, and what it must give. */
export interface Operation {
  name: string;
  run: (api: DOApi) => Promise<unknown>;
  gives: Check;
  /** Every request: method, path and query. Pages are asked for side by side, so their order does not matter. */
  asks?: string[];
  /** What the server is asked to answer, see `Witness.wish`; default: its own choice. */
  wishes?: string[];
}

/** What the examples of the OpenAPI file speak of. */
export const ID = 7555620;
export const SLUG = 'ubuntu-16-04-x64';
export const ACTION = 36805527;
export const IMAGE = `/v2/images/${ID}`;

/** The requests for pages 1 to `last` of a listing. */
export function pages(
  path: string,
  { last = 1, query = '', perPage = 200 }: { last?: number; query?: string; perPage?: number } = {},
): string[] {
  return Array.from({ length: last }, (_, i) => `GET ${path}?${query}page=${i + 1}&per_page=${perPage}`);
}
