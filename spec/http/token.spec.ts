import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { envVariable } from '../../lib/util/env';
import { Failure } from '../../lib/http/failure';
import { Token, type TokenSource } from '../../lib/http/token';
import { TOKEN } from '../support/calls';
import { cpuTime } from '../support/cpu-time';
import { rejection } from '../support/rejection';
import { scaled } from '../support/scale';

/** A token without a prefix. */
const BARE = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

const VARIABLES = ['DIGITALOCEAN_TOKEN', 'DIGITALOCEAN_ACCESS_TOKEN'];

/** A token function that returns these in turn. */
function renewing(...tokens: string[]): TokenSource {
  let next = 0;
  return () => tokens[next++] ?? '';
}

describe('a token function', () => {
  it('receives neither arguments nor `this`', async () => {
    const seen: unknown[] = [];
    const source = function (this: unknown, ...args: unknown[]): string {
      seen.push(this, ...args);
      return 'a-token';
    };
    await new Token(source).fetch();
    expect(seen).toEqual([undefined]);
  });
});

describe('a token', () => {
  const saved = { ...process.env };
  beforeEach(() => {
    for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
  });
  afterEach(() => {
    process.env = { ...saved };
  });

  it.each([TOKEN, BARE, 'doo_v1_abc', 'x', '!~'])('may be %s', (token) => {
    expect(new Token(token).known()).toBe(token);
  });

  it('is trimmed, since files end in a newline', () => {
    expect(new Token(` \t${TOKEN}\r\n`).known()).toBe(TOKEN);
  });

  it('comes from the environment by default', () => {
    process.env.DIGITALOCEAN_ACCESS_TOKEN = 'second';
    expect(new Token(undefined).known()).toBe('second');
    process.env.DIGITALOCEAN_TOKEN = 'first';
    expect(new Token(undefined).known()).toBe('first');
    expect(new Token('given').known()).toBe('given');
  });

  it('ignores an empty variable of the environment', () => {
    process.env.DIGITALOCEAN_TOKEN = ' ';
    process.env.DIGITALOCEAN_ACCESS_TOKEN = 'second';
    expect(envVariable('DIGITALOCEAN_TOKEN')).toBeUndefined();
    expect(new Token(undefined).known()).toBe('second');
  });

  it.each<[unknown, string]>([
    [undefined, 'found none'],
    ['', 'found none'],
    [' \n', 'found none'],
    ['abc\nx-evil: 1', 'printable ASCII'],
    ['ab cd', 'printable ASCII'],
    ['abécd', 'printable ASCII'],
    ['ab\u0000cd', 'printable ASCII'],
    ['dor_v1_5ec2e7', 'got a refresh token'],
    [5, 'expected a string, or a function'],
    [{}, 'expected a string, or a function'],
  ])('may not be %j', (source, message) => {
    const make = (): Token => new Token(source as TokenSource);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(/^token: expected /);
    expect(make).toThrow(message);
  });

  it.each([`${TOKEN}\u0007`, `${TOKEN} ${TOKEN}`, `dor_v1_${BARE}`, `${BARE}é`])(
    'is not shown when it is refused: %j',
    (source) => {
      expect(() => new Token(source)).toThrow(/^(?!.*(5ec2e7|9f86d0))/);
    },
  );

  it('is not visible in the object that holds it', () => {
    const token = new Token(TOKEN);
    expect(inspect(token, { depth: null, showHidden: true, getters: true })).not.toContain('5ec2e7');
    expect(JSON.stringify(token)).toBe('{}');
    expect(Object.keys(token)).toEqual([]);
  });
});

describe('a token function', () => {
  it('is called for each attempt', async () => {
    const token = new Token(renewing('one', 'two'));
    expect([await token.fetch(), await token.fetch()]).toEqual(['one', 'two']);
  });

  it('may be asynchronous', async () => {
    await expect(new Token(() => Promise.resolve(` ${TOKEN}\n`)).fetch()).resolves.toBe(TOKEN);
  });

  it.each<[unknown]>([[undefined], [''], ['a b'], [5], ['dor_v1_abc']])(
    'must return a token, not %p',
    async (value) => {
      const error = await rejection(new Token(() => value as string).fetch());
      expect(error).toBeInstanceOf(TypeError);
    },
  );

  it('that fails becomes a Failure with its message and nothing else, of a request that was not sent', async () => {
    const vault = Object.assign(new Error('the vault is sealed'), { secret: BARE });
    const token = new Token(() => Promise.reject(vault));
    const error = await rejection(token.fetch());
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ kind: 'token', mayHaveBeenSent: false });
    expect(error).toHaveProperty('message', 'the token function failed: the vault is sealed');
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(BARE.slice(0, 12));
  });

  it.each([BARE, `${BARE}==`, 'a-secret_of+24=letters-x'])(
    'that fails shows nothing that may be another secret: %s',
    async (secret) => {
      const token = new Token(() => Promise.reject(new Error(`no access with ${secret}, request it`)));
      const error = await rejection(token.fetch());
      expect(error).toHaveProperty(
        'message',
        'the token function failed: no access with [token], request it',
      );
    },
  );

  it('that throws something other than an Error shows only that it failed', async () => {
    const token = new Token(() => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- some do
      throw { secret: BARE };
    });
    const error = await rejection(token.fetch());
    expect(error).toHaveProperty('message', 'the token function failed');
  });

  it('that puts an old token into its message shows no part of it', async () => {
    let calls = 0;
    const token = new Token(() => {
      if (calls++ === 0) return BARE;
      throw new Error(`${'.'.repeat(180)}${BARE}`);
    });
    await token.fetch();
    const error = await rejection(token.fetch());
    expect(String(error)).not.toContain(BARE.slice(0, 12));
  });
});

