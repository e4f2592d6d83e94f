import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { envVariable } from '../../lib/util/env';
import { Failure } from '../../lib/http/failure';
import { Token, type TokenSource } from '../../lib/http/token';
import { TOKEN } from '../support/calls';
import { rejection } from '../support/rejection';

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

  it('also hides the previous token, whose response may be on its way', async () => {
    const token = new Token(renewing('a-token-1', 'a-token-2', 'a-token-2', 'a-token-3'));
    await token.fetch();
    await token.fetch();
    await token.fetch();
    expect(token.hide('a-token-1 a-token-2')).toBe('[token] [token]');
    await token.fetch();
    expect(token.hide('a-token-2 a-token-3')).toBe('[token] [token]');
    // A program that renews its token every hour would otherwise keep more and more of them.
    expect(token.hide('a-token-1')).toBe('a-token-1');
  });
});
