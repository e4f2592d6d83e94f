import assert from 'node:assert/strict';
import { ImageOffer, type NewImage, WaitTimeoutError } from '../../lib';
import { anAction, anImage, exactly, jsonWith, nothing } from './hydrated';
import { ACTION, ID, IMAGE, inTwoPasses, type Operation, pages, SLUG } from './operation';

const TAGGED = '/v2/tags/base-image/resources';
const NEW: NewImage = {
  name: 'ubuntu-18.04-minimal',
  url: 'https://cloud-images.example/minimal/ubuntu-18.04-minimal-cloudimg-amd64.img',
  region: 'nyc3',
};
const NEW_IN_FULL = { ...NEW, distribution: 'Ubuntu', description: 'small', tags: ['base-image', 'prod'] };

/** An operation in one line. */
type Row = [name: string, run: Operation['run'], gives: Operation['gives'], ...requests: string[]];
const operation = ([name, run, gives, ...requests]: Row): Operation => ({ name, run, gives, requests });

const IMAGES: Row[] = [
  ['an image by its id', (api) => api.fetchImage(ID), anImage, `GET ${IMAGE}`],
  ['an image by an id as text', (api) => api.fetchImage(String(ID)), anImage, `GET ${IMAGE}`],
  ['an image by its slug', (api) => api.fetchImage(SLUG), anImage, `GET /v2/images/${SLUG}`],
  ['an image by a slug only', (api) => api.fetchImageBySlug(SLUG), anImage, `GET /v2/images/${SLUG}`],
  ['an image again, by the manager', (api) => api.fetchImage(api.image(ID)), anImage, `GET ${IMAGE}`],
  ['an image again, by itself', (api) => api.image(ID).fetch(), anImage, `GET ${IMAGE}`],
  ['a new image with required fields', (api) => api.createCustomImage(NEW), anImage, 'POST /v2/images'],
  ['a new image with all fields', (api) => api.createCustomImage(NEW_IN_FULL), anImage, 'POST /v2/images'],
  [
    'a new image, until it is available',
    async (api) => (await api.createCustomImage(NEW)).waitUntilAvailable(),
    anImage,
    'POST /v2/images',
    'GET /v2/images/38413969',
  ],
  ['a new name', (api) => api.image(ID).update({ name: 'new' }), anImage, `PUT ${IMAGE}`],
  ['an empty description', (api) => api.image(ID).update({ description: '' }), anImage, `PUT ${IMAGE}`],
  ['a distribution', (api) => api.image(ID).update({ distribution: 'Debian' }), anImage, `PUT ${IMAGE}`],
  [
    'an update of all fields',
    (api) => api.image(ID).update({ name: 'new', description: 'new', distribution: 'Debian' }),
    anImage,
    `PUT ${IMAGE}`,
  ],
  ['a delete', (api) => api.image(ID).delete(), nothing, `DELETE ${IMAGE}`],
  ['a tag', (api) => api.image(ID).tag('base-image'), nothing, `POST ${TAGGED}`],
  ['a tag removed', (api) => api.image(ID).untag('base-image'), nothing, `DELETE ${TAGGED}`],
];

const ACTIONS: Row[] = [
  ['a transfer', (api) => api.image(ID).transfer('nyc3'), anAction, `POST ${IMAGE}/actions`],
  [
    'a transfer to a Region',
    async (api) => api.image(ID).transfer((await api.fetchAllRegions().first()) ?? ''),
    anAction,
    ...pages('/v2/regions'),
    `POST ${IMAGE}/actions`,
  ],
  ['a conversion', (api) => api.image(ID).convert(), anAction, `POST ${IMAGE}/actions`],
  ['any action', (api) => api.image(ID).act({ type: 'convert' }), anAction, `POST ${IMAGE}/actions`],
  [
    'a transfer, waited for until the timeout',
    (api) => assert.rejects(api.image(ID).transfer('nyc3', { wait: { timeout: 0 } }), WaitTimeoutError),
    nothing,
    `POST ${IMAGE}/actions`,
    `GET /v2/actions/${ACTION}`,
  ],
  [
    'an action by its image',
    (api) => api.image(ID).fetchAction(ACTION),
    anAction,
    `GET ${IMAGE}/actions/${ACTION}`,
  ],
  ['an action', (api) => api.fetchAction(ACTION), anAction, `GET /v2/actions/${ACTION}`],
  ['an action again', (api) => api.action(ACTION).fetch(), anAction, `GET /v2/actions/${ACTION}`],
  [
    'the image of an action',
    async (api) => (await api.image(ID).fetchAction(ACTION)).fetchResource(),
    anImage,
    `GET ${IMAGE}/actions/${ACTION}`,
    `GET ${IMAGE}`,
  ],
  [
    'an image when its latest action has ended',
    (api) => api.image(ID).waitForAction(),
    anImage,
    ...inTwoPasses(pages(`${IMAGE}/actions`, { last: 5 })),
    `GET ${IMAGE}`,
  ],
];

