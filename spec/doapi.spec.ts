import { describe, expect, it } from '@jest/globals';
import { Action, Image, Listing, NotFoundError, Region, UnknownOutcomeError } from '../lib';
import actions from './fixtures/action/list.json';
import errors from './fixtures/error/documented.json';
import created from './fixtures/image/create.json';
import images from './fixtures/image/list.json';
import regions from './fixtures/region/list.json';
import {
  eachWrong,
  NO_IDS,
  NO_SLUGS,
  NO_TAGS,
  rejectsWrongInput,
  throwsWrongInput,
} from './support/behaves-like-strict-input';
import { actionJson, anApi, fieldsOf, imageJson, publicImageJson, rejection } from './support/builders';
import { fakeServer } from './support/nock';

const server = fakeServer();
const api = anApi();
const NO_FLAGS: [unknown, typeof TypeError][] = ['yes', 1, null].map((value) => [value, TypeError]);

describe('DOApi: image() and action()', () => {
  it('create objects from an id without a request', () => {
    expect(api.image(5)).toBeInstanceOf(Image);
    expect(api.image(5).id).toBe(5);
    expect(api.action(6)).toBeInstanceOf(Action);
    expect(api.action(6).id).toBe(6);
    expect(server.asked).toEqual([]);
  });

  it('create objects from the JSON of toJSON()', () => {
    const text = JSON.stringify([api.image(imageJson()), api.action(actionJson())]);
    const [image, action] = JSON.parse(text) as [object, object];
    expect(fieldsOf(anApi().image(image))).toStrictEqual(fieldsOf(api.image(imageJson())));
    expect(anApi().action(action).startedAt).toEqual(new Date('2014-11-14T16:42:45Z'));
  });

  it('create a copy of an object that is attached to this client', async () => {
    const elsewhere = anApi({ endpoint: 'https://elsewhere.example' });
    const image = api.image(elsewhere.image(imageJson()));
    expect(image.url).toBe('https://api.digitalocean.com/v2/images/7938269');
    expect(api.action(elsewhere.action(5)).url).toBe('https://api.digitalocean.com/v2/actions/5');
    server.replies({ status: 204 });
    await image.delete();
    expect(server.asked).toHaveLength(1);
  });

  it('rethrow the error of a getter', () => {
    const json = {
      get id(): number {
        throw new Error('error of a getter');
      },
    };
    expect(() => api.image(json)).toThrow(new Error('error of a getter'));
  });

  throwsWrongInput([
    ...eachWrong('image()', 'image', NO_IDS, (client, bad) => client.image(bad)).filter(notAnObject),
    ...eachWrong('action()', 'action', NO_IDS, (client, bad) => client.action(bad)).filter(notAnObject),
    ['image() of JSON without an id', (client) => client.image({}), TypeError, 'image.id'],
    ['image() of a list', (client) => client.image([5]), TypeError, 'image'],
    ['action() of JSON with a text as id', (client) => client.action({ id: '5' }), TypeError, 'action.id'],
    ['action() of an image', (m) => m.action({ id: 5, regions: [], status: [] }), TypeError, 'action.status'],
  ]);
});

