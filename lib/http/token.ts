import { envVariable } from '../util/env';
import { excerpt } from '../util/sanitize';
import { Failure } from './failure';

/** A token, or a function that returns one: called before each attempt, so that the token can be renewed. */
export type TokenSource = string | (() => string | Promise<string>);

/** Replaces the token in everything that is shown. */
const PLACEHOLDER = '[token]';

/**
 * A shorter token is not removed from texts: it is none of DigitalOcean's, which have 64 characters and more, but one of a
 * test, and `t` or `test` are in many words.
 */
const MIN_HIDDEN = 8;

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

  /** Whether it comes from a function, which may return another one. */
  get isRenewable(): boolean {
    return typeof this.#source === 'function';
  }

  /** The token function; `null` when the token is known. Stands for the token until it is called. */
  function(): object | null {
    return typeof this.#source === 'function' ? this.#source : null;
  }

  /** The token of the last attempt; `null` before a token function was called. A method, as {@link known} is. */
  latest(): string | null {
    return this.#recent[0] ?? null;
  }

  /**
   * The token for one attempt.
   * @throws Failure when the token function fails, or returns no token although it returned one before; TypeError when it
   *   has never returned one: that is a mistake, and would come back
   */
  async fetch(): Promise<string> {
    const source = this.#source;
    if (typeof source === 'string') return source;
    let returned: unknown;
    try {
      returned = await source();
    } catch (error) {
      throw this.#failure(error);
    }
    let token: string;
    try {
      token = checkToken(returned);
    } catch (error) {
      throw this.latest() === null ? error : this.#failure(error);
    }
    if (!this.#recent.includes(token)) {
      this.#recent.unshift(token);
      this.#recent.length = Math.min(this.#recent.length, 2);
    }
    return token;
  }

  /**
   * Nothing was sent, so that it is a passing failure. Only the message is passed on, without long words: the error comes
   * from a secret store and may hold other secrets.
   */
  #failure(error: unknown): Failure {
    const { message } = (error ?? {}) as { message?: unknown };
    const reason =
      typeof message === 'string' ? `: ${excerpt(this.hide(message).replace(LONG_WORD, PLACEHOLDER))}` : '';
    return new Failure({
      kind: 'token',
      mayHaveBeenSent: false,
      message: `the token function failed${reason}`,
    });
  }

  /** Replaces the token in `text`, if it has 8 characters or more. */
  hide(text: string): string {
    return this.#recent.reduce(
      (hidden, token) => (token.length < MIN_HIDDEN ? hidden : hidden.replaceAll(token, PLACEHOLDER)),
      text,
    );
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
