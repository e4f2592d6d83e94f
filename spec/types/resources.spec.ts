import { describe, expect, it } from '@jest/globals';
import type {
  Action,
  ActionStatus,
  Droplet,
  Image,
  ImageOffer,
  ImageStatus,
  ImageType,
  Listing,
  Page,
  Progress,
  Region,
  RegionLike,
  Replication,
  WaitOptions,
} from '../../lib';
import { type Gives, type Takes, type Suggests, neverRun, same, typeOf } from '../support/types';

describe('the fields of an image', () => {
  it('are null where the API may omit them', () => {
    same<Image['id'], number>(true);
    same<Image['name'], string>(true);
    same<Image['type'], ImageType | null>(true);
    same<Image['distribution'], string | null>(true);
    same<Image['slug'], string | null>(true);
    same<Image['public'], boolean>(true);
    same<Image['regions'], readonly string[]>(true);
    same<Image['minDiskSize'], number | null>(true);
    same<Image['sizeGigabytes'], number | null>(true);
    same<Image['createdAt'], Date | null>(true);
    same<Image['description'], string>(true);
    same<Image['tags'], readonly string[]>(true);
    same<Image['status'], ImageStatus | null>(true);
    same<Image['errorMessage'], string>(true);
  });

  it('suggest the known values and accept others', () => {
    same<Suggests<ImageStatus, 'available'>, true>(true);
    same<Suggests<ImageStatus, 'NEW'>, true>(true);
    same<Suggests<ImageType, 'snapshot'>, true>(true);
    same<Suggests<ActionStatus, 'in-progress'>, true>(true);
    same<Suggests<RegionLike, 'nyc3'>, true>(true);
    same<Suggests<string, 'available'>, never>(true);
    const tomorrow: [ImageStatus, ImageType, ActionStatus] = ['resting', 'hologram', 'dreaming'];
    expect(tomorrow).toHaveLength(3);
  });

  it('are read-only', () => {
    neverRun((_api, image) => {
      // @ts-expect-error -- properties are read-only
      image.name = 'new';
      // @ts-expect-error -- its lists are read-only
      image.regions[0] = 'nyc3';
      // @ts-expect-error -- the raw JSON is read-only
      image.raw.name = 'new';
    });
  });
});

describe('the fields of an action', () => {
  it('are null where the API may omit them', () => {
    same<Action['id'], number>(true);
    same<Action['status'], ActionStatus | null>(true);
    same<Action['type'], string | null>(true);
    same<Action['startedAt'], Date | null>(true);
    same<Action['completedAt'], Date | null>(true);
    same<Action['resourceId'], number | null>(true);
    same<Action['resourceType'], string | null>(true);
    same<Action['region'], Region | null>(true);
    same<Action['regionSlug'], string | null>(true);
    same<Action['inProgress' | 'completed' | 'errored' | 'done'], boolean>(true);
  });
});

describe('the fields of a region', () => {
  it('are never null', () => {
    same<Region['slug'], string>(true);
    same<Region['name'], string>(true);
    same<Region['available'], boolean>(true);
    same<Region['features'], readonly string[]>(true);
    same<Region['sizes'], readonly string[]>(true);
  });
});

describe('the methods of an image', () => {
  it('return a new image, an action, or nothing', () => {
    same<Gives<Image, 'fetch'>, Promise<Image>>(true);
    same<Gives<Image, 'update'>, Promise<Image>>(true);
    same<Gives<Image, 'delete'>, Promise<void>>(true);
    same<Gives<Image, 'transfer' | 'convert' | 'act'>, Promise<Action>>(true);
    same<Gives<Image, 'replicate'>, Promise<Replication[]>>(true);
    same<Gives<Image, 'waitForAction'>, Promise<Image | null>>(true);
    same<Gives<Image, 'waitUntilAvailable'>, Promise<Image>>(true);
    same<Gives<Image, 'fetchAllActions'>, Listing<Action>>(true);
    same<Gives<Image, 'fetchAction'>, Promise<Action>>(true);
    same<Gives<Image, 'fetchLastAction' | 'fetchCurrentAction'>, Promise<Action | null>>(true);
    same<Gives<Image, 'tag' | 'untag'>, Promise<void>>(true);
    same<Gives<Image, 'offerTo'>, Promise<ImageOffer>>(true);
    same<ImageOffer['image'], Image>(true);
    same<ImageOffer['id'], number>(true);
    same<ImageOffer['accepted'], boolean>(true);
    same<Gives<ImageOffer, 'accept' | 'cancel' | 'decline'>, Promise<void>>(true);
    same<Gives<Image, 'toString'>, string>(true);
    same<Gives<Image, 'toJSON'>, Record<string, unknown>>(true);
    same<Image['url' | 'actionUrl'], string>(true);
  });

  it('accept a slug or a Region', () => {
    same<Takes<Image, 'transfer'>, RegionLike>(true);
    same<Takes<Image, 'replicate'>, readonly RegionLike[]>(true);
    neverRun((_api, image) => {
      // @ts-expect-error -- an image is not a region
      void image.transfer(image);
      // @ts-expect-error -- type is required
      void image.act({ region: 'nyc3' });
      // @ts-expect-error -- the size cannot be changed
      void image.update({ sizeGigabytes: 5 });
    });
  });

  it('return the outcome for every region', () => {
    same<Replication['outcome'], 'completed' | 'present' | 'errored' | 'refused' | 'timed-out' | 'unknown'>(
      true,
    );
    same<Replication['region'], string>(true);
    same<Replication['action'], Action | undefined>(true);
    same<Replication['error'], Error | undefined>(true);
  });
});

describe('the methods of an action', () => {
  it('return the action or its resource', () => {
    same<Gives<Action, 'fetch' | 'wait'>, Promise<Action>>(true);
    same<Gives<Action, 'fetchResource'>, Promise<Image | Droplet | null>>(true);
    // Most actions are on images, so that no cast is needed for them.
    neverRun(async (_api, _image, action) => {
      const image: Image | null = await action.fetchResource();
      const droplet = await action.fetchResource<Droplet>();
      return [image?.regions, droplet?.networks];
    });
    same<Takes<Action, 'wait'>, WaitOptions<Action> | undefined>(true);
  });
});

describe('a listing', () => {
  it('returns items, pages and counts', () => {
    same<Gives<Listing<Image>, 'toArray'>, Promise<Image[]>>(true);
    same<Gives<Listing<Image>, 'first' | 'find'>, Promise<Image | null>>(true);
    same<Gives<Listing<Image>, 'page'>, Promise<Page<Image>>>(true);
    same<Gives<Listing<Image>, 'total'>, Promise<number | null>>(true);
    same<Page<Image>, { items: Image[]; number: number; total: number | null }>(true);
    same<Listing<Image>['drifted'], boolean>(true);
    neverRun(async (api) => {
      for await (const image of api.fetchAllImages()) typeOf(image).is<Image>(true);
      for await (const page of api.fetchAllRegions().pages()) typeOf(page).is<Page<Region>>(true);
      for await (const action of api.waitActions([5])) typeOf(action).is<Action>(true);
    });
  });
});

describe('a wait', () => {
  it('reports the state of its target', () => {
    same<Progress<Action>, { state: Action; elapsed: number; polls: number }>(true);
    neverRun((_api, image, action) => {
      void action.wait({ onProgress: ({ state: action }) => typeOf(action).is<Action>(true) });
      void image.convert({ wait: { onProgress: ({ state: action }) => typeOf(action).is<Action>(true) } });
      void image.waitUntilAvailable({ onProgress: ({ state: action }) => typeOf(action).is<Image>(true) });
    });
  });
});
