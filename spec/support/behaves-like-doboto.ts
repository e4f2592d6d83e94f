import type { ImageFilter } from '../../lib';
import started from '../fixtures/action/start.json';
import actions from '../fixtures/action/list.json';
import images from '../fixtures/image/list.json';
import updated from '../fixtures/image/update.json';
import type { ForeignCall, ForeignWait, Sent } from './behaves-like-a-foreign-call';
import { actionJson, imageJson, publicImageJson } from './builders';

const ID = 7938269;
const IMAGE = `/v2/images/${ID}`;
const ACTIONS = `${IMAGE}/actions`;
const page = { page: '1', per_page: '200' };
const transfer: Sent = { method: 'POST', path: ACTIONS, body: { type: 'transfer', region: 'nyc3' } };
const convert: Sent = { method: 'POST', path: ACTIONS, body: { type: 'convert' } };

const FILTERS: [call: string, filter: ImageFilter, query: Record<string, string>][] = [
  ['do.image.list()', {}, {}],
  ['do.image.list(type="distribution")', { type: 'distribution' }, { type: 'distribution' }],
  ['do.image.list(type="application")', { type: 'application' }, { type: 'application' }],
  ['do.image.list(private=True)', { private: true }, { private: 'true' }],
];

const LISTS = FILTERS.map(([call, filter, query]): ForeignCall => ({
  call,
  here: (api) => api.fetchAllImages(filter).toArray(),
  replies: [{ body: images }],
  sends: [{ method: 'GET', path: '/v2/images', query: { ...page, ...query } }],
  gives: images.images,
}));

/** The methods of DOBOTO's `do.image`. */
export const DOBOTO_CALLS: ForeignCall[] = [
  ...LISTS,
  {
    call: 'do.image.info(id)',
    here: (api) => api.fetchImage(ID),
    replies: [{ body: { image: imageJson() } }],
    sends: [{ method: 'GET', path: IMAGE }],
    gives: imageJson(),
  },
  {
    call: 'do.image.info(slug)',
    here: (api) => api.fetchImage('ubuntu-16-04-x64'),
    replies: [{ body: { image: publicImageJson({ regions: ['nyc1'] }) } }],
    sends: [{ method: 'GET', path: '/v2/images/ubuntu-16-04-x64' }],
    gives: publicImageJson({ regions: ['nyc1'] }),
  },
  {
    call: 'do.image.update(id, name)',
    here: async (api) => (await api.image(ID).update({ name: 'Nifty New Snapshot' })).name,
    replies: [{ body: updated }],
    sends: [{ method: 'PUT', path: IMAGE, body: { name: 'Nifty New Snapshot' } }],
    gives: 'Nifty New Snapshot',
  },
  {
    call: 'do.image.destroy(id)',
    here: (api) => api.image(ID).delete(),
    replies: [{ status: 204 }],
    sends: [{ method: 'DELETE', path: IMAGE }],
    gives: undefined,
  },
  {
    call: 'do.image.transfer(id, region)',
    here: (api) => api.image(ID).transfer('nyc3'),
    replies: [{ status: 201, body: started }],
    sends: [transfer],
    gives: actionJson(),
  },
  {
    call: 'do.image.convert(id)',
    here: (api) => api.image(ID).convert(),
    replies: [{ status: 201, body: { action: actionJson({ type: 'convert' }) } }],
    sends: [convert],
    gives: actionJson({ type: 'convert' }),
  },
  {
    call: 'do.image.action_list(id)',
    here: (api) => api.image(ID).fetchAllActions().toArray(),
    replies: [{ body: actions }],
    sends: [{ method: 'GET', path: ACTIONS, query: page }],
    gives: actions.actions,
  },
  {
    call: 'do.image.action_info(id, action_id)',
    here: (api) => api.image(ID).fetchAction(36805527),
    replies: [{ body: started }],
    sends: [{ method: 'GET', path: `${ACTIONS}/36805527` }],
    gives: started.action,
  },
];

/** DOBOTO's waits: wait, poll and timeout; seconds there, milliseconds here. */
export const DOBOTO_WAITS: ForeignWait[] = [
  {
    call: 'do.image.transfer(id, region, wait=True)',
    here: (api) => api.image(ID).transfer('nyc3', { wait: true }),
    account: [{ id: 1, ends: 60_000 }],
    sends: transfer,
    gives: { id: 1, status: 'completed' },
    takes: [60_000, 66_000],
  },
  {
    call: 'do.image.transfer(id, region, wait=True, poll=30, timeout=300)',
    here: (api) => api.image(ID).transfer('nyc3', { wait: { interval: 30_000, timeout: 300_000 } }),
    account: [{ id: 1, ends: 61_000 }],
    sends: transfer,
    gives: { id: 1, status: 'completed' },
    takes: [90_000, 90_000],
  },
  {
    call: 'do.image.transfer(id, region, wait=True, timeout=300): timed out',
    here: (api) => api.image(ID).transfer('nyc3', { wait: { timeout: 300_000 } }),
    account: [{ id: 1, ends: 301_000 }],
    sends: transfer,
    fails: { name: 'WaitTimeoutError', elapsed: 300_000, inProgress: [{ id: 1 }] },
    takes: [300_000, 300_000],
  },
  {
    call: 'do.image.convert(id, wait=True, poll=5, timeout=300)',
    here: (api) => api.image(ID).convert({ wait: { interval: 5_000, timeout: 300_000 } }),
    account: [{ id: 1, ends: 20_000 }],
    sends: convert,
    gives: { id: 1, status: 'completed' },
    takes: [20_000, 25_000],
  },
  {
    call: 'do.image.convert(id, wait=True): failed',
    here: (api) => api.image(ID).convert({ wait: true }),
    account: [{ id: 1, ends: 20_000, status: 'errored' }],
    sends: convert,
    fails: { name: 'ActionError', action: { id: 1, status: 'errored' } },
    takes: [20_000, 25_000],
  },
];
