import { CALL_OPTIONS, PARAMS } from './model/call-options';
import type { CallOptions, Method, Params } from './model/requester';
import { LISTING_OPTIONS, type ListingOptions } from './pagination/listing';
import { defineCheck, is } from './util/validate';

/** A request to any path of the API. */
export interface RequestOptions extends CallOptions {
  /** Default `GET`. */
  method?: Method | undefined;
  /** The query; `undefined` values are left out. */
  params?: Params | undefined;
  /** Sent as JSON; default: no body. */
  body?: unknown;
}

/** JSON has no functions and symbols: the request would go out without a body. */
const JSON_BODY = defineCheck<unknown>(
  'a value that JSON can hold',
  (value) => typeof value !== 'function' && typeof value !== 'symbol',
);

export const REQUEST_OPTIONS = {
  ...CALL_OPTIONS,
  method: is.withDefault(is.oneOf<Method>('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'), 'GET'),
  params: PARAMS,
  body: JSON_BODY,
};

export const PAGINATE_OPTIONS = { ...LISTING_OPTIONS, params: PARAMS };

/** How to read a list of any kind. */
export interface PaginateOptions extends ListingOptions {
  /** The query; `undefined` is left out. `page` and `per_page` are set by the listing. */
  params?: Params | undefined;
}
