import type { Action, Cancellable, DOApi, Droplet, Image } from '../../lib';

/** The kind of an operation, as the retry rules distinguish it. A job is several requests, one POST among them, and waits. */
export type Column = 'read' | 'put' | 'delete' | 'post' | 'wait' | 'job';

/** One column of the matrix. */
export interface Operation {
  name: string;
  column: Column;
  /** Requests that it sends without a fault. */
  requests: number;
  /** Whether it searches by itself for what a lost POST has made. */
  isSearching?: boolean;
  /** Whether its responses are lists, with links to other pages. */
  isList?: boolean;
  run: (api: DOApi, options: Cancellable) => Promise<unknown>;
  /** Whether the result is what it should be. */
  isRight: (result: unknown) => boolean;
  /** Whether this is what a POST with a lost response has started; default: as `isRight`. */
  isStarted?: (found: unknown) => boolean;
}

/** What the account of a cell contains, see test-bed.ts. */
export const IDS = { image: 5, backup: 6, droplet: 15, ended: 36, inProgress: 37 };
export const IMAGES = 8;
/** Droplets of the account, of which one is called {@link NAME}. */
export const DROPLETS = 4;
export const NAME = 'mine';
export const SLUG = 'ubuntu-24-04-x64';
export const SIZE = 's-1vcpu-1gb';
export const STARTED = '2025-12-31T23:59:50Z';

const IN_PROGRESS = {
  id: IDS.inProgress,
  status: 'in-progress',
  type: 'transfer',
  started_at: STARTED,
  resource_id: IDS.image,
  resource_type: 'image',
};

const PRESIGNED = 'https://example.com/disk.raw.gz?X-Amz-Signature=5ec2e7presigned';

const hasId = (id: number) => (result: unknown) => (result as Image | Action | undefined)?.id === id;
/** Not one of the account's own, of the same type or name, from an hour before. */
const isNew = (result: unknown): boolean =>
  ((result as Image | Action | undefined)?.id ?? 0) > IDS.inProgress;
const isAction = (type: string) => (result: unknown) => isNew(result) && (result as Action).type === type;
const isSnapshot = (result: unknown): boolean =>
  isNew(result) && (result as Image).name === NAME && (result as Image).type === 'snapshot';
const isListOf = (count: number) => (result: unknown) => Array.isArray(result) && result.length === count;

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'list page',
    column: 'read',
    requests: 1,
    isList: true,
    run: async (api, options) => (await api.fetchAllImages({ perPage: 2 }).page(1, options)).items,
    isRight: isListOf(2),
  },
  {
    name: 'list all',
    column: 'read',
    requests: IMAGES / 2,
    isList: true,
    run: (api, options) => api.fetchAllImages({ perPage: 2 }).toArray(options),
    isRight: isListOf(IMAGES),
  },
  {
    name: 'get by id',
    column: 'read',
    requests: 1,
    run: (api, options) => api.fetchImage(IDS.image, options),
    isRight: hasId(IDS.image),
  },
  {
    name: 'get by slug',
    column: 'read',
    requests: 1,
    run: (api, options) => api.fetchImage(SLUG, options),
    isRight: (result) => (result as Image | undefined)?.slug === SLUG,
  },
  {
    name: 'create custom',
    column: 'post',
    requests: 1,
    isSearching: true,
    run: (api, options) => api.createCustomImage({ name: NAME, url: PRESIGNED, region: 'nyc3' }, options),
    isRight: (result) => isNew(result) && (result as Image).name === NAME,
  },
  {
    name: 'update',
    column: 'put',
    requests: 1,
    run: (api, options) => api.image(IDS.image).update({ name: 'new' }, options),
    isRight: (result) => (result as Image | undefined)?.name === 'new',
  },
  {
    name: 'delete',
    column: 'delete',
    requests: 1,
    run: (api, options) => api.image(IDS.image).delete(options),
    isRight: (result) => result === undefined,
  },
  {
    name: 'transfer',
    column: 'post',
    requests: 1,
    run: (api, options) => api.image(IDS.image).transfer('sfo3', options),
    isRight: isAction('transfer'),
  },
  {
    name: 'convert',
    column: 'post',
    requests: 1,
    run: (api, options) => api.image(IDS.backup).convert(options),
    isRight: isAction('convert'),
  },
  {
    name: 'get action',
    column: 'read',
    requests: 1,
    run: (api, options) => api.fetchAction(IDS.ended, options),
    isRight: hasId(IDS.ended),
  },
  {
    name: 'list image actions',
    column: 'read',
    requests: 1,
    isList: true,
    run: (api, options) => api.image(IDS.image).fetchAllActions().toArray(options),
    isRight: isListOf(3),
  },
  {
    name: 'wait',
    column: 'wait',
    requests: 1,
    run: (api, options) => api.action(IN_PROGRESS).wait(options),
    isRight: (result) => (result as Action | undefined)?.completed === true,
  },
  {
    name: 'snapshot',
    column: 'post',
    requests: 1,
    run: (api, options) => api.droplet(IDS.droplet).snapshot(NAME, options),
    isRight: isAction('snapshot'),
  },
  {
    name: 'takeSnapshot',
    column: 'job',
    // The Droplet's images, the POST, a poll, the images again, the new image in full.
    requests: 5,
    isList: true,
    run: (api, options) => api.droplet(IDS.droplet).takeSnapshot({ name: NAME, ...options }),
    isRight: isSnapshot,
    isStarted: isAction('snapshot'),
  },
  {
    name: 'createDroplet',
    column: 'post',
    requests: 1,
    isSearching: true,
    run: (api, options) =>
      api.createDroplet({ name: NAME, region: 'nyc1', size: SIZE, image: IDS.image }, options),
    isRight: (result) => isNew(result) && (result as Droplet).name === NAME,
  },
  {
    name: 'rebuild',
    column: 'post',
    requests: 1,
    run: (api, options) => api.droplet(IDS.droplet).rebuild(IDS.image, options),
    isRight: isAction('rebuild'),
  },
  {
    name: 'fetchAllDroplets',
    column: 'read',
    requests: DROPLETS / 2,
    isList: true,
    run: (api, options) => api.fetchAllDroplets({ perPage: 2 }).toArray(options),
    isRight: isListOf(DROPLETS),
  },
  {
    name: 'delete Droplet',
    column: 'delete',
    requests: 1,
    run: (api, options) => api.droplet(IDS.droplet).delete(options),
    isRight: (result) => result === undefined,
  },
];
