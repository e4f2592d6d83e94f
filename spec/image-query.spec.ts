import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Script } from 'node:vm';
import { type Image, type ImageQuery, LookupError, NotFoundError } from '../lib';
import { type ImageSeed, Sandbox, VIRTUAL_START } from '../lib/sandbox';
import { DAY, HOUR } from '../lib/util/time-units';
import {
  eachWrong,
  NO_TAGS,
  outOfBounds,
  rejectsWrongInput,
  wrongTypes,
} from './support/behaves-like-strict-input';
import { imageJson, MemoryServer, pageJson, rejection } from './support/builders';
import { scaled } from './support/scale';

const ago = (ms: number): string => new Date(VIRTUAL_START - ms).toISOString().replace(/\.\d+Z$/, 'Z');
const ids = (images: readonly Image[]): number[] => images.map(({ id }) => id);

/** In the order of the list, which is not that of their dates. */
const IMAGES: ImageSeed[] = [
  { id: 1, name: 'web-1', created_at: ago(20 * DAY), regions: ['nyc1'], tags: ['Prod'] },
  { id: 2, name: 'web-2', created_at: ago(10 * DAY), regions: ['nyc1', 'fra1'], type: 'backup' },
  { id: 3, name: 'web-1', created_at: ago(DAY), regions: ['fra1'], distribution: 'Debian' },
  { id: 4, name: 'db', created_at: ago(10 * DAY), type: 'custom', status: 'pending' },
  { id: 5, slug: 'ubuntu-24-04-x64', name: 'web-1', created_at: ago(2 * DAY) },
];
const sandboxOf = (images: ImageSeed[] = IMAGES): Sandbox =>
  // Imports take longer than the spec.
  new Sandbox({ images, droplets: 0, importTime: 100 * DAY, rateLimit: false });
const found = async (query: ImageQuery): Promise<number[]> => ids(await sandboxOf().api().findImages(query));

