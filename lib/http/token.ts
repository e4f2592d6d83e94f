import { createHash } from 'node:crypto';
import { envVariable } from '../util/env';
import { DOApiError } from '../errors/errors';
import { excerpt } from '../util/sanitize';

/** A token, or where to get one: called before each attempt, so that a token can be renewed meanwhile. */
export type TokenSource = string | (() => string | Promise<string>);

/** What stands for a token in anything that is shown. */
const HIDDEN = '[token]';

/** What might be a secret of whatever kind. */
const LONG = /[\w+=-]{24,}/g;

/** Holds the token, hands it out for one attempt at a time and knows how to keep it out of texts. */
export class Token {
  readonly #source: string | (() => string | Promise<string>);
  /** The ones handed out last: a token function may have renewed it while an answer was under way. */
  readonly #seen: string[] = [];

  /** @throws TypeError when there is none, or it cannot be one; the message never holds it */
  constructor(source: TokenSource | undefined) {
    if (typeof source === 'function') {
      this.#source = source;
    } else {
      this.#source = checkToken(
        source ?? envVariable('DIGITALOCEAN_TOKEN') ?? envVariable('DIGITALOCEAN_ACCESS_TOKEN'),
      );
      this.#seen.push(this.#source);
    }
  }

  /** The token; `null` when a function has to be asked for it. A method, since a getter may be shown. */
  known(): string | null {
    return typeof this.#source === 'string' ? this.#source : null;
  }

  /**
   * The token for one attempt.
   * @throws DOApiError when a token function fails, TypeError when it gives no token
   */
  async ask(): Promise<string> {
    const source = this.#source;
    if (typeof source === 'string') return source;
    let given: unknown;
    try {
      given = await source();
    } catch (error) {
      // The error is not passed on as it is: it comes from where secrets are kept, and may show one not seen before.
      const why =
        error instanceof Error ? `: ${excerpt(this.hide(error.message).replace(LONG, HIDDEN))}` : '';
      throw new DOApiError(`token: the token function failed${why}`);
    }
    const token = checkToken(given);
    if (!this.#seen.includes(token)) {
      this.#seen.unshift(token);
      this.#seen.length = Math.min(this.#seen.length, 2);
    }
    return token;
  }

  /** `text` without the token in it. */
  hide(text: string): string {
    return this.#seen.reduce((hidden, token) => hidden.replaceAll(token, HIDDEN), text);
  }
}

/** White space at the ends is trimmed: files end in a newline. Inside, it would end up in a header. */
function checkToken(value: unknown): string {
  if (value !== undefined && typeof value !== 'string')
    throw new TypeError('token: expected a string, or a function that gives one');
  const token = value?.trim() ?? '';
  if (token === '') {
    throw new TypeError(
      'token: expected a DigitalOcean API token, as an option or in DIGITALOCEAN_TOKEN; there is none',
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

/** What stands for a token where it must not be kept itself. Remembers the last one: few managers have two. */
export class TokenDigests {
  #last: { token: string; digest: string } | null = null;

  of(token: string): string {
    if (this.#last?.token !== token) {
      this.#last = { token, digest: createHash('sha256').update(token).digest('base64') };
    }
    return this.#last.digest;
  }
}
