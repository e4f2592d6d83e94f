import { afterEach, describe, expect, it } from '@jest/globals';
import { DOApi, type TransportRequest, type TransportResponse } from '../../../lib';
import { CALL_OPTIONS } from '../../../lib/model/call-options';
import { CLIENT_OPTIONS } from '../../../lib/options';
import {
  isPolluted,
  lookingOnce,
  ownOptions,
  shield,
  shieldedOptions,
  withoutPollution,
  withShielded,
} from '../../../lib/util/options/own-options';
import { nestedOptions } from '../../../lib/util/options/validate-options';
import { is } from '../../../lib/util/validate';
import { runProgram } from '../../support/program';

afterEach(() => {
  Reflect.deleteProperty(Object.prototype, 'proxy');
});

describe('ownOptions', () => {
  it('copies all properties, including those inherited from a class', () => {
    class Base {
      get endpoint(): string {
        return ['https://x', 'example'].join('.');
      }
    }
    class Settings extends Base {
      perPage = 10;
      private readonly word = 'hi';
      greet(): string {
        return this.word;
      }
    }
    const settings = ownOptions(new Settings());
    expect([settings.endpoint, settings.perPage]).toEqual(['https://x.example', 10]);
    expect([1].map(settings.greet.bind(null))).toEqual(['hi']);
    expect(ownOptions(Object.create({ inherited: 1 }) as object)).toHaveProperty('inherited', 1);
  });

  it('prefers own properties, and binds only the methods of a class', () => {
    class Settings {
      greet(): string {
        return 'of the class';
      }
    }
    const greet = (): string => 'own';
    const settings = ownOptions(Object.assign(new Settings(), { greet }));
    expect(Object.entries(settings)).toEqual([['greet', greet]]);
    expect('constructor' in settings).toBe(false);
  });

  it('accepts an object without a prototype', () => {
    const bare = Object.assign(Object.create(null) as object, { perPage: 10 });
    expect(Object.entries(ownOptions(bare))).toEqual([['perPage', 10]]);
  });

  it('makes methods of a class not enumerable, unlike inherited functions of an object', () => {
    class Settings {
      greet(): string {
        return 'of the class';
      }
    }
    expect(Object.keys(ownOptions(new Settings()))).toEqual([]);
    const greet = (): string => 'inherited';
    expect(Object.keys(ownOptions(Object.create({ greet }) as object))).toEqual(['greet']);
  });

  it('omits what is not enumerable, as a spread does', () => {
    const hidden = Object.defineProperty({ perPage: 10 }, 'hidden', { value: 1 });
    expect(Object.entries(ownOptions(hidden))).toEqual([['perPage', 10]]);
  });

  it('returns the same object for every empty one', () => {
    expect(ownOptions({})).toBe(ownOptions({}));
  });

  it('omits the properties of the Object.prototype of another realm', () => {
    const foreign = structuredClone({ perPage: 10 });
    expect(Object.getOwnPropertyNames(ownOptions(foreign))).toEqual(['perPage']);
  });

  it('omits the properties of Object.prototype', () => {
    Object.assign(Object.prototype, { proxy: 'evil' });
    expect((ownOptions({}) as { proxy?: string }).proxy).toBeUndefined();
    expect((ownOptions({ proxy: 'mine' }) as { proxy?: string }).proxy).toBe('mine');
    expect('constructor' in ownOptions({})).toBe(false);
  });
});

describe('shieldedOptions', () => {
  it('inherits nothing, and neither does a copy of it that has a prototype', () => {
    Object.assign(Object.prototype, { proxy: 'evil' });
    const options = shieldedOptions<{ host: string; proxy?: string }>({ host: 'a' });
    expect(Object.getPrototypeOf(options)).toBeNull();
    expect({ ...options }.proxy).toBeUndefined();
    expect(options.host).toBe('a');
    expect(shieldedOptions({ proxy: 'mine' }).proxy).toBe('mine');
  });

  it('adds no names when Object.prototype has none of its own', () => {
    expect(Object.keys(shieldedOptions({ host: 'a' }))).toEqual(['host']);
  });

  it('leaves the defaults of Node in place, which it copies the options over', () => {
    Object.assign(Object.prototype, { ciphers: 'evil' });
    expect(Object.keys(shieldedOptions({}))).toEqual([]);
    Reflect.deleteProperty(Object.prototype, 'ciphers');
  });
});

describe('withShielded', () => {
  const options = { host: 'a' };
  const proxyOf = (given: object): unknown => (given as { proxy?: unknown }).proxy;

  it('passes on the options themselves when Object.prototype has no names but its own', () => {
    expect(withShielded(options, (given) => given)).toBe(options);
  });

  it('passes on shielded options otherwise, and removes the other names meanwhile', () => {
    Object.assign(Object.prototype, { proxy: 'evil' });
    const copy = withShielded(options, (given) => {
      expect([given.host, proxyOf({})]).toEqual(['a', undefined]);
      return given;
    });
    expect([Object.getPrototypeOf(copy), proxyOf({ ...copy }), proxyOf({})]).toEqual([
      null,
      undefined,
      'evil',
    ]);
  });

  it('does so also where the names are removed at the moment', () => {
    Object.assign(Object.prototype, { proxy: 'evil' });
    const copy = withoutPollution(() => withShielded(options, (given) => given));
    expect(proxyOf(copy)).toBeUndefined();
  });
});