describe('findImages', () => {
  it.each<[ImageQuery, number[]]>([
    [{}, [3, 4, 2, 1]],
    [{ name: 'web-1' }, [3, 1]],
    [{ name: 'web' }, []],
    [{ name: 'WEB-1' }, []],
    [{ name: /^web-/ }, [3, 2, 1]],
    [{ name: /WEB-\d$/i, type: 'snapshot' }, [3, 1]],
    [{ type: 'backup' }, [2]],
    [{ distribution: 'Debian' }, [3]],
    [{ region: 'nyc1' }, [4, 2, 1]],
    [{ tag: 'prod' }, [1]],
    [{ status: 'pending' }, [4]],
    [{ olderThan: '36h' }, [4, 2, 1]],
    [{ olderThan: '14d' }, [1]],
    [{ youngerThan: 11 * DAY }, [3, 4, 2]],
    [{ olderThan: '1w', youngerThan: '2w' }, [4, 2]],
    [{ name: 'web-1', private: false }, [3, 5, 1]],
  ])('%p: %j, newest first, then by the highest id', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it('takes a Region', async () => {
    const api = sandboxOf().api();
    const region = await api.fetchAllRegions().find(({ slug }) => slug === 'fra1');
    expect(ids(await api.findImages({ region: region ?? '' }))).toEqual([3, 2]);
  });

  it('lets the API filter what it can: private images, a tag', async () => {
    const sandbox = sandboxOf();
    await sandbox.api().findImages({ tag: 'prod', type: 'snapshot' });
    await sandbox.api().findImages({ private: false });
    expect(sandbox.requests.map(({ query }) => query)).toEqual([
      { private: 'true', tag_name: 'prod', page: '1', per_page: '200' },
      { private: 'false', page: '1', per_page: '200' },
    ]);
  });

  it('finds nothing else when the API ignores a filter', async () => {
    const images = [
      imageJson({ id: 1, tags: ['prod'] }),
      imageJson({ id: 2, tags: null }),
      imageJson({ id: 3, public: true }),
    ];
    const api = new MemoryServer((request) => ({ body: pageJson('images', images, request) })).api();
    expect(ids(await api.findImages({ tag: 'prod' }))).toEqual([1]);
    expect(ids(await api.findImages())).toEqual([2, 1]);
  });

  it.each(['g', 'y', 'gy'])(
    'a pattern with the flags %s matches each image from its beginning, and is left as it is',
    async (flags) => {
      const images = Array.from({ length: 6 }, (_, index) => ({ id: index + 1, name: 'web' }));
      const pattern = new RegExp('web', flags);
      pattern.lastIndex = 2;
      expect(await sandboxOf(images).api().findImages({ name: pattern })).toHaveLength(6);
      expect(pattern.lastIndex).toBe(2);
    },
  );

  it('takes a pattern of another realm', async () => {
    const pattern = new Script('/^web-2$/').runInNewContext() as RegExp;
    expect(pattern).not.toBeInstanceOf(RegExp);
    expect(await found({ name: pattern })).toEqual([2]);
  });

  it('an image without a date is neither older nor younger, and comes last', async () => {
    const images = [imageJson({ id: 1, created_at: null }), imageJson({ id: 2 })];
    const api = new MemoryServer((request) => ({ body: pageJson('images', images, request) })).api();
    expect(ids(await api.findImages())).toEqual([2, 1]);
    expect(ids(await api.findImages({ olderThan: 0 }))).toEqual([2]);
    expect(ids(await api.findImages({ youngerThan: Infinity }))).toEqual([2]);
  });

  it('measures ages by the clock of the server', async () => {
    const server = new MemoryServer((request) => ({
      body: pageJson('images', [imageJson({ id: 1, created_at: '2026-01-01T00:00:00Z' })], request),
      headers: { date: new Date('2026-01-03T00:00:00Z').toUTCString() },
    }));
    expect(ids(await server.api().findImages({ olderThan: '47h', youngerThan: '49h' }))).toEqual([1]);
    expect(ids(await server.api().findImages({ olderThan: '49h' }))).toEqual([]);
  });

  it('orders any images by date, then by id, whatever their order on the list', async () => {
    const seeds = fc.uniqueArray(fc.record({ id: fc.integer({ min: 1, max: 1_000 }), days: fc.nat(3) }), {
      selector: ({ id }) => id,
    });
    await fc.assert(
      fc.asyncProperty(seeds, async (all) => {
        const images = all.map(({ id, days }) => ({ id, created_at: ago(days * DAY) }));
        const sorted = [...all].sort((a, b) => a.days - b.days || b.id - a.id).map(({ id }) => id);
        expect(ids(await sandboxOf(images).api().findImages())).toEqual(sorted);
      }),
      { numRuns: scaled(300, 30) },
    );
  });

  it('reads beyond page one, and a list that changes meanwhile again', async () => {
    const sandbox = sandboxOf(Array.from({ length: 450 }, (_, index) => ({ id: index + 1 })));
    sandbox.fail({ on: 'GET /v2/images', with: 'drift', change: 'delete', after: 1, times: 1 });
    const images = await sandbox.api().findImages();
    expect(images.map(({ id }) => id).filter((id) => id > 1)).toHaveLength(449);
  });

  it('reads a list of more than 50,000 images again, too', async () => {
    const sandbox = sandboxOf(Array.from({ length: 50_400 }, (_, index) => ({ id: index + 1 })));
    sandbox.fail({ on: 'GET /v2/images', with: 'drift', change: 'delete', after: 100, times: 1 });
    expect(await sandbox.api({ rateLimit: false }).findImages()).toHaveLength(50_400);
  }, 60_000);

  it('says so when the list kept changing', async () => {
    let total = 500;
    const server = new MemoryServer(({ query }) => {
      total += 1;
      const first = (Number(query.page) - 1) * 200 + 1;
      const images = Array.from({ length: 200 }, (_, index) => imageJson({ id: first + index }));
      return { body: { images, meta: { total } } };
    });
    expect(await rejection(server.api().findImages())).toMatchObject({
      name: 'DOApiError',
      message: expect.stringMatching(
        /^findImages: the list of images kept changing .*; try again in a minute$/,
      ),
    });
  });

  it('passes the options of a call on to each request', async () => {
    const reason = new Error('enough');
    const query = { droplet: 5, signal: AbortSignal.abort(reason) };
    expect(await rejection(sandboxOf().api().findImages(query))).toBe(reason);
    const sandbox = sandboxOf();
    sandbox.fail({ with: 'stall-before-execution' });
    expect(String(await rejection(sandbox.api().findImages({ timeout: 50, retries: 0 })))).toContain(
      'within 50 ms',
    );
  });
});

describe('findImages of a Droplet', () => {
  const world = (): Sandbox => new Sandbox({ images: 0, droplets: [{ id: 7, name: 'web' }, { id: 8 }] });

  it('finds whole images of that Droplet, for one request more', async () => {
    const sandbox = world();
    const api = sandbox.api();
    const [seven, eight] = [await api.fetchDroplet(7), await api.fetchDroplet(8)];
    const mine = await seven.takeSnapshot({ name: 'mine' });
    await mine.tag('prod');
    await eight.takeSnapshot({ name: 'other' });
    sandbox.clearRequests();
    expect(ids(await api.findImages({ droplet: 7 }))).toEqual([mine.id]);
    expect(sandbox.requests.map(({ path }) => path)).toEqual(['/v2/droplets/7', '/v2/images']);
    // The object may be older than the snapshot.
    expect(ids(await api.findImages({ droplet: seven, tag: 'prod', status: 'available' }))).toEqual([
      mine.id,
    ]);
    expect(await api.findImages({ droplet: eight, tag: 'prod' })).toEqual([]);
  });

  it('reads no list for a Droplet without images', async () => {
    const sandbox = world();
    expect(await sandbox.api().findImages({ droplet: 8 })).toEqual([]);
    expect(sandbox.requests.map(({ path }) => path)).toEqual(['/v2/droplets/8']);
  });

  it('rejects for one that is gone: its images are not the images of none', async () => {
    expect(await rejection(world().api().findImages({ droplet: 9 }))).toBeInstanceOf(NotFoundError);
  });
});

describe('findImage', () => {
  it('is the newest', async () => {
    const image = await sandboxOf().api().findImage({ name: /^web/ });
    expect([image.id, image.createdAt?.getTime()]).toEqual([3, VIRTUAL_START - DAY]);
    expect((await sandboxOf().api().findImage()).id).toBe(3);
  });

  it('rejects when there is none', async () => {
    const error = await rejection(
      sandboxOf()
        .api()
        .findImage({ olderThan: 1_000 * HOUR }),
    );
    expect(error).toBeInstanceOf(LookupError);
    expect(error).toMatchObject({ message: 'findImage: no image matches', candidates: [] });
  });
});

describe('fetchImageByName', () => {
  it('is the only image of exactly that name', async () => {
    const api = sandboxOf().api();
    expect((await api.fetchImageByName('web-2')).id).toBe(2);
    expect((await api.fetchImageByName('web-1', { region: 'nyc1' })).id).toBe(1);
  });

  it('rejects when there is none, and names what was asked for', async () => {
    const error = await rejection(sandboxOf().api().fetchImageByName('web'));
    expect(error).toMatchObject({
      name: 'LookupError',
      message: 'fetchImageByName: no image is named "web"',
      candidates: [],
    });
  });

  it('rejects when there are several: the candidates, newest first, and their ids', async () => {
    const error = await rejection(sandboxOf().api().fetchImageByName('web-1'));
    expect(error).toBeInstanceOf(LookupError);
    expect((error as LookupError<Image>).message).toBe('fetchImageByName: 2 images are named "web-1": 3, 1');
    expect(ids((error as LookupError<Image>).candidates)).toEqual([3, 1]);
    const many = sandboxOf(Array.from({ length: 9 }, (_, index) => ({ id: index + 1, name: 'golden' })));
    expect(String(await rejection(many.api().fetchImageByName('golden')))).toContain(
      '9 images are named "golden": 9, 8, 7, 6, 5, …',
    );
  });

  it('takes the name from its first argument only', async () => {
    const query = { name: 'db' } as ImageQuery;
    expect(await rejection(sandboxOf().api().fetchImageByName('web-1', query))).toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining('name: unknown option'),
    });
  });
});

