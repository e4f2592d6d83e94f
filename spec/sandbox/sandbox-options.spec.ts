import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  Sandbox,
  aRegion,
  anAction,
  anImage,
  type SandboxOptions,
  type SandboxSnapshot,
} from '../../lib/sandbox';
import { send, withOneImage } from './support';
import { cpuTime } from '../support/cpu-time';

describe('An invalid option', () => {
  it.each([
    ['options that are not an object', 'x', 'options: expected an object, got "x"'],
    ['an unknown option', { image: 5 }, 'image: unknown option; did you mean images?'],
    [
      'an option that is not near to any',
      { flavour: 5 },
      /^flavour: unknown option; the options are images, actions, droplets, regions, .*, onRequest$/,
    ],
    [
      'a word for images',
      { images: 'many' },
      'images: expected a whole number from 0 to 1000000 or a list of images, got "many"',
    ],
    [
      'half an image',
      { images: 0.5 },
      'images: expected a whole number from 0 to 1000000 or a list of images, got 0.5',
    ],
    ['an image that is not an object', { images: [5] }, 'images[0]: expected an object, got 5'],
    [
      'an invalid id',
      { images: [{ id: 0 }] },
      'images[0].id: expected an id, a positive whole number, got 0',
    ],
    [
      'an empty name',
      { images: [{ name: '' }] },
      'images[0].name: expected a string that is not empty, got ""',
    ],
    [
      'an invalid date',
      { images: [{ created_at: 'now' }] },
      'images[0].created_at: expected a date such as "2026-01-31T12:00:00Z", got "now"',
    ],
    [
      'an unknown status',
      { images: [{ status: 'new' }] },
      'images[0].status: expected "NEW", "available", "pending", "deleted" or "retired", got "new"',
    ],
    [
      'a name of the library',
      { images: [{ minDiskSize: 5 }] },
      /^images\[0\]: expected fields of the API such as id, .*, error_message, got "minDiskSize"$/,
    ],
    [
      'an image in a region that the sandbox does not have',
      { images: [{ regions: ['mars1'] }] },
      /^images\[0\]\.regions\[0\]: expected "nyc1", .* or "sfo1", got "mars1"$/,
    ],
    [
      'a duplicate id',
      { images: [{ id: 5 }, { id: 5 }] },
      'images: expected each id or slug once, got 5 twice',
    ],
    [
      'a duplicate slug',
      { images: [{ slug: 'a' }, { slug: 'a' }] },
      'images: expected each id or slug once, got "a" twice',
    ],
    ['a number of actions', { actions: 5 }, 'actions: expected an array of actions, got 5'],
    ['an action that is not an object', { actions: [null] }, 'actions[0]: expected an object, got null'],
    [
      'an unknown status of an action',
      { actions: [{ status: 'done' }] },
      'actions[0].status: expected "in-progress", "completed" or "errored", got "done"',
    ],
    [
      'a duplicate action',
      { actions: [{ id: 5 }, { id: 5 }] },
      'actions: expected each id or slug once, got 5 twice',
    ],
    ['no region', { regions: [] }, 'regions: expected at least one region, got none'],
    [
      'regions that are not a list',
      { regions: 'nyc1' },
      'regions: expected an array of slugs or regions, got "nyc1"',
    ],
    ['an invalid slug', { regions: ['NYC 1'] }, 'regions[0]: expected a slug such as "nyc3", got "NYC 1"'],
    [
      'a region without slug',
      { regions: [{}] },
      'regions[0].slug: expected a slug such as "nyc3", got nothing',
    ],
    ['a region that is not an object', { regions: [5] }, 'regions[0]: expected an object, got 5'],
    [
      'a duplicate region',
      { regions: ['nyc1', 'nyc1'] },
      'regions: expected each id or slug once, got "nyc1" twice',
    ],
    ['an account that is not an object', { account: 5 }, 'account: expected an object, got 5'],
    [
      'an object that is not a snapshot',
      { from: {} },
      'from: expected the result of snapshot(), got an object',
    ],
    ['a text for a snapshot', { from: 'x' }, 'from: expected the result of snapshot(), got "x"'],
    [
      'a negative time',
      { actionTime: -1 },
      /^actionTime: expected a finite .*, a pair \[shortest, longest\] .*, or a function that .*, got -1$/,
    ],
    ['a text for a time', { importTime: 'soon' }, /^importTime: expected a finite number .*, got "soon"$/],
    ['a pair with one time', { actionTime: [5] }, /^actionTime: expected .*, a pair .*, got an array$/],
    ['a pair with a hole', { actionTime: [5, undefined] }, /^actionTime: expected .*, got an array$/],
    [
      'a pair in the wrong order',
      { actionTime: [5, 1] },
      'actionTime[1]: expected at least the shortest time, 5, got 1',
    ],
    ['a fraction for a seed', { seed: 1.5 }, 'seed: expected a whole number from 0 to 4294967295, got 1.5'],
    [
      'true for a rate limit',
      { rateLimit: true },
      'rateLimit: expected false or { perMinute, perHour }, got true',
    ],
    [
      'a rate limit of no requests',
      { rateLimit: { perMinute: 0 } },
      'rateLimit.perMinute: expected a whole number from 1 to 1000000, got 0',
    ],
    [
      'a rate limit of a day',
      { rateLimit: { perDay: 5 } },
      'rateLimit.perDay: unknown option; the options are perMinute, perHour',
    ],
    ['an unknown clock', { clock: 'fake' }, 'clock: expected "virtual", "manual" or "real", got "fake"'],
    ['a speed of 0', { speed: 0 }, 'speed: expected a number above 0, at most 1000000, got 0'],
    [
      'an invalid token',
      { tokens: ['a b'] },
      'tokens: expected a list of tokens, or an object from tokens to their scopes, got an array',
    ],
    [
      'a number of tokens',
      { tokens: 5 },
      'tokens: expected a list of tokens, or an object from tokens to their scopes, got 5',
    ],
    [
      'an unknown scope',
      { scopes: ['images'] },
      /^scopes\[0\]: expected "image:read", .* or "tag:delete", got "images"$/,
    ],
    [
      'an unknown scope of a token',
      { tokens: { a: ['x'] } },
      'tokens: expected a list of tokens, or an object from tokens to their scopes, got an object',
    ],
    ['a team that is not a string', { teams: [5] }, 'teams[0]: expected a string, got 5'],
    ['a negative lag', { lag: -1 }, 'lag: expected milliseconds or { items, lists }, got -1'],
    [
      'an unknown kind of lag',
      { lag: { actions: 5 } },
      'lag.actions: unknown option; the options are items, lists',
    ],
    [
      'an unknown form of links',
      { lonePageLinks: null },
      'lonePageLinks: expected "absent", "empty" or "pages", got null',
    ],
    ['a listener that is not a function', { onRequest: 5 }, 'onRequest: expected a function, got 5'],
  ])('is refused with a message that names it and says what is expected: %s', (_, options, message) => {
    const make = (): unknown => new Sandbox(options as unknown as SandboxOptions);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ name: expect.stringMatching(/^(Type|Range)Error$/) }));
  });

  it('is also refused when a function returns it later', async () => {
    const sandbox = withOneImage({ actionTime: () => NaN });
    await expect(send(sandbox, 'POST /v2/images/5/actions', { type: 'convert' })).rejects.toThrow(
      'actionTime(): expected a finite number of milliseconds, 0 or more, got NaN',
    );
  });

  it('throws no other kind of error, for any value', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('images', 'regions', 'lag', 'from', 'tokens', 'actionTime'),
          fc.anything(),
        ),
        (options) => {
          try {
            new Sandbox(options);
          } catch (error) {
            expect(['TypeError', 'RangeError']).toContain((error as Error).name);
            expect((error as Error).message).toMatch(/^(\S+: expected .+, got .+|.+: unknown option; .+)$/);
          }
        },
      ),
    );
  });
});

