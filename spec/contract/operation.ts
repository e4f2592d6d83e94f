import type { DOApi } from '../../lib';
import type { Check } from './hydrated';

/** An operation of the library, the requests it must send, and the result it must return. */
export interface Operation {
  name: string;
  run: (api: DOApi) => Promise<unknown>;
  gives: Check;
  /** All requests: method, path and query, in any order, since pages are requested concurrently. */
  requests?: string[];
  /** Selects the responses, see `RecordingProxy.prefer`; default: Prism's own choice. */
  prefer?: string[];
}

/** Ids in the examples of the OpenAPI file. */
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

/** The requests of a listing whose items do not add up to its total: a second pass looks for those that are missing. */
export function inTwoPasses(requests: readonly string[]): string[] {
  return [...requests, ...requests];
}