describe('a condition without a value', () => {
  const message = ': expected a value, got nothing; leave it out to match all';

  it.each(['name', 'tag', 'droplet', 'private'])(
    'is refused, since it would match everything: %s',
    async (name) => {
      const sandbox = sandboxOf();
      const api = sandbox.api();
      const query = { [name]: undefined };
      const failures: [Promise<unknown>, string][] = [
        [api.findImages(query), name],
        [api.findImage(query), name],
        [api.planPrune({ keep: 1, match: query }), `match.${name}`],
        ...(name === 'name'
          ? []
          : [[api.fetchImageByName('web-1', query), name] as [Promise<unknown>, string]]),
      ];
      for (const [call, path] of failures)
        expect(await rejection(call)).toMatchObject({ name: 'TypeError', message: path + message });
      expect(sandbox.requests).toEqual([]);
    },
  );
});

const NO_SPANS = [...outOfBounds(-1, NaN), ...wrongTypes('14', '1y', '', null, {}, new Date(0))];
const NO_NAMES = wrongTypes('', ' ', 5, null, ['web'], { [Symbol.toStringTag]: 'RegExp' });
const CASES: Record<keyof ImageQuery, ReturnType<typeof wrongTypes>> = {
  name: NO_NAMES,
  type: wrongTypes('', 5, null),
  distribution: wrongTypes('', 5, null),
  region: wrongTypes('', 'a/b', 5, null),
  tag: NO_TAGS,
  droplet: [...outOfBounds(0, -1, 1.5), ...wrongTypes('5', null, { id: 5 })],
  status: wrongTypes('', 5, null),
  olderThan: NO_SPANS,
  youngerThan: NO_SPANS,
  private: wrongTypes('true', 1, null),
};

describe('an invalid query', () => {
  rejectsWrongInput([
    ...Object.entries(CASES).flatMap(([name, values]) =>
      eachWrong('findImages()', name, values, (api, bad) => api.findImages({ [name]: bad })),
    ),
    ...eachWrong('findImage()', 'name', NO_NAMES, (api, bad) => api.findImage({ name: bad })),
    ...eachWrong('findImages()', 'query', wrongTypes(null, 'web', 5, []), (api, bad) => api.findImages(bad)),
    ...eachWrong('fetchImageByName()', 'query', wrongTypes(null, 'web', 5), (api, bad) =>
      api.fetchImageByName('web', bad),
    ),
    ...eachWrong('fetchImageByName()', 'name', wrongTypes('', ' ', 5, null, undefined, /web/), (api, bad) =>
      api.fetchImageByName(bad),
    ),
    ...eachWrong('fetchImageByName()', 'region', wrongTypes('a/b', 5), (api, bad) =>
      api.fetchImageByName('web', { region: bad }),
    ),
  ]);
});