describe('The seeds', () => {
  it('are sixty images of all kinds in all regions by default, with a history of actions', () => {
    const { images, actions } = new Sandbox();
    expect(images).toHaveLength(60);
    expect(new Set(images.map(({ type }) => type))).toEqual(
      new Set(['base', 'snapshot', 'backup', 'custom']),
    );
    expect(new Set(images.flatMap(({ regions }) => regions)).size).toBe(14);
    expect(actions.length).toBeGreaterThan(20);
    expect(actions.some(({ status }) => status === 'errored')).toBe(true);
    expect(actions.some(({ status }) => status === 'in-progress')).toBe(false);
  });

  it('are the same every time', () => {
    expect(new Sandbox().snapshot()).toEqual(new Sandbox().snapshot());
    expect(new Sandbox({ images: 60 }).images).toEqual(new Sandbox().images);
    expect(new Sandbox({ images: 3 }).images.map(({ id }) => id)).toEqual(
      new Sandbox().images.slice(0, 3).map(({ id }) => id),
    );
  });

  it('are as many images as the option says, each with an id and slug of its own, and take little time', () => {
    const start = cpuTime();
    const sandbox = new Sandbox({ images: 10_000 });
    expect(cpuTime() - start).toBeLessThan(1_000); // measured: about 40 ms; the bench has the real limit
    const { images } = sandbox;
    expect(new Set(images.map(({ id }) => id)).size).toBe(10_000);
    const slugs = images.flatMap(({ slug }) => slug ?? []);
    expect(new Set(slugs).size).toBe(slugs.length);
    expect(new Sandbox({ images: 0 }).images).toEqual([]);
  });

  it('are completed from the given fields, in the given order', () => {
    const { images } = new Sandbox({
      images: [{ name: 'mine' }, { id: 7, slug: 'debian-13-x64', distribution: 'Debian' }],
    });
    expect(images[0]).toEqual({
      id: 100_001,
      name: 'mine',
      type: 'snapshot',
      distribution: 'Ubuntu',
      slug: null,
      public: false,
      regions: ['nyc1'],
      created_at: '2025-12-31T00:00:00Z',
      min_disk_size: 20,
      size_gigabytes: 2.34,
      description: '',
      tags: [],
      status: 'available',
      error_message: '',
    });
    expect(images[1]).toMatchObject({
      id: 7,
      public: true,
      type: 'base',
      regions: expect.arrayContaining(['nyc1', 'syd1']),
    });
  });

  it('keep unknown fields, and are copies of what was passed', () => {
    const seed = { id: 5, regions: ['nyc1'], architecture: 'arm64' };
    const sandbox = new Sandbox({ images: [seed] });
    seed.regions.push('nyc3');
    expect(sandbox.images[0]).toMatchObject({ regions: ['nyc1'], architecture: 'arm64' });
    sandbox.images[0]?.regions.push('ams3');
    expect(sandbox.images[0]?.regions).toEqual(['nyc1']);
  });

  it('continue what is in progress: an action, an import', async () => {
    const sandbox = new Sandbox({
      images: [
        { id: 5 },
        { id: 6, type: 'custom', status: 'NEW', regions: [] },
        { id: 7, status: 'pending', regions: ['ams3'] },
      ],
      actions: [{ id: 9, resource_id: 5, status: 'in-progress', region_slug: 'nyc3' }],
    });
    expect(sandbox.actions[0]).toMatchObject({ id: 9, completed_at: null, region: { slug: 'nyc3' } });
    await sandbox.settle();
    expect(sandbox.actions[0]).toMatchObject({ status: 'completed', completed_at: '2026-01-01T00:01:00Z' });
    expect(sandbox.images).toMatchObject([
      { regions: ['nyc1', 'nyc3'] },
      { status: 'available', regions: ['nyc1'] },
      { status: 'available', regions: ['ams3'] },
    ]);
  });

  it('can be built with anImage, anAction and aRegion', () => {
    expect(anImage()).toMatchObject({ name: 'image-1', public: false });
    expect(anImage({ name: undefined, slug: undefined })).toMatchObject({ name: 'image-1', slug: null });
    expect(anAction()).toMatchObject({
      type: 'transfer',
      status: 'completed',
      region: null,
      region_slug: null,
    });
    expect(anAction({ region: aRegion('nyc3') })).toMatchObject({ region_slug: 'nyc3' });
    expect(aRegion('nyc3', { available: false })).toMatchObject({
      slug: 'nyc3',
      name: 'New York 3',
      available: false,
    });
  });

  it('leave an unused id for a new image', async () => {
    const sandbox = new Sandbox({ images: [{ id: 2_000_000_000 }] });
    expect(sandbox.addImage({ name: 'later' })).toMatchObject({
      id: 2_000_000_001,
      name: 'later',
      regions: ['nyc1'],
    });
    expect((await send(sandbox, 'GET /v2/images/2000000001')).body.image.name).toBe('later');
    expect(() => sandbox.addImage({ name: '' })).toThrow(TypeError);
  });

  it('are added with the id that they have, once', () => {
    const sandbox = new Sandbox({ images: [{ id: 5 }] });
    expect(sandbox.addImage({ id: 9, name: 'later' })).toMatchObject({ id: 9, name: 'later' });
    expect(sandbox.addImage({ id: 7 }).id).toBe(7);
    for (const id of [5, 9])
      expect(() => sandbox.addImage({ id, name: 'twice' })).toThrow(
        new TypeError(`images: expected each id or slug once, got ${id} twice`),
      );
    expect(() => sandbox.addImage({ id: 0 })).toThrow(RangeError);
    const { id: next } = sandbox.addImage();
    expect(next).toBeGreaterThan(9);
    expect(sandbox.images.map(({ id, name }) => [id, name])).toEqual([
      [5, 'image-1'],
      [9, 'later'],
      [7, 'image-1'],
      [next, 'image-1'],
    ]);
  });
});

