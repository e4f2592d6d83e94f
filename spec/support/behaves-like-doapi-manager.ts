import { Image } from '../../lib';
import started from '../fixtures/action/start.json';
import actions from '../fixtures/action/list.json';
import images from '../fixtures/image/list.json';
import regions from '../fixtures/region/list.json';
import type { ForeignCall, Sent } from './behaves-like-a-foreign-call';
import { ENDPOINT, imageJson, type Json, publicImageJson, type Reply } from './builders';

const ID = 7938269;
const IMAGE = `/v2/images/${ID}`;
const GET = (path: string, query?: Json): Sent => ({
  method: 'GET',
  path,
  ...(query && { query: query as never }),
});
const page = { page: '1', per_page: '200' };
const own: Reply = { body: { image: imageJson() } };

/** The methods of doapi's manager class. */
export const MANAGER_CALLS: ForeignCall[] = [
  {
    call: 'doapi.fetch_image(id)',
    here: (api) => api.fetchImage(ID),
    replies: [own],
    sends: [GET(IMAGE)],
    gives: imageJson(),
  },
  {
    call: 'doapi.fetch_image(Image)',
    here: (api) => api.fetchImage(api.image(ID)),
    replies: [own],
    sends: [GET(IMAGE)],
    gives: Image,
  },
  {
    call: 'doapi.fetch_image_by_slug(slug)',
    here: (api) => api.fetchImageBySlug('ubuntu-16-04-x64'),
    replies: [{ body: { image: publicImageJson() } }],
    sends: [GET('/v2/images/ubuntu-16-04-x64')],
    gives: publicImageJson({ regions: ['nyc1', 'ams1', 'sfo1', 'nyc2', 'nyc3'] }),
  },
  ...[
    { call: 'doapi.fetch_all_images()', here: 'fetchAllImages' as const, query: {} },
    {
      call: 'doapi.fetch_all_distribution_images()',
      here: 'fetchAllDistributionImages' as const,
      query: { type: 'distribution' },
    },
    {
      call: 'doapi.fetch_all_application_images()',
      here: 'fetchAllApplicationImages' as const,
      query: { type: 'application' },
    },
    {
      call: 'doapi.fetch_all_private_images()',
      here: 'fetchAllPrivateImages' as const,
      query: { private: 'true' },
    },
  ].map(({ call, here, query }): ForeignCall => ({
    call,
    here: (api) => api[here]().toArray(),
    replies: [{ body: images }],
    sends: [GET('/v2/images', { ...query, ...page })],
    gives: images.images,
  })),
  {
    call: 'doapi.fetch_action(id)',
    here: (api) => api.fetchAction(36805527),
    replies: [{ body: started }],
    sends: [GET('/v2/actions/36805527')],
    gives: started.action,
  },
  {
    call: 'doapi.fetch_all_actions()',
    here: (api) => api.fetchAllActions().toArray(),
    replies: [{ body: actions }],
    sends: [GET('/v2/actions', page)],
    gives: actions.actions,
  },
  {
    call: 'doapi.fetch_last_action()',
    here: (api) => api.fetchLastAction(),
    replies: [{ body: actions }],
    sends: [GET('/v2/actions', page)],
    gives: actions.actions[2],
  },
  {
    call: 'doapi.fetch_all_regions()',
    here: async (api) => (await api.fetchAllRegions().toArray()).map((region) => region.toJSON()),
    replies: [{ body: regions }],
    sends: [GET('/v2/regions', page)],
    gives: regions.regions,
  },
  {
    call: 'doapi.request(url, params, data, method)',
    here: (api) =>
      api.request('/v2/account/keys', { method: 'POST', params: { dry: true }, body: { name: 'k' } }),
    replies: [{ status: 201, body: { ssh_key: { id: 1 } } }],
    sends: [{ ...GET('/v2/account/keys', { dry: 'true' }), method: 'POST', body: { name: 'k' } }],
    gives: { ssh_key: { id: 1 } },
  },
  {
    call: 'doapi.paginate(url, key, params)',
    here: (api) => api.paginate('/v2/account/keys', 'ssh_keys', { params: { tag: 'a' } }).toArray(),
    replies: [
      {
        body: {
          ssh_keys: [{ id: 1 }],
          links: { pages: { next: `${ENDPOINT}/v2/account/keys?page=2` } },
          meta: { total: 2 },
        },
      },
      { body: { ssh_keys: [{ id: 2 }], links: { pages: {} }, meta: { total: 2 } } },
    ],
    sends: [
      GET('/v2/account/keys', { tag: 'a', ...page }),
      GET('/v2/account/keys', { tag: 'a', ...page, page: '2' }),
    ],
    gives: [{ id: 1 }, { id: 2 }],
  },
  {
    call: 'doapi.last_rate_limit',
    here: async (api) => {
      await api.fetchImage(ID);
      return api.rateLimit;
    },
    replies: [
      {
        ...own,
        headers: {
          'ratelimit-limit': '1200',
          'ratelimit-remaining': '1137',
          'ratelimit-reset': '1415984218',
        },
      },
    ],
    sends: [GET(IMAGE)],
    gives: { limit: 1200, remaining: 1137, resetAt: new Date('2014-11-14T16:56:58Z') },
  },
];
