import { envVariable } from '../util/env';
import { DOApiError } from '../errors/errors';
import { excerpt } from '../util/sanitize';

/** A token, or a function that returns one: called before each attempt, so that the token can be renewed. */
export type TokenSource = string | (() => string | Promise<string>);

/** Replaces the token in everything that is shown. */
const PLACEHOLDER = '[token]';

/** Matches whatever may be a secret. */
const LONG_WORD = /[\w+=-]{24,}/g;

/** Holds the token, returns it for each attempt and removes it from texts. */
export class Token {
  readonly #source: string | (() => string | Promise<string>);
  /** The last two: a token function may renew the token while a response is on its way. */
  readonly #recent: string[] = [];

  /** @throws TypeError when there is no token or it is invalid; the message never holds it */
  constructor(source: TokenSource | undefined) {
    if (typeof source === 'function') {
      this.#source = source;
    } else {
      this.#source = checkToken(
        source ?? envVariable('DIGITALOCEAN_TOKEN') ?? envVariable('DIGITALOCEAN_ACCESS_TOKEN'),
      );
      this.#recent.push(this.#source);
    }
  }

  /** The token; `null` when it comes from a function. A method, since `console.log` may show a getter. */
  known(): string | null {
    return typeof this.#source === 'string' ? this.#source : null;
  }

  /**
   * The token for one attempt.
   * @throws DOApiError when the token function fails, TypeError when it returns no token
   */
  async fetch(): Promise<string> {
    const source = this.#source;
    if (typeof source === 'string') return source;
    let returned: unknown;
    try {
      returned = await source();
    } catch (error) {
      // Only the message is passed on, without long words: the error comes from a secret store and may hold other secrets.
      const reason =
        error instanceof Error
          ? `: ${excerpt(this.hide(error.message).replace(LONG_WORD, PLACEHOLDER))}`
          : '';
      throw new DOApiError(`token: the token function failed${reason}`);
    }
    const token = checkToken(returned);
    if (!this.#recent.includes(token)) {
      this.#recent.unshift(token);
      this.#recent.length = Math.min(this.#recent.length, 2);
    }
    return token;
  }

  /** Replaces the token in `text`. */
  hide(text: string): string {
    return this.#recent.reduce((hidden, token) => hidden.replaceAll(token, PLACEHOLDER), text);
  }
}

/** Trims white space at the ends, since files end in a newline. Refuses it inside: it would end up in a header. */
function checkToken(value: unknown): string {
  if (value !== undefined && typeof value !== 'string')
    throw new TypeError('token: expected a string, or a function that returns one');
  const token = value?.trim() ?? '';
  if (token === '') {
    throw new TypeError(
      'token: expected a DigitalOcean API token, as an option or in DIGITALOCEAN_TOKEN; found none',
    );
  }
  if (!/^[\u0021-\u007e]+$/.test(token)) {
    throw new TypeError('token: expected printable ASCII without white space or control characters');
  }
  if (token.startsWith('dor_')) {
    throw new TypeError(
      'token: expected an access token (dop_v1_… or doo_v1_…), got a refresh token (dor_…)',
    );
  }
  return token;
}