describe('DOApi: fetchImage()', () => {
  it.each([
    ['an id', 6918990, '/v2/images/6918990'],
    ['a slug', 'ubuntu-16-04-x64', '/v2/images/ubuntu-16-04-x64'],
    ['an id as text', '6918990', '/v2/images/6918990'],
    ['an image', api.image(6918990), '/v2/images/6918990'],
  ])('takes %s', async (_what, given, path) => {
    server.replies({ body: { image: publicImageJson() } });
    const image = await api.fetchImage(given);
    expect(image).toBeInstanceOf(Image);
    expect(image).not.toBe(given);
    expect(image.slug).toBe('ubuntu-16-04-x64');
    expect(server.asked).toMatchObject([{ method: 'GET', path, query: {} }]);
  });

  it('rejects with a NotFoundError when the image does not exist', async () => {
    server.replies({ status: 404, body: errors[404] });
    await expect(api.fetchImage(5)).rejects.toBeInstanceOf(NotFoundError);
  });

  it('fetchImageBySlug() accepts any slug, including digits', async () => {
    server.replies(
      { body: { image: publicImageJson({ slug: '12345' }) } },
      { body: { image: publicImageJson({ slug: 'naïve%2F:x' }) } },
    );
    await api.fetchImageBySlug('12345');
    await api.fetchImageBySlug('naïve%2F:x');
    expect(server.asked.map(({ path }) => path)).toEqual([
      '/v2/images/12345',
      '/v2/images/na%C3%AFve%252F%3Ax',
    ]);
  });

  rejectsWrongInput([
    ...eachWrong('fetchImage()', 'image', NO_IDS, (client, bad) => client.fetchImage(bad)).filter(
      ([what]) => !what.endsWith('= "5"'),
    ),
    ['fetchImage() of the text 0', (client) => client.fetchImage('0'), RangeError, 'image'],
    [
      'fetchImage() of too many digits',
      (client) => client.fetchImage('99999999999999999999'),
      RangeError,
      'image',
    ],
    [
      'fetchImage() of a path to another resource',
      (client) => client.fetchImage('../account'),
      TypeError,
      'slug',
    ],
    ['fetchImage() of nothing', (client) => client.fetchImage(''), TypeError, 'slug'],
    ...eachWrong('fetchImageBySlug()', 'slug', NO_SLUGS, (client, bad) => client.fetchImageBySlug(bad)),
  ]);
});

describe('DOApi: listings of images', () => {
  const query = { page: '1', per_page: '200' };

  it.each([
    ['all', api.fetchAllImages(), {}],
    ['an empty filter', api.fetchAllImages({}), {}],
    ['distributions', api.fetchAllDistributionImages(), { type: 'distribution' }],
    ['applications', api.fetchAllApplicationImages(), { type: 'application' }],
    ['private', api.fetchAllPrivateImages(), { private: 'true' }],
    ['not private', api.fetchAllImages({ private: false }), { private: 'false' }],
    ['tagged', api.fetchAllImages({ tagName: 'env:prod' }), { tag_name: 'env:prod' }],
    ['fewer on a page', api.fetchAllImages({ perPage: 50 }), { per_page: '50' }],
    [
      'a shorthand with options',
      api.fetchAllPrivateImages({ perPage: 7 }),
      { private: 'true', per_page: '7' },
    ],
    [
      'everything',
      api.fetchAllImages({ type: 'application', private: false, tagName: 'a', perPage: 1 }),
      { type: 'application', private: 'false', tag_name: 'a', per_page: '1' },
    ],
  ])('%s', async (_what, listing, more) => {
    server.replies({ body: { ...images, meta: { total: 1 }, images: images.images.slice(0, 1) } });
    expect(listing).toBeInstanceOf(Listing);
    const all = await listing.toArray();
    expect(all[0]).toBeInstanceOf(Image);
    expect(all.map(({ id }) => id)).toEqual([7555620]);
    expect(server.asked).toMatchObject([{ method: 'GET', path: '/v2/images', body: undefined }]);
    expect(server.asked[0]?.query).toEqual({ ...query, ...more });
  });

  throwsWrongInput([
    ...eachWrong('fetchAllImages()', 'private', NO_FLAGS, (m, bad) => m.fetchAllImages({ private: bad })),
    ...eachWrong('fetchAllImages()', 'tagName', NO_TAGS, (m, bad) => m.fetchAllImages({ tagName: bad })),
    ['fetchAllImages() of no type', (m) => m.fetchAllImages({ type: '' as never }), TypeError, 'type'],
    ['fetchAllImages() of a slug', (m) => m.fetchAllImages('ubuntu' as never), TypeError, 'options'],
    ['fetchAllImages() of null', (m) => m.fetchAllImages(null as never), TypeError, 'options'],
    ['fetchAllRegions() of null', (m) => m.fetchAllRegions(null as never), TypeError, 'options'],
    ['fetchAllActions() of a number', (m) => m.fetchAllActions(50 as never), TypeError, 'options'],
  ]);
});