describe('shield', () => {
  it('lets an object inherit nothing that was added to Object.prototype, and what its class has', () => {
    class Socket {
      host = 'own';
      proxy(): string {
        return 'of the class';
      }
    }
    Object.assign(Object.prototype, { proxy: 'evil', blockList: 'evil', host: 'evil' });
    const [socket, other] = [new Socket(), {} as { blockList?: string; proxy?: string }];
    shield(socket);
    shield(other);
    for (const name of ['blockList', 'host']) Reflect.deleteProperty(Object.prototype, name);
    expect([socket.proxy(), socket.host, Object.getOwnPropertyNames(socket)]).toEqual([
      'of the class',
      'own',
      ['host', 'blockList'],
    ]);
    expect([other.blockList, other.proxy, Object.keys(other)]).toEqual([undefined, undefined, []]);
  });
});

describe('withoutPollution', () => {
  const polluted = (): unknown => (({}) as { proxy?: unknown }).proxy;

  it('runs code for which Object.prototype is as the language makes it, and restores it', () => {
    const descriptor = { value: 'evil', configurable: true, enumerable: false, writable: false };
    Object.defineProperty(Object.prototype, 'proxy', descriptor);
    expect(withoutPollution(() => [polluted(), isPolluted()])).toEqual([undefined, false]);
    expect([polluted(), isPolluted()]).toEqual(['evil', true]);
    expect(Object.getOwnPropertyDescriptor(Object.prototype, 'proxy')).toEqual(descriptor);
  });

  it('restores it when the code throws', () => {
    Object.assign(Object.prototype, { proxy: 'evil' });
    const fail = (): never => {
      throw new Error('fails');
    };
    expect(() => withoutPollution(fail)).toThrow('fails');
    expect(polluted()).toBe('evil');
  });

  it('runs the code although a property cannot be removed', async () => {
    const { output, errors } = await runProgram('spec/trust/programs/frozen-prototype.ts');
    expect([errors, output.trim()]).toEqual(['', 'evil true undefined']);
  });
});

describe('isPolluted', () => {
  const NAMES = ['proxy', '7', '__defineGetter__'] as const;
  const add = (name: string, enumerable = true): void => {
    const property = { value: 'evil', enumerable, configurable: true, writable: true };
    Object.defineProperty(Object.prototype, name, property);
  };
  const remove = (name: string): boolean => Reflect.deleteProperty(Object.prototype, name);
  afterEach(() => {
    for (const name of NAMES.slice(0, 2)) remove(name);
  });

  it.each(NAMES.slice(0, 2))('sees that %s was added, however often there was nothing before', (name) => {
    for (const enumerable of [true, false]) {
      expect([isPolluted(), isPolluted()]).toEqual([false, false]);
      add(name, enumerable);
      expect([isPolluted(), isPolluted()]).toEqual([true, true]);
      remove(name);
    }
    expect(isPolluted()).toBe(false);
  });

  it('sees it although one of its own names was removed, and takes that for no addition', () => {
    expect(isPolluted()).toBe(false);
    const own = Object.getOwnPropertyDescriptor(Object.prototype, '__defineGetter__');
    if (!own) throw new Error('unreachable');
    try {
      remove('__defineGetter__');
      expect(isPolluted()).toBe(false);
      add('proxy');
      expect(isPolluted()).toBe(true);
      remove('proxy');
    } finally {
      Object.defineProperty(Object.prototype, '__defineGetter__', own);
    }
    expect(isPolluted()).toBe(false);
    remove('__defineGetter__');
    add('proxy');
    expect(isPolluted()).toBe(true);
    Object.defineProperty(Object.prototype, '__defineGetter__', own);
  });

  it('looks once during lookingOnce, and again after it, also when that fails', () => {
    const looks = lookingOnce(() => {
      add('proxy');
      return [isPolluted(), lookingOnce(isPolluted)];
    });
    expect([...looks, isPolluted()]).toEqual([false, false, true]);
    expect(() =>
      lookingOnce(() => {
        remove('proxy');
        throw new Error(String(isPolluted()));
      }),
    ).toThrow('true');
    expect(isPolluted()).toBe(false);
  });
});

describe('the declaration of an option', () => {
  it('inherits nothing: it has no fallback and is not required unless it says so', () => {
    const checks = [is.text, is.id, is.signal, is.integer(1, 2), is.oneOf('a'), is.listOf(is.tag)];
    const derived = [
      is.required(is.text),
      is.withDefault(is.flag, true),
      is.nullable(is.id),
      is.either(is.id, null),
    ];
    for (const check of [...checks, ...derived, nestedOptions({ a: is.id })])
      expect(Object.getPrototypeOf(check)).toBeNull();
    for (const check of [...Object.values(CLIENT_OPTIONS), ...Object.values(CALL_OPTIONS)])
      expect(Object.getPrototypeOf(check)).toBeNull();
  });
});

describe('DOApi', () => {
  it('accepts an adapter that is a method, and inherited options', async () => {
    class Transport {
      readonly #asked: string[] = [];
      /** A method, since every property of an object of options is an option. */
      all(): string[] {
        return this.#asked;
      }
      adapter({ url, headers }: TransportRequest): Promise<TransportResponse> {
        this.#asked.push(url, headers.authorization ?? '');
        return Promise.resolve({ status: 200, headers: {}, body: '{"account":{}}' });
      }
    }
    const transport = new Transport();
    const options: object = Object.create({
      token: 'a-token',
      endpoint: 'http://127.0.0.1:9',
      transport,
    }) as object;
    await new DOApi(options).request('/v2/account');
    expect(transport.all()).toEqual(['http://127.0.0.1:9/v2/account', 'Bearer a-token']);
  });
});