describe('a snapshot that was changed', () => {
  const snapshot = (): Record<string, unknown> =>
    JSON.parse(JSON.stringify(new Sandbox({ actions: [{}] }).snapshot())) as Record<string, unknown>;

  it.each([
    ['images', [{ id: 'x' }], 'from.images[0]: expected what snapshot() has there, got an object'],
    ['images', [null], 'from.images[0]: expected what snapshot() has there, got null'],
    ['actions', [{ json: { id: 0 } }], 'from.actions[0]: expected what snapshot() has there, got an object'],
    ['droplets', [5], 'from.droplets[0]: expected what snapshot() has there, got 5'],
    ['regions', ['nyc1'], 'from.regions[0]: expected what snapshot() has there, got "nyc1"'],
    ['tags', [{}], 'from.tags[0]: expected what snapshot() has there, got an object'],
    ['events', [{ due: 1 }], 'from.events[0]: expected what snapshot() has there, got an object'],
    ['volumeSnapshots', undefined, 'from.volumeSnapshots: expected an array, got nothing'],
    ['accountTransfers', [{}], 'from.accountTransfers[0]: expected what snapshot() has there, got an object'],
    ['account', null, 'from.account: expected what snapshot() has there, got null'],
    ['nextId', { image: 1 }, 'from.nextId: expected what snapshot() has there, got an object'],
  ])('is refused, with the place of the mistake: %s = %j', (part, value, message) => {
    const from = { ...snapshot(), [part]: value } as unknown as SandboxSnapshot;
    expect(() => new Sandbox({ from })).toThrow(new TypeError(message));
    expect(() => new Sandbox({ from: snapshot() as unknown as SandboxSnapshot })).not.toThrow();
  });
});
