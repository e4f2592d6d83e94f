import type { DOApi, Listing } from '../../lib';
import { actions, anAction, anImage, exactly, images, jsonWith, regions } from './hydrated';
import { IMAGE, type Operation, pages, ID } from './operation';

/** The examples of the file: how many images each holds, when those that repeat are counted once. */
const EXAMPLES = { All: 3, Snapshots: 2, Distribution: 1, Custom: 1, Application: 1, Tagged: 1 };

/** The list of private images is an example of this length. */
const OWN = EXAMPLES.Snapshots;

/** Each way to say which images are wanted, and what that is as a query. */
const FILTERS: [name: string, list: (api: DOApi) => Listing<unknown>, query: string][] = [
  ['distribution images', (api) => api.fetchAllDistributionImages(), 'type=distribution'],
  ['application images', (api) => api.fetchAllApplicationImages(), 'type=application'],
  ['private images', (api) => api.fetchAllPrivateImages(), 'private=true'],
  ['images by type', (api) => api.fetchAllImages({ type: 'application' }), 'type=application'],
  ['images not private', (api) => api.fetchAllImages({ private: false }), 'private=false'],
  ['images by tag', (api) => api.fetchAllImages({ tagName: 'base-image' }), 'tag_name=base-image'],
  [
    'images by everything',
    (api) => api.fetchAllImages({ type: 'distribution', private: true, tagName: 'a:b' }),
    'type=distribution&private=true&tag_name=a%3Ab',
  ],
];

/** Prism gives the same example on each page: a listing must end all the same, and give nothing twice. */
export const LISTINGS: Operation[] = [
  ...Object.entries(EXAMPLES).map(([example, length]) => ({
    name: `all images, as in the example ${example}`,
    run: (api: DOApi) => api.fetchAllImages().toArray(),
    gives: images(length),
    asks: pages('/v2/images'),
    wishes: [`example=${example}`],
  })),
  ...FILTERS.map(([name, list, query]) => ({
    name,
    run: (api: DOApi) => list(api).toArray(),
    gives: images(OWN),
    asks: pages('/v2/images', { query: `${query}&` }),
    wishes: ['example=Snapshots'],
  })),
  {
    name: 'images, few on a page, one by one',
    run: (api) => oneByOne(api.fetchAllImages({ perPage: 2, concurrency: 1 })),
    gives: images(EXAMPLES.All),
    asks: pages('/v2/images', { perPage: 2 }),
    wishes: ['example=All'],
  },
  {
    name: 'images that stand still, read once',
    run: (api) => api.fetchAllImages({ consistent: true }).toArray(),
    gives: images(EXAMPLES.Tagged),
    asks: pages('/v2/images'),
    wishes: ['example=Tagged'],
  },
  {
    name: 'a page of images',
    run: async (api) => (await api.fetchAllImages({ perPage: 10 }).page(3)).items,
    gives: images(OWN),
    asks: ['GET /v2/images?page=3&per_page=10'],
    wishes: ['example=Snapshots'],
  },
  {
    name: 'the first image',
    run: (api) => api.fetchAllImages().first(),
    gives: anImage,
    asks: pages('/v2/images'),
  },
  {
    name: 'an image found',
    run: (api) => api.fetchAllImages().find(({ id }) => id === ID),
    gives: anImage,
    asks: pages('/v2/images'),
  },
  {
    name: 'the number of images',
    run: (api) => api.fetchAllImages().total(),
    gives: exactly(6),
    asks: pages('/v2/images', { perPage: 1 }),
    wishes: ['example=All'],
  },
  {
    name: 'all regions',
    run: (api) => api.fetchAllRegions().toArray(),
    gives: regions(1),
    asks: pages('/v2/regions', { last: 13 }),
  },
  {
    name: 'all actions of the account',
    run: (api) => api.fetchAllActions({ perPage: 100 }).toArray(),
    gives: actions(1),
    asks: pages('/v2/actions', { last: 2, perPage: 100 }),
  },
  {
    name: 'the last action of the account',
    run: (api) => api.fetchLastAction(),
    gives: anAction,
    asks: pages('/v2/actions'),
  },
  ...(
    [
      ['all actions of an image', (api) => api.image(ID).fetchAllActions().toArray(), actions(1)],
      ['the last action of an image', (api) => api.image(ID).fetchLastAction(), anAction],
      ['the current action of an image', (api) => api.image(ID).fetchCurrentAction(), exactly(null)],
    ] as [string, Operation['run'], Operation['gives']][]
  ).map(([name, run, gives]) => ({ name, run, gives, asks: pages(`${IMAGE}/actions`, { last: 5 }) })),
  {
    name: 'actions waited for',
    run: (api) => oneByOne(api.waitActions([])),
    gives: actions(0),
    asks: [],
  },
  {
    name: 'snapshots, by paginate',
    run: (api) =>
      api.paginate('/v2/snapshots', 'snapshots', { params: { resource_type: 'droplet' } }).toArray(),
    gives: jsonWith('0', '1'),
    asks: pages('/v2/snapshots', { query: 'resource_type=droplet&' }),
  },
  {
    name: 'tags, by paginate',
    run: (api) => api.paginate('/v2/tags', 'tags').toArray(),
    gives: jsonWith('0'),
    asks: pages('/v2/tags'),
  },
];

async function oneByOne<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
