import type { DOApi, Listing } from '../../lib';
import { actions, anAction, anImage, exactly, images, jsonWith, regions } from './hydrated';
import { IMAGE, inTwoPasses, type Operation, pages, ID } from './operation';

/** The examples of the file, and the number of different images in each. */
const EXAMPLES = { All: 3, Snapshots: 2, Distribution: 1, Custom: 1, Application: 1, Tagged: 1 };

/** The number of images in the example that private lists use. */
const OWN = EXAMPLES.Snapshots;

/** Each filter of images, and its query. */
const FILTERS: [name: string, list: (api: DOApi) => Listing<unknown>, query: string][] = [
  ['distribution images', (api) => api.fetchAllDistributionImages(), 'type=distribution'],
  ['application images', (api) => api.fetchAllApplicationImages(), 'type=application'],
  ['private images', (api) => api.fetchAllPrivateImages(), 'private=true'],
  ['images by type', (api) => api.fetchAllImages({ type: 'application' }), 'type=application'],
  ['images not private', (api) => api.fetchAllImages({ private: false }), 'private=false'],
  ['images by tag', (api) => api.fetchAllImages({ tagName: 'base-image' }), 'tag_name=base-image'],
  [
    'images by all filters',
    (api) => api.fetchAllImages({ type: 'distribution', private: true, tagName: 'a:b' }),
    'type=distribution&private=true&tag_name=a%3Ab',
  ],
];

/** Prism sends the same example for each page: a listing must end nevertheless, and yield no item twice. */
export const LISTINGS: Operation[] = [
  ...Object.entries(EXAMPLES).map(([example, length]) => ({
    name: `all images, as in the example ${example}`,
    run: (api: DOApi) => api.fetchAllImages().toArray(),
    gives: images(length),
    // The total of this example is twice the number of its images.
    requests: example === 'All' ? inTwoPasses(pages('/v2/images')) : pages('/v2/images'),
    prefer: [`example=${example}`],
  })),
  ...FILTERS.map(([name, list, query]) => ({
    name,
    run: (api: DOApi) => list(api).toArray(),
    gives: images(OWN),
    requests: pages('/v2/images', { query: `${query}&` }),
    prefer: ['example=Snapshots'],
  })),
  {
    name: 'images, few per page, one by one',
    run: (api) => oneByOne(api.fetchAllImages({ perPage: 2, concurrency: 1 })),
    gives: images(EXAMPLES.All),
    requests: inTwoPasses(pages('/v2/images', { perPage: 2 })),
    prefer: ['example=All'],
  },
  {
    name: 'images that do not change, read once',
    run: (api) => api.fetchAllImages({ consistent: true }).toArray(),
    gives: images(EXAMPLES.Tagged),
    requests: pages('/v2/images'),
    prefer: ['example=Tagged'],
  },
  {
    name: 'a page of images',
    run: async (api) => (await api.fetchAllImages({ perPage: 10 }).page(3)).items,
    gives: images(OWN),
    requests: ['GET /v2/images?page=3&per_page=10'],
    prefer: ['example=Snapshots'],
  },
  {
    name: 'the first image',
    run: (api) => api.fetchAllImages().first(),
    gives: anImage,
    requests: pages('/v2/images'),
  },
  {
    name: 'an image by find()',
    run: (api) => api.fetchAllImages().find(({ id }) => id === ID),
    gives: anImage,
    requests: pages('/v2/images'),
  },
  {
    name: 'the number of images',
    run: (api) => api.fetchAllImages().total(),
    gives: exactly(6),
    requests: pages('/v2/images', { perPage: 1 }),
    prefer: ['example=All'],
  },
  {
    name: 'all regions',
    run: (api) => api.fetchAllRegions().toArray(),
    gives: regions(1),
    requests: inTwoPasses(pages('/v2/regions', { last: 13 })),
  },
  {
    name: 'all actions of the account',
    run: (api) => api.fetchAllActions({ perPage: 100 }).toArray(),
    gives: actions(1),
    // Page 1 links to page 2, but the total is 1: page 2 repeats the action, so page 1 is read again.
    requests: [...pages('/v2/actions', { last: 2, perPage: 100 }), ...pages('/v2/actions', { perPage: 100 })],
  },
  {
    name: 'the last action of the account',
    run: (api) => api.fetchLastAction(),
    gives: anAction,
    requests: pages('/v2/actions'),
  },
  ...(
    [
      ['all actions of an image', (api) => api.image(ID).fetchAllActions().toArray(), actions(1)],
      ['the last action of an image', (api) => api.image(ID).fetchLastAction(), anAction],
      ['the current action of an image', (api) => api.image(ID).fetchCurrentAction(), exactly(null)],
    ] as [string, Operation['run'], Operation['gives']][]
  ).map(([name, run, gives]) => ({
    name,
    run,
    gives,
    requests: inTwoPasses(pages(`${IMAGE}/actions`, { last: 5 })),
  })),
  {
    name: 'waitActions without actions',
    run: (api) => oneByOne(api.waitActions([])),
    gives: actions(0),
    requests: [],
  },
  {
    name: 'snapshots, by paginate',
    run: (api) =>
      api.paginate('/v2/snapshots', 'snapshots', { params: { resource_type: 'droplet' } }).toArray(),
    gives: jsonWith('0', '1'),
    requests: pages('/v2/snapshots', { query: 'resource_type=droplet&' }),
  },
  {
    name: 'tags, by paginate',
    run: (api) => api.paginate('/v2/tags', 'tags').toArray(),
    gives: jsonWith('0'),
    requests: pages('/v2/tags'),
  },
];

async function oneByOne<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
