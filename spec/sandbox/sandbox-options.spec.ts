import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Sandbox, aRegion, anAction, anImage, type SandboxOptions } from '../../lib/sandbox';
import { send, withOneImage } from './support';

describe('an option that makes no sense', () => {
  it.each([
    ['the options are no object', 'x', 'the options must be an object, got "x".'],
    [
      'a name nobody knows',
      { image: 5 },
      'Sandbox: image is not known; allowed are images, actions, regions',
    ],
    ['images by a word', { images: 'many' }, 'images must be a number or a list of images, got "many".'],
    [
      'half an image',
      { images: 0.5 },
      'images must be a whole number from 0 to 1000000, or a list of images; got 0.5.',
    ],
    ['an image that is none', { images: [5] }, 'images[0] must be an object in the shape of the API, got 5.'],
    ['an id that is none', { images: [{ id: 0 }] }, 'images[0].id must be a whole number from 1, got 0.'],
    [
      'a name that is none',
      { images: [{ name: '' }] },
      'images[0].name must be a string that is not empty, got "".',
    ],
    [
      'a date that is none',
      { images: [{ created_at: 'now' }] },
      'images[0].created_at must be a date such as',
    ],
    [
      'a status nobody knows',
      { images: [{ status: 'new' }] },
      'status must be "NEW" or "available" or "pending"',
    ],
    [
      'names of the library',
      { images: [{ minDiskSize: 5 }] },
      'images[0].minDiskSize is not a field of the API; allowed are id,',
    ],
    [
      'an image in no region of the sandbox',
      { images: [{ regions: ['mars1'] }] },
      'images[0].regions must be among nyc1,',
    ],
    ['an id twice', { images: [{ id: 5 }, { id: 5 }] }, 'images must not hold 5 twice.'],
    ['a slug twice', { images: [{ slug: 'a' }, { slug: 'a' }] }, 'images must not hold "a" twice.'],
    ['actions by number', { actions: 5 }, 'actions must be a list of actions, got 5.'],
    [
      'an action that is none',
      { actions: [null] },
      'actions[0] must be an object in the shape of the API, got null.',
    ],
    [
      'a status of no action',
      { actions: [{ status: 'done' }] },
      'actions[0].status must be "in-progress" or "completed"',
    ],
    ['an action twice', { actions: [{ id: 5 }, { id: 5 }] }, 'actions must not hold 5 twice.'],
    ['no region', { regions: [] }, 'regions must be a list of slugs or regions, at least one'],
    ['regions that are no list', { regions: 'nyc1' }, 'regions must be a list of slugs or regions'],
    [
      'a slug that is none',
      { regions: ['NYC 1'] },
      'regions: slug must be a slug such as "nyc3", got "NYC 1".',
    ],
    [
      'a region without slug',
      { regions: [{}] },
      'regions: slug must be a slug such as "nyc3", got undefined.',
    ],
    ['a region twice', { regions: ['nyc1', 'nyc1'] }, 'regions must not hold "nyc1" twice.'],
    ['an account that is none', { account: 5 }, 'Sandbox: account must be an object, got 5.'],
    [
      'a state of another kind',
      { from: {} },
      'Sandbox: from must be what snapshot() gave, got [object Object].',
    ],
    ['no state', { from: 'x' }, 'Sandbox: from must be what snapshot() gave, got "x".'],
    ['a negative time', { actionTime: -1 }, 'actionTime must be milliseconds from 0, a pair'],
    ['a time that is none', { importTime: 'soon' }, 'importTime must be milliseconds from 0, a pair'],
    ['half a span', { actionTime: [5] }, 'actionTime must be milliseconds from 0, a pair'],
    [
      'a span backwards',
      { actionTime: [5, 1] },
      'actionTime: the shortest time must not be longer than the longest one, got 5,1.',
    ],
    [
      'a seed that is none',
      { seed: 1.5 },
      'Sandbox: seed must be a whole number from 0 to 4294967295, got 1.5.',
    ],
    [
      'a rate limit that is none',
      { rateLimit: true },
      'rateLimit must be false or { perMinute, perHour }, got true.',
    ],
    [
      'no request at all',
      { rateLimit: { perMinute: 0 } },
      'perMinute must be a whole number from 1 to 1000000, got 0.',
    ],
    [
      'a limit by the day',
      { rateLimit: { perDay: 5 } },
      'Sandbox: rateLimit: perDay is not known; allowed are perMinute, perHour.',
    ],
    ['a clock nobody knows', { clock: 'fake' }, 'clock must be "virtual" or "manual" or "real", got "fake".'],
    ['no speed', { speed: 0 }, 'speed must be a number above 0, at most 1000000, got 0.'],
    ['a token that is none', { tokens: ['a b'] }, 'tokens must be a list of tokens, or an object of tokens'],
    ['tokens by number', { tokens: 5 }, 'tokens must be a list of tokens, or an object of tokens'],
    ['a scope nobody knows', { scopes: ['images'] }, 'scopes must be a list of scopes among image:read,'],
    [
      'a scope of a token nobody knows',
      { tokens: { a: ['x'] } },
      'tokens must be a list of tokens, or an object',
    ],
    ['teams that are none', { teams: [5] }, 'teams must be a list of strings, got 5.'],
    ['a lag that is none', { lag: -1 }, 'lag must be milliseconds, or { items, lists }, got -1.'],
    [
      'a lag of something else',
      { lag: { actions: 5 } },
      'Sandbox: lag: actions is not known; allowed are items, lists.',
    ],
    [
      'links of another shape',
      { lonePageLinks: null },
      'lonePageLinks must be "absent" or "empty" or "pages", got null.',
    ],
    ['a listener that is none', { onRequest: 5 }, 'onRequest must be a function, got 5.'],
  ])('is refused with what is allowed: %s', (_, options, message) => {
    const make = (): unknown => new Sandbox(options as unknown as SandboxOptions);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ name: expect.stringMatching(/^(Type|Range)Error$/) }));
  });

  it('is refused as well when a function gives it later', async () => {
    const sandbox = withOneImage({ actionTime: () => NaN });
    await expect(send(sandbox, 'POST /v2/images/5/actions', { type: 'convert' })).rejects.toThrow(
      'actionTime must be milliseconds from 0, a pair [shortest, longest], or a function that gives milliseconds; got NaN.',
    );
  });

  it('never fails in another way, whatever it is', () => {
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
            expect((error as Error).message).toMatch(/must|not known|not a field/);
          }
        },
      ),
    );
  });
});

