import { inspect, isDeepStrictEqual } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { instanceToPlain, plainToInstance } from 'class-transformer';
import fc from 'fast-check';
import { Action, Image, Region } from '../../lib';
import { field, Mismatch } from '../../lib/model/fields';
import type { Requester } from '../../lib/model/requester';
import { hydrate, read, Resource, unwrap } from '../../lib/model/resource';
import { imageJson } from '../support/builders';
import { TOKEN } from '../support/calls';
import { TestClock } from '../support/test-clock';
import { anyImage, HOSTILE_KEYS, hostileJson } from '../support/wild';
import { cpuTime } from '../support/cpu-time';

/** The part of a client that a resource needs to be shown. */
const api = {
  endpoint: 'https://api.digitalocean.com',
  clock: new TestClock(),
  secret: TOKEN,
} as unknown as Requester;

const HOUR = 3_600_000;

/** Exposes what the methods of a resource use. */
class Thing extends Resource {
  get requester(): Requester {
    return this.api;
  }

  get arrival(): number {
    return this.receivedAt;
  }
}

const FIELDS = Object.keys(read(Image, { id: 1 }));

/** The own properties of an instance. */
const own = (instance: object): object => Object.fromEntries(Object.entries(instance));

describe('a resource', () => {
  it('equals what class-transformer creates, also after a round trip: 10,000 images', () => {
    fc.assert(
      fc.property(anyImage, (json) => {
        const image = read(Image, json);
        const theirs = plainToInstance(Image, json, { excludeExtraneousValues: true });
        const back = read(Image, JSON.parse(JSON.stringify(image)));
        // Much faster than `toEqual`; the counterexample shows the difference.
        expect(isDeepStrictEqual(own(image), own(theirs))).toBe(true);
        expect(isDeepStrictEqual(own(image), own(back))).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });

  it('is written back as by class-transformer', () => {
    fc.assert(
      fc.property(anyImage, (json) => {
        const image = read(Image, json);
        expect(image.toJSON()).toStrictEqual(instanceToPlain(image, { excludeExtraneousValues: true }));
      }),
    );
  });

  it('has its declared fields only, whatever the API sends', () => {
    fc.assert(
      fc.property(anyImage, (json) => {
        const image = read(Image, json);
        expect(Object.keys(image)).toEqual(FIELDS);
        expect(Object.getOwnPropertySymbols(image)).toEqual([]);
        expect(Object.getPrototypeOf(image)).toBe(Image.prototype);
        expect(image.constructor).toBe(Image);
      }),
    );
  });

  it.each(HOSTILE_KEYS)('takes no undeclared property from the JSON: %s', (key) => {
    const json = JSON.parse(`{"id": 5, ${JSON.stringify(key)}: {"polluted": 1}}`) as object;
    const image = hydrate(Image, json, api);
    expect(Object.keys(image)).toEqual(FIELDS);
    expect(image.url).toBe('https://api.digitalocean.com/v2/images/5');
    expect(typeof image.fetch).toBe('function');
    expect(image.raw).toBe(json);
    expect(Object.keys(image.toJSON())).not.toContain(key);
    expect('polluted' in {}).toBe(false);
  });

  it('is a valid instance or a Mismatch for any JSON', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc
        .tuple(
          hostileJson,
          fc.dictionary(
            fc.constantFrom('id', 'name', 'regions', 'created_at', 'public', 'region', 'slug'),
            fc.jsonValue(),
          ),
        )
        .map((parts) => Object.assign({}, ...parts) as object),
    );
    fc.assert(
      fc.property(anything, fc.constantFrom(Image, Action, Region), (json, Class) => {
        try {
          const made = read<Image | Action | Region>(Class, json);
          for (const value of Object.values(made)) {
            if (value instanceof Date) expect(Number.isNaN(value.getTime())).toBe(false);
            if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
            expect(value).not.toBeUndefined();
          }
          expect(typeof made.toJSON).toBe('function');
        } catch (error) {
          expect(error).toBeInstanceOf(Mismatch);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('does not show its client', () => {
    const image = hydrate(Image, { id: 5, name: 'golden' }, api);
    const views = [
      inspect(image, { depth: Infinity, showHidden: true }),
      JSON.stringify(image),
      inspect(own(image)),
      inspect(structuredClone(image)),
    ];
    for (const view of views) {
      expect(view).toContain('golden');
      expect(view).not.toContain(TOKEN);
    }
    expect(Reflect.ownKeys(image)).toEqual(FIELDS);
  });

  it('has the JSON of the API as `raw`', () => {
    const json = Object.freeze({ id: 5, brand_new: { deep: [1] } });
    expect(hydrate(Image, json, api).raw).toBe(json);
  });

  it('has no client and no time of arrival when it is nested in another one', () => {
    const inside = read(Thing, {});
    Resource.attach(inside, { name: 'inside' });
    expect([inside.raw, inside.arrival]).toEqual([{ name: 'inside' }, -Infinity]);
    expect(() => inside.requester).toThrow('Thing: is nested in another resource and cannot send requests');
    const outside = hydrate(Thing, {}, api, 5);
    expect([outside.requester, outside.arrival]).toEqual([api, 5]);
    expect(new Thing().arrival).toBe(-Infinity);
  });

  it('shows its age by the clock of the server', () => {
    const ahead = { ...api, clockSkew: 2 * HOUR } as Requester;
    const createdAt = new Date(api.clock.date() - HOUR).toISOString();
    expect(inspect(hydrate(Image, { id: 5, created_at: createdAt }, ahead))).toContain('(3 hours ago)');
  });

  it('has the fields of the class above its own', () => {
    class Fresh extends Image {
      @field.name() readonly extra!: string;
    }
    const json = { ...imageJson(), extra: 'more' };
    expect(Object.keys(hydrate(Fresh, json, api).toJSON())).toEqual([
      ...Object.keys(hydrate(Image, json, api).toJSON()),
      'extra',
    ]);
  });

  it('is read and written alike after another user of class-transformer has cleared its metadata', async () => {
    await jest.isolateModulesAsync(async () => {
      const { DOApi } = await import('../../lib');
      const storage = await import('class-transformer/cjs/storage');
      storage.defaultMetadataStorage.clear();
      const image = new DOApi({ token: TOKEN }).image(imageJson());
      expect(image.url).toMatch(/\/v2\/images\/7938269$/);
      expect(image.toJSON()).toEqual(hydrate(Image, imageJson(), api).toJSON());
    });
  });

  it('cannot be created with new', () => {
    const image = new Image();
    expect(() => image.raw).toThrow('Image: made by a DOApi, never with new');
    expect(() => image.url).toThrow(TypeError);
  });
});

describe('unwrap', () => {
  it('reads the resource under its key', () => {
    expect(unwrap(Image, 'image', { image: { id: 5 } }, api).id).toBe(5);
  });

  it.each<[unknown, string]>([
    [null, 'image: expected an object, got nothing'],
    [undefined, 'image: expected an object, got nothing'],
    ['text', 'image: expected an object, got nothing'],
    [{}, 'image: expected an object, got nothing'],
    [{ image: null }, 'image: expected an object, got null'],
    [{ image: [] }, 'image: expected an object, got an array'],
    [{ image: {} }, 'image.id: expected a positive whole number, got nothing'],
    [{ image: { id: '5' } }, 'image.id: expected a positive whole number, got "5"'],
    [{ image: { id: 9007199254740992 } }, 'image.id: expected a positive whole number, got 9007199254740992'],
    [{ image: { id: 5, regions: ['a', 5] } }, 'image.regions[1]: expected a string, got 5'],
  ])('throws a Mismatch with the path: %j', (body, message) => {
    expect(() => unwrap(Image, 'image', body, api)).toThrow(Mismatch);
    expect(() => unwrap(Image, 'image', body, api)).toThrow(message);
  });

  it('throws a Mismatch with the path through nested resources', () => {
    const body = { action: { id: 5, region: { slug: 'nyc3', sizes: [5] } } };
    expect(() => unwrap(Action, 'action', body, api)).toThrow(
      'action.region.sizes[0]: expected a string, got 5',
    );
  });

  it('rethrows any other error', () => {
    const broken = new Proxy(
      { id: 5 },
      {
        get: () => {
          throw new RangeError('another error');
        },
      },
    );
    expect(() => unwrap(Image, 'image', { image: broken }, api)).toThrow(RangeError);
  });
});

describe('large responses', () => {
  it('with 100,000 undeclared keys are read in under 100 ms of CPU time', () => {
    const json: Record<string, unknown> = { id: 5 };
    for (let i = 0; i < 100_000; i++) json[`key_${i}`] = i;
    const start = cpuTime();
    read(Image, json);
    expect(cpuTime() - start).toBeLessThan(100);
  });
});
