import { checkText } from '../util/validate';
import type { Params } from '../model/requester';
import { excerpt } from '../util/sanitize';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** An endpoint without slashes at its end. @throws TypeError when a token must not be sent there */
export function checkEndpoint(value: unknown): string {
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
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (!safe) {
    throw new TypeError(
      `endpoint: expected https:, or http: on this machine only, got ${excerpt(`${url.protocol}//${url.host}`)}`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

// eslint-disable-next-line no-control-regex -- control characters are what this refuses
const UNSAFE_IN_PATH = /[\\#\u0000-\u0020\u007f]/;
const DOT_SEGMENT = /(^|\/)(\.|%2e){1,2}(\/|$)/i;

/**
 * An absolute URL under the endpoint, from a path (`/v2/images`) or from a URL that is under it already, such as
 * `image.actionUrl`. Anything that could lead the token elsewhere is refused.
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

/** `url` with `params` as its query; a name that the URL holds already is replaced. */
export function withParams(url: string, params: Params | undefined): string {
  if (!params) return url;
  const given = Object.entries(params).filter(
    (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
  );
  if (given.length === 0) return url;
  const [base = '', ...old] = url.split('?');
  const query = new URLSearchParams(old.join('?'));
  for (const [name, value] of given) query.set(name, String(value));
  return `${base}?${query.toString()}`;
}