describe('the seeds', () => {
  it('are sixty images of all kinds in all regions by default, with what has happened to them', () => {
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

  it('are as many as asked for, quickly, none twice', () => {
    const start = performance.now();
    const sandbox = new Sandbox({ images: 10_000 });
    expect(performance.now() - start).toBeLessThan(1_000); // measured: about 40 ms; the bench has the real limit
    const { images } = sandbox;
    expect(new Set(images.map(({ id }) => id)).size).toBe(10_000);
    const slugs = images.flatMap(({ slug }) => slug ?? []);
    expect(new Set(slugs).size).toBe(slugs.length);
    expect(new Sandbox({ images: 0 }).images).toEqual([]);
  });

  it('are completed from the fields that are given, in the order given', () => {
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

  it('may hold fields nobody knows yet, and share nothing with what was given', () => {
    const seed = { id: 5, regions: ['nyc1'], architecture: 'arm64' };
    const sandbox = new Sandbox({ images: [seed] });
    seed.regions.push('nyc3');
    expect(sandbox.images[0]).toMatchObject({ regions: ['nyc1'], architecture: 'arm64' });
    sandbox.images[0]?.regions.push('ams3');
    expect(sandbox.images[0]?.regions).toEqual(['nyc1']);
  });

  it('under way go on: an action in progress, an import', async () => {
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

  it('can be built by hand', () => {
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

  it('give a new image an id of its own', async () => {
    const sandbox = new Sandbox({ images: [{ id: 2_000_000_000 }] });
    expect(sandbox.addImage({ name: 'later' })).toMatchObject({
      id: 2_000_000_001,
      name: 'later',
      regions: ['nyc1'],
    });
    expect((await send(sandbox, 'GET /v2/images/2000000001')).body.image.name).toBe('later');
    expect(() => sandbox.addImage({ name: '' })).toThrow(TypeError);
  });
});