const body = { name: 'base-image' };
const OWN_REQUESTS: Row[] = [
  ['the account, by request', (api) => api.request('/v2/account'), jsonWith('account'), 'GET /v2/account'],
  [
    'images, by a request with a query',
    (api) => api.request('/v2/images', { params: { private: true, page: 2 } }),
    jsonWith('images', 'meta'),
    'GET /v2/images?private=true&page=2',
  ],
  [
    'a snapshot, by request',
    (api) => api.request('/v2/snapshots/6372321'),
    jsonWith('snapshot'),
    'GET /v2/snapshots/6372321',
  ],
  [
    'a snapshot deleted, by request',
    (api) => api.request('/v2/snapshots/6372321', { method: 'DELETE' }),
    exactly(null),
    'DELETE /v2/snapshots/6372321',
  ],
  [
    'a tag created, by request',
    (api) => api.request('/v2/tags', { method: 'POST', body }),
    jsonWith('tag'),
    'POST /v2/tags',
  ],
  [
    'a tag, by request',
    (api) => api.request('/v2/tags/base-image'),
    jsonWith('tag'),
    'GET /v2/tags/base-image',
  ],
  [
    'a tag deleted, by request',
    (api) => api.request('/v2/tags/base-image', { method: 'DELETE' }),
    exactly(null),
    'DELETE /v2/tags/base-image',
  ],
];

/** Everything but the listings. */
export const OPERATIONS: Operation[] = [
  ...[...IMAGES, ...ACTIONS, ...OWN_REQUESTS].map(operation),
  {
    name: 'a tag that does not exist yet',
    run: (api) => api.image(ID).tag('base-image'),
    gives: nothing,
    requests: [`POST ${TAGGED}`, `GET ${IMAGE}`, 'POST /v2/tags', `POST ${TAGGED}`],
    prefer: ['code=404', ''],
  },
  {
    // The number of polls is not part of the contract.
    name: 'a replication to a region that has the image and to one that has not',
    run: async (api) => {
      const replications = await api.image(ID).replicate(['nyc3', 'sfo3'], { timeout: 0 });
      return replications.map(({ region, outcome }) => `${region} ${outcome}`);
    },
    gives: exactly(['nyc3 present', 'sfo3 timed-out']),
  },
];

const TRANSFER = `${IMAGE}/account_transfer`;
const TEAM = 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
const offerOf = (result: unknown): void => {
  assert(result instanceof ImageOffer);
  assert(Number.isSafeInteger(result.id));
};

const OFFERS: Row[] = [
  ['an offer to a team', (api) => api.image(ID).offerTo({ uuid: TEAM }), offerOf, `POST ${TRANSFER}`],
  [
    'an offer to an e-mail address',
    (api) => api.image(ID).offerTo({ email: 'bob@example.com' }),
    offerOf,
    `POST ${TRANSFER}`,
  ],
  [
    'an offer, accepted',
    (api) => api.imageOffer(ID, 5).accept({ uuid: TEAM }),
    nothing,
    `POST ${TRANSFER}/accept`,
  ],
  ['an offer, cancelled', (api) => api.imageOffer(ID, 5).cancel(), nothing, `POST ${TRANSFER}/cancel`],
  ['an offer, declined', (api) => api.imageOffer(ID, 5).decline(), nothing, `POST ${TRANSFER}/decline`],
];

/** Account transfers, which only some of the files have. */
export const ACCOUNT_TRANSFERS: Operation[] = OFFERS.map(operation);