describe('DOApi: createCustomImage()', () => {
  it('returns the new image', async () => {
    server.replies({ status: 202, body: created });
    const sent = { name: 'ubuntu-18.04-minimal', url: 'https://example.com/u.img', region: 'nyc3' };
    const image = await api.createCustomImage(sent);
    expect(image).toBeInstanceOf(Image);
    expect(image.status).toBe('NEW');
    expect(server.asked).toMatchObject([{ method: 'POST', path: '/v2/images', query: {} }]);
    expect(server.asked[0]?.body).toStrictEqual(sent);
  });

  it('is never sent twice when its response was lost', async () => {
    server.replies({ status: 502, body: '<html>bad gateway</html>' }, { status: 404, body: errors[404] });
    const retrying = anApi({ retries: 5 });
    const lost = await rejection(
      retrying.createCustomImage({ name: 'a', url: 'https://example.com/a', region: 'nyc3' }),
    );
    expect(lost).toBeInstanceOf(UnknownOutcomeError);
    expect(lost).toMatchObject({ status: 502, method: 'POST', mayHaveExecuted: true, attempts: 1 });
    expect((lost as UnknownOutcomeError).cause).toBeInstanceOf(NotFoundError);
    expect(server.asked.map(({ method }) => method)).toEqual(['POST', 'GET']);
  });
});

describe('DOApi: actions', () => {
  it.each([
    ['an id', 36805527],
    ['an action', api.action(actionJson())],
  ])('fetchAction() takes %s', async (_what, given) => {
    server.replies({ body: { action: actionJson({ status: 'completed' }) } });
    const action = await api.fetchAction(given);
    expect(action).toBeInstanceOf(Action);
    expect(action.completed).toBe(true);
    expect(server.asked).toMatchObject([{ method: 'GET', path: '/v2/actions/36805527' }]);
  });

  it('fetchAllActions() lists the actions of all resources', async () => {
    server.replies({ body: actions });
    const all = await api.fetchAllActions().toArray();
    expect(all.map(({ id }) => id)).toEqual([29410565, 36805527, 36805528]);
    expect(server.asked).toMatchObject([{ path: '/v2/actions', query: { page: '1', per_page: '200' } }]);
  });

  it('fetchLastAction() returns the action of the first page with the latest start, then the highest id', async () => {
    server.replies({ body: { ...actions, meta: { total: 1000 } } });
    expect((await api.fetchLastAction())?.id).toBe(36805528);
    expect(server.asked).toHaveLength(1);
  });

  it('fetchLastAction() returns null when there are no actions', async () => {
    server.replies({ body: { actions: [], links: {}, meta: { total: 0 } } });
    expect(await api.fetchLastAction()).toBeNull();
  });

  rejectsWrongInput(
    eachWrong('fetchAction()', 'action', NO_IDS, (m, bad) => m.fetchAction(bad)).filter(notAnObject),
  );
  throwsWrongInput([
    ...eachWrong('waitActions()', 'actions[0]', NO_IDS, (m, bad) => m.waitActions([bad])),
    ['waitActions() of one', (m) => m.waitActions(5 as never), TypeError, 'actions'],
    ['waitActions() of an image', (m) => m.waitActions([m.image(5) as never]), TypeError, 'actions[0]'],
    ['waitActions() in no time', (m) => m.waitActions([5], { timeout: -1 }), RangeError, 'timeout'],
    ['waitActions() with null', (m) => m.waitActions([5], null as never), TypeError, 'options'],
  ]);
});

describe('DOApi: regions', () => {
  it('fetchAllRegions() lists the regions', async () => {
    server.replies({ body: regions });
    const all = await api.fetchAllRegions().toArray();
    expect(all.map(String)).toEqual(['nyc3', 'ams2']);
    expect(all[0]).toBeInstanceOf(Region);
    expect(server.asked).toMatchObject([{ path: '/v2/regions', query: { page: '1', per_page: '200' } }]);
  });
});

/** An array is read as JSON, not as an id, which gives another message. */
function notAnObject([what]: [string, ...unknown[]]): boolean {
  return !what.endsWith('[5]');
}
