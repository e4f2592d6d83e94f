import type * as AsyncHooks from 'node:async_hooks';
import type { AsyncLocalStorage } from 'node:async_hooks';
import { envVariable } from '../util/env';
import { withoutEscapes } from '../util/text/plain-text';
import { MIN_PART, SecretParts } from '../util/text/secret-parts';
import { excerpt } from '../util/text/sanitize';
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

/** How many tokens are remembered: a token function that renews them each time has no more responses on their way. */
const MAX_RECENT = 10;

/** Matches whatever may be a secret. */
const LONG_WORD = /[\w+=-]{24,}/g;

/** Holds the token, returns it for each attempt and removes it from texts. */
export class Token {
  readonly #source: string | (() => string | Promise<string>);
  /** The last ones, the latest first: a token function may renew the token while a response is on its way. */
  readonly #recent: string[] = [];
  /** What matches each of them in a text. */
  readonly #echoes = new Map<string, RegExp>();
  /** What finds parts of each of them, as it is and in base64. */
  readonly #parts = new Map<string, SecretParts[]>();

  /** @throws TypeError when there is no token or it is invalid; the message never holds it */
  constructor(source: TokenSource | undefined) {
    if (typeof source === 'function') {
      this.#source = source;
    } else {
      this.#source = checkToken(
        source ?? envVariable('DIGITALOCEAN_TOKEN') ?? envVariable('DIGITALOCEAN_ACCESS_TOKEN'),
      );
      this.#remember(this.#source);
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
    const calls = callsOfFunctions();
    if (calls.getStore() === this)
      throw new TypeError(
        'token: the token function sends a request with its own manager, which needs the token; use another manager or a plain request',
      );
    let returned: unknown;
    try {
      returned = await calls.run(this, () => source());
    } catch (error) {
      throw this.#failure(error);
    }
    let token: string;
    try {
      token = checkToken(returned);
    } catch (error) {
      throw this.latest() === null ? error : this.#failure(error);
    }
    if (token !== this.#recent[0]) this.#remember(token);
    return token;
  }

  /**
   * Nothing was sent, so that it is a passing failure. Only the message is passed on, without long words: the error comes
   * from a secret store and may hold other secrets.
   */
  #failure(error: unknown): Failure {
    const message = messageOf(error);
    const reason = message !== null ? `: ${excerpt(this.hide(message).replace(LONG_WORD, PLACEHOLDER))}` : '';
    return new Failure({
      kind: 'token',
      mayHaveBeenSent: false,
      message: `the token function failed${reason}`,
    });
  }

  #remember(token: string): void {
    const at = this.#recent.indexOf(token);
    if (at !== -1) this.#recent.splice(at, 1);
    this.#recent.unshift(token);
    for (const old of this.#recent.splice(MAX_RECENT)) {
      this.#echoes.delete(old);
      this.#parts.delete(old);
    }
  }

  /**
   * Replaces the token in `text`, if it has 8 characters or more, and those before it, and every part of 12 characters or
   * more, in upper and lower case; also where characters are escaped, broken by white space, or in base64, as a server or a
   * page may write them.
   */
  hide(text: string): string {
    if (this.#recent.every((token) => text.length < Math.min(token.length, MIN_PART))) return text;
    const isPlain = !ESCAPE.test(text);
    let hidden = text;
    for (const token of this.#recent) {
      if (token.length < MIN_HIDDEN) continue;
      if (isPlain) {
        hidden = hidden.replaceAll(token, PLACEHOLDER);
        continue;
      }
      const echo = this.#echoes.get(token) ?? echoOf(token);
      this.#echoes.set(token, echo);
      hidden = hidden.replace(echo, PLACEHOLDER);
    }
    return this.#hideDisguised(this.#hideParts(hidden));
  }

  #hideParts(text: string): string {
    let hidden = text;
    for (const token of this.#recent) {
      const parts = this.#parts.get(token) ?? [token, ...inBase64(token)].map((one) => new SecretParts(one));
      this.#parts.set(token, parts);
      for (const one of parts) hidden = one.hide(hidden, PLACEHOLDER);
    }
    return hidden;
  }

  /** Finds the tokens broken by white space, and in base64. The text loses its escapes and white space where one is. */
  #hideDisguised(text: string): string {
    let dense = withoutEscapes(text).replace(GAPS, '');
    let isFound = false;
    for (const token of this.#recent) {
      if (token.length < MIN_HIDDEN || !dense.includes(token)) continue;
      dense = dense.replaceAll(token, PLACEHOLDER);
      isFound = true;
    }
    const hidden = this.#hideParts(dense);
    return isFound || hidden !== dense ? hidden : text;
  }
}

/** Which token function a piece of work is part of. Created for the first one, since most tokens are texts. */
function callsOfFunctions(): AsyncLocalStorage<Token> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it is needed
  const { AsyncLocalStorage: Storage } = require('node:async_hooks') as typeof AsyncHooks;
  return (functionCalls ??= new Storage<Token>());
}

let functionCalls: AsyncLocalStorage<Token> | null = null;

/** The message of an error; `null` without one. The error is foreign, and so is a getter of it. */
function messageOf(error: unknown): string | null {
  try {
    const { message } = (error ?? {}) as { message?: unknown };
    return typeof message === 'string' ? message : null;
  } catch {
    return null;
  }
}

/** White space and characters without a shape, also as escapes of JSON. */
const GAPS = /(?:\\{1,8}(?:[nrt]|u00[01][\da-f]|u20[0-6][\da-f]|ufeff)|[\s\p{Cc}\p{Cf}])+/giu;

/**
 * What a longer text in base64 has of the token, by the three places where it may begin. The characters at both ends depend
 * on what is around it.
 */
function inBase64(token: string): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.from(' '.repeat(offset) + token).toString('base64');
    return text.slice(offset === 0 ? 0 : offset + 1, Math.floor((4 * (offset + token.length)) / 3));
  });
}

/** Begins a character that is escaped. */
const ESCAPE = /[\\%&]/;

/** Matches the token with any of its characters escaped: in JSON, percent-encoded (both also twice), or as an entity. */
function echoOf(token: string): RegExp {
  const characters = Array.from(token, (character) => {
    const code = character.charCodeAt(0);
    const hex = code
      .toString(16)
      .padStart(2, '0')
      .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
    const itself = character === '&' ? '&(?:amp;){0,3}' : character.replace(/[^A-Za-z0-9]/, '\\$&');
    return (
      `(?:\\\\{1,4}u00${hex}|%(?:25){0,3}${hex}|&(?:amp;){0,3}#0{0,5}${code};` +
      `|&(?:amp;){0,3}#[xX]0{0,5}${hex};|\\\\{0,4}${itself})`
    );
  });
  return new RegExp(characters.join(''), 'g');
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
