import started from '../fixtures/action/start.json';
import actions from '../fixtures/action/list.json';
import errors from '../fixtures/error/documented.json';
import regions from '../fixtures/region/list.json';
import type { ForeignCall, ForeignWait, Sent } from './behaves-like-a-foreign-call';
import { actionJson, ENDPOINT, imageJson, publicImageJson, type Json, type Reply } from './builders';

const ID = 7938269;
const IMAGE = `/v2/images/${ID}`;
const ACTIONS = `${IMAGE}/actions`;
const GET = (path: string, query?: Json): Sent => ({
  method: 'GET',
  path,
  ...(query && { query: query as never }),
});
const POST = (path: string, body: unknown): Sent => ({ method: 'POST', path, body });
const page = { page: '1', per_page: '200' };
const own: Reply = { body: { image: imageJson() } };
const begun: Reply = { status: 201, body: started };
const gone: Reply = { status: 404, body: errors[404] };
const none: Reply = { body: { actions: [], links: {}, meta: { total: 0 } } };

/** The methods of doapi's Image. */
export const IMAGE_CALLS: ForeignCall[] = [
  { call: 'Image.url', here: (api) => api.image(ID).url, gives: `${ENDPOINT}${IMAGE}` },
  { call: 'Image.action_url', here: (api) => api.image(ID).actionUrl, gives: `${ENDPOINT}${ACTIONS}` },
  { call: 'int(image)', here: (api) => Number(api.image(imageJson())), gives: ID },
  { call: 'str(image)', here: (api) => String(api.image(publicImageJson())), gives: 'ubuntu-16-04-x64' },
  {
    call: 'str(image) without a slug (an error there)',
    here: (api) => String(api.image(imageJson())),
    gives: '7938269',
  },
  {
    call: 'Image.fetch()',
    here: (api) => api.image(ID).fetch(),
    replies: [own],
    sends: [GET(IMAGE)],
    gives: imageJson(),
  },
  {
    call: 'Image.update_image(name)',
    here: (api) => api.image(ID).update({ name: 'renamed' }),
    replies: [{ body: { image: imageJson({ name: 'renamed' }) } }],
    sends: [{ method: 'PUT', path: IMAGE, body: { name: 'renamed' } }],
    gives: imageJson({ name: 'renamed' }),
  },
  {
    call: 'Image.delete()',
    here: (api) => api.image(ID).delete(),
    replies: [{ status: 204 }],
    sends: [{ method: 'DELETE', path: IMAGE }],
    gives: undefined,
  },
  {
    call: 'Image.transfer(slug)',
    here: (api) => api.image(ID).transfer('nyc3'),
    replies: [begun],
    sends: [POST(ACTIONS, { type: 'transfer', region: 'nyc3' })],
    gives: actionJson(),
  },
  {
    call: 'Image.transfer(Region)',
    here: async (api) => {
      const [region] = await api.fetchAllRegions().toArray();
      return region && api.image(ID).transfer(region);
    },
    replies: [{ body: regions }, begun],
    sends: [GET('/v2/regions', page), POST(ACTIONS, { type: 'transfer', region: 'nyc3' })],
    gives: actionJson(),
  },
  {
    call: 'Image.convert()',
    here: (api) => api.image(ID).convert(),
    replies: [{ status: 201, body: { action: actionJson({ type: 'convert' }) } }],
    sends: [POST(ACTIONS, { type: 'convert' })],
    gives: actionJson({ type: 'convert' }),
  },
  {
    call: 'Image.act(**data)',
    here: (api) => api.image(ID).act({ type: 'resize', disk: 80 }),
    replies: [begun],
    sends: [POST(ACTIONS, { type: 'resize', disk: 80 })],
    gives: actionJson(),
  },
  {
    call: 'Image.fetch_all_actions()',
    here: (api) => api.image(ID).fetchAllActions().toArray(),
    replies: [{ body: actions }],
    sends: [GET(ACTIONS, page)],
    gives: actions.actions,
  },
  {
    call: 'Image.fetch_last_action()',
    here: (api) => api.image(ID).fetchLastAction(),
    replies: [{ body: actions }],
    sends: [GET(ACTIONS, page)],
    gives: actions.actions[2],
  },
  {
    call: 'Image.fetch_last_action(): None when there was none',
    here: (api) => api.image(ID).fetchLastAction(),
    replies: [none],
    sends: [GET(ACTIONS, page)],
    gives: null,
  },
  {
    call: 'Image.fetch_current_action()',
    here: (api) => api.image(ID).fetchCurrentAction(),
    replies: [{ body: actions }],
    sends: [GET(ACTIONS, page)],
    gives: actions.actions[1],
  },
  {
    call: 'Image.fetch_current_action(): None when there is none',
    here: (api) => api.image(ID).fetchCurrentAction(),
    replies: [none],
    sends: [GET(ACTIONS, page)],
    gives: null,
  },
  {
    call: 'Image.wait_for_action(): self when there was never an action',
    here: async (api) => {
      const image = api.image(imageJson());
      return (await image.waitForAction()) === image;
    },
    replies: [none],
    sends: [GET(ACTIONS, page)],
    gives: true,
  },
  {
    call: 'Image.wait_for_action(): None when the image is gone afterwards',
    here: (api) => api.image(ID).waitForAction(),
    replies: [{ body: { actions: [actionJson({ status: 'completed' })] } }, gone],
    sends: [GET(ACTIONS, page), GET(IMAGE)],
    gives: null,
  },
];

/** doapi's waits. */
export const WAIT_CALLS: ForeignWait[] = [
  {
    call: 'Image.wait_for_action(): the final state',
    here: (api) => api.image(ID).waitForAction(),
    account: [{ id: 1, ends: 60_000 }],
    sends: GET(ACTIONS, page),
    gives: { id: ID, name: 'nightly 2014-11-14' },
    takes: [60_000, 66_000],
  },
  {
    call: 'Image.wait_for_action(): wait_interval and wait_time of doapi',
    here: (api) => api.image(ID).waitForAction(),
    account: [{ id: 1, ends: 600_000 }],
    options: { waitInterval: 20_000, waitTime: 110_000 },
    sends: GET(ACTIONS, page),
    // 20, 40, 60, 80, 100 s, and a last poll shortly before the end.
    fails: { name: 'WaitTimeoutError', polls: 6, elapsed: 110_000 },
    takes: [110_000, 110_000],
  },
  {
    call: 'Image.wait_for_action(wait_interval, wait_time): WaitTimeoutError holds the state',
    here: (api) => api.image(ID).waitForAction({ interval: 10_000, timeout: 35_000 }),
    account: [{ id: 1, ends: 600_000 }],
    options: { waitInterval: 1_000 },
    sends: GET(ACTIONS, page),
    fails: {
      name: 'WaitTimeoutError',
      polls: 4,
      inProgress: [{ id: 1, resourceId: ID, status: 'in-progress' }],
    },
    takes: [35_000, 35_000],
  },
  {
    call: 'doapi.wait_actions(actions)',
    here: async (api) => {
      const ended: unknown[] = [];
      for await (const { id, status } of api.waitActions([1, 2])) ended.push([id, status]);
      return { ended };
    },
    account: [
      { id: 1, ends: 120_000 },
      { id: 2, ends: 60_000, status: 'errored' },
    ],
    gives: {
      ended: [
        [2, 'errored'],
        [1, 'completed'],
      ],
    },
    takes: [120_000, 140_000],
  },
];
