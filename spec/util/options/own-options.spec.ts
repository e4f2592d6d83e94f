import { afterEach, describe, expect, it } from '@jest/globals';
import { DOApi, type TransportRequest, type TransportResponse } from '../../../lib';
import { ownOptions } from '../../../lib/util/options/own-options';

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
