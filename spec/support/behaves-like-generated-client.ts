import actions from '../fixtures/action/list.json';
import converted from '../fixtures/action/convert.json';
import started from '../fixtures/action/start.json';
import created from '../fixtures/image/create.json';
import images from '../fixtures/image/list.json';
import updated from '../fixtures/image/update.json';
import type { ForeignCall, Operation } from './behaves-like-a-foreign-call';
import { imageJson, publicImageJson } from './builders';

const ID = 7938269;
const IMAGE = `/v2/images/${ID}`;
const ACTIONS = `${IMAGE}/actions`;
const NEW = {
  name: 'ubuntu-18.04-minimal',
  url: 'http://cloud-images.ubuntu.com/minimal/bionic-minimal-cloudimg-amd64.img',
  distribution: 'Ubuntu',
  region: 'nyc3',
  description: 'Cloud-optimized image w/ small footprint',
  tags: ['base-image', 'prod'],
};
const CHANGES = { name: 'Nifty New Snapshot', distribution: 'Ubuntu', description: ' ' };
const filter = { type: 'distribution', private: true, tagName: 'base-image', perPage: 2 } as const;
const query = { type: 'distribution', private: 'true', tag_name: 'base-image', per_page: '2', page: '1' };

/** The operations of the generated client's ImagesApi. */
export const IMAGES_CALLS: ForeignCall[] = [
  {
    call: 'create_custom_image(ImageNewCustom): 202',
    here: async (api) => (await api.createCustomImage(NEW)).raw,
    replies: [{ status: 202, body: created }],
    sends: [{ method: 'POST', path: '/v2/images', body: NEW }],
    gives: created.image,
  },
  {
    call: 'delete_image(image_id): 204',
    here: (api) => api.image(ID).delete(),
    replies: [{ status: 204 }],
    sends: [{ method: 'DELETE', path: IMAGE }],
    gives: undefined,
  },
  {
    call: 'get_image(id): 200',
    here: (api) => api.fetchImage(ID),
    replies: [{ body: { image: imageJson({ id: ID }) } }],
    sends: [{ method: 'GET', path: IMAGE }],
    gives: imageJson({ id: ID }),
  },
  {
    call: 'get_image(slug): 200',
    here: async (api) => (await api.fetchImage('ubuntu-16-04-x64')).id,
    replies: [{ body: { image: publicImageJson() } }],
    sends: [{ method: 'GET', path: '/v2/images/ubuntu-16-04-x64' }],
    gives: 6918990,
  },
  {
    call: 'get_images_list(): 200',
    here: (api) => api.fetchAllImages().toArray(),
    replies: [{ body: images }],
    sends: [{ method: 'GET', path: '/v2/images', query: { page: '1', per_page: '200' } }],
    gives: images.images,
  },
  {
    call: 'get_images_list(type, private, tag_name, per_page, page=1): 200',
    here: async (api) => (await api.fetchAllImages(filter).page(1)).items,
    replies: [{ body: images }],
    sends: [{ method: 'GET', path: '/v2/images', query }],
    gives: images.images,
  },
  {
    call: 'get_images_list(type, private, tag_name, per_page, page=7): 200',
    here: (api) => api.fetchAllImages(filter).page(7),
    replies: [{ body: { images: [], links: {}, meta: { total: 2 } } }],
    sends: [{ method: 'GET', path: '/v2/images', query: { ...query, page: '7' } }],
    gives: { items: [], number: 7, total: 2 },
  },
  {
    call: 'update_image(image_id, ImageUpdate(name, distribution, description)): 200',
    here: async (api) => (await api.image(ID).update(CHANGES)).raw,
    replies: [{ body: updated }],
    sends: [{ method: 'PUT', path: IMAGE, body: CHANGES }],
    gives: updated.image,
  },
];

/** Their documented error statuses. */
export const IMAGES_STATUSES: Operation[] = [
  {
    call: 'create_custom_image',
    here: (api) => api.createCustomImage(NEW),
    sends: { method: 'POST', path: '/v2/images', body: NEW },
  },
  {
    call: 'delete_image',
    here: (api) => api.image(ID).delete(),
    sends: { method: 'DELETE', path: IMAGE },
    statuses: [404],
  },
  {
    call: 'get_image',
    here: (api) => api.fetchImage(ID),
    sends: { method: 'GET', path: IMAGE },
    statuses: [404],
  },
  {
    call: 'get_images_list',
    here: async (api) => api.fetchAllImages(filter).first(),
    sends: { method: 'GET', path: '/v2/images', query },
  },
  {
    call: 'update_image',
    here: (api) => api.image(ID).update(CHANGES),
    sends: { method: 'PUT', path: IMAGE, body: CHANGES },
    statuses: [404],
  },
];

/** The operations of the generated client's ImageActionsApi. */
export const ACTIONS_CALLS: ForeignCall[] = [
  {
    call: 'get_image_action(image_id, action_id): 200',
    here: (api) => api.image(ID).fetchAction(36805527),
    replies: [{ body: started }],
    sends: [{ method: 'GET', path: `${ACTIONS}/36805527` }],
    gives: started.action,
  },
  {
    call: 'list_image_actions(image_id): 200',
    here: (api) => api.image(ID).fetchAllActions().toArray(),
    replies: [{ body: actions }],
    sends: [{ method: 'GET', path: ACTIONS, query: { page: '1', per_page: '200' } }],
    gives: actions.actions,
  },
  {
    call: 'post_image_action(image_id, {type: transfer, region}): 201',
    here: (api) => api.image(ID).transfer('nyc3'),
    replies: [{ status: 201, body: started }],
    sends: [{ method: 'POST', path: ACTIONS, body: { type: 'transfer', region: 'nyc3' } }],
    gives: started.action,
  },
  {
    call: 'post_image_action(image_id, {type: convert}): 201',
    here: (api) => api.image(ID).convert(),
    replies: [{ status: 201, body: converted }],
    sends: [{ method: 'POST', path: ACTIONS, body: { type: 'convert' } }],
    gives: converted.action,
  },
];

/** Their documented error statuses. */
export const ACTIONS_STATUSES: Operation[] = [
  {
    call: 'get_image_action',
    here: (api) => api.image(ID).fetchAction(36805527),
    sends: { method: 'GET', path: `${ACTIONS}/36805527` },
    statuses: [404],
  },
  {
    call: 'list_image_actions',
    here: async (api) => api.image(ID).fetchAllActions().toArray(),
    sends: { method: 'GET', path: ACTIONS, query: { page: '1', per_page: '200' } },
    statuses: [404],
  },
  {
    call: 'post_image_action',
    here: (api) => api.image(ID).convert(),
    sends: { method: 'POST', path: ACTIONS, body: { type: 'convert' } },
    statuses: [404],
  },
];
