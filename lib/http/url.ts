import { checkText } from '../util/validate';
import type { Params } from '../model/requester';
import { excerpt } from '../util/text/sanitize';
import { isLoopback } from '../util/loopback';

/**
 * Checks an endpoint and removes trailing slashes.
 * @param allowHttp whether `http:` may lead to other hosts than this one
 * @throws TypeError when a token must not be sent there
 */
export function checkEndpoint(value: unknown, allowHttp = false): string {
  const text = checkText('endpoint', value).trim();
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new TypeError('endpoint: expected an absolute URL like https://api.digitalocean.com');
  }
  if (url.username || url.password)
    throw new TypeError('endpoint: expected a URL without user name and password');
  if (url.search || url.hash)
    throw new TypeError('endpoint: expected a URL without a query and without a fragment');
  const isAllowed =
    url.protocol === 'https:' || (url.protocol === 'http:' && (allowHttp || isLoopback(url.hostname)));
  if (!isAllowed) {
    const hint = url.protocol === 'http:' ? '; allowHttp: true allows it' : '';
    throw new TypeError(
      `endpoint: expected https:, or http: on this machine only, got ${excerpt(`${url.protocol}//${url.host}`)}${hint}`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

// eslint-disable-next-line no-control-regex -- it refuses control characters
const UNSAFE_IN_PATH = /[\\#\u0000-\u0020\u007f]/;
const DOT_SEGMENT = /(^|\/)(\.|%2e){1,2}(\/|$)/i;

/**
 * The absolute URL of a path under the endpoint (`/v2/images`), or of a URL that is already under it, such as
 * `image.actionUrl`.
 * @throws TypeError for anything that could lead the token elsewhere
 */
export function checkUrl(endpoint: string, value: unknown): string {
  const text = checkText('path', value);
  const rest = text.startsWith(`${endpoint}/`) ? text.slice(endpoint.length) : text;
  const path = rest.split('?', 1)[0] ?? '';
  if (!path.startsWith('/') || path.startsWith('//') || UNSAFE_IN_PATH.test(rest) || DOT_SEGMENT.test(path)) {
    throw new TypeError(`path: expected a path under the endpoint, like /v2/images, got "${excerpt(text)}"`);
  }
  return endpoint + rest;
}

/** Adds `params` to the query of `url`. They replace parameters of the same name. */
export function withParams(url: string, params: Params | undefined): string {
  if (!params) return url;
  const defined = Object.entries(params).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
  );
  if (defined.length === 0) return url;
  const [base = '', ...query] = url.split('?');
  const search = new URLSearchParams(query.join('?'));
  for (const [name, value] of defined) search.set(name, String(value));
  return `${base}?${search.toString()}`;
}