describe('hiding the token', () => {
  it.each(['t', 'not', 'token', 'a-short'])(
    'leaves texts alone when it has fewer than 8 characters: %s',
    (token) => {
      const text = 'the token of a test is not hidden, a-short one neither';
      expect(new Token(token).hide(text)).toBe(text);
    },
  );

  it('begins with 8 characters', () => {
    expect(new Token('12345678').hide('a 12345678 b')).toBe('a [token] b');
  });

  it('replaces it everywhere in a text', () => {
    const token = new Token(BARE);
    expect(token.hide(`a ${BARE} b ${BARE}`)).toBe('a [token] b [token]');
    expect(token.hide('nothing here')).toBe('nothing here');
  });

  it('matches the token as text, not as a pattern', () => {
    expect(new Token('a.c$&_long').hide('abc$&_long a.c$&_long')).toBe('abc$&_long [token]');
  });

  it('also hides the last nine before it, whose responses may be on their way', async () => {
    const tokens = Array.from({ length: 11 }, (_, index) => `a-token-${index}x`);
    const token = new Token(renewing(...tokens.slice(0, 10), 'a-token-0x', 'a-token-10x'));
    for (let call = 0; call < 11; call++) await token.fetch();
    expect(token.hide(tokens.slice(0, 10).join(' '))).toBe('[token]'.padEnd(79, ' [token]'));
    await token.fetch();
    // A program that renews its token every hour would otherwise keep more and more of them. The oldest one goes.
    expect(token.hide('a-token-0x a-token-1x a-token-2x a-token-10x')).toBe(
      '[token] a-token-1x [token] [token]',
    );
    expect(token.hide('a%2dtoken-1x a%2dtoken-2x')).toBe('a%2dtoken-1x [token]');
  });

  it('finds it with any of its characters escaped', () => {
    const hexOf = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, '0');
    const writings: readonly ((character: string) => string)[] = [
      (character) => character,
      (character) => `\\u00${hexOf(character)}`,
      (character) => `\\\\u00${hexOf(character).toUpperCase()}`,
      (character) => `%${hexOf(character)}`,
      (character) => `%25${hexOf(character).toUpperCase()}`,
      (character) => `&#${character.charCodeAt(0)};`,
      (character) => `&#x00${hexOf(character)};`,
      (character) => `&amp;#x${hexOf(character)};`,
      (character) => (/[\w-]/.test(character) ? character : `\\${character}`),
    ];
    const printable = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
    const secret = fc.array(fc.tuple(printable, fc.constantFrom(...writings)), {
      minLength: 8,
      maxLength: 80,
    });
    fc.assert(
      fc.property(secret, fc.string({ unit: fc.constantFrom(' ', '.', ':') }), (characters, around) => {
        const token = characters.map(([character]) => character).join('');
        fc.pre(!token.startsWith('dor_'));
        const echo = characters.map(([character, write]) => write(character)).join('');
        const hidden = new Token(token).hide(`${around} ${echo} ${around}`);
        // A backslash of the token and that of the escape after it can be read as one: its digits are left, which tell nothing.
        const isAmbiguous = token.includes('\\');
        const whole = isAmbiguous ? hidden.replace(/(?<=\[token\])[\da-f]{4}(?= )/i, '') : hidden;
        expect(whole).toBe(`${around} [token] ${around}`);
      }),
      { numRuns: scaled(20_000, 500) },
    );
    expect(new Token('abc+/def+/').hide('{"message":"no abc\\u002B\\/def\\u002b\\/"}')).toBe(
      '{"message":"no [token]"}',
    );
  });

  it('is fast in a text of many megabytes, whatever it holds', async () => {
    const token = new Token(renewing(...Array.from({ length: 10 }, (_, index) => `${TOKEN}${index}`)));
    for (let call = 0; call < 10; call++) await token.fetch();
    for (const piece of ['dop_v1_', '\\', '%25', '&amp;', 'd\\u006f', '<p>an error</p> & ']) {
      const text = piece.repeat(1_000_000 / piece.length);
      const start = cpuTime();
      token.hide(text);
      expect(cpuTime() - start).toBeLessThan(1_500);
    }
  });
});
