import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { type DOApi, Image, NotFoundError, UnexpectedResponseError } from '../lib';
import { Sandbox } from '../lib/sandbox';
import created from './fixtures/image/create.json';
import errors from './fixtures/error/documented.json';
import updated from './fixtures/image/update.json';
import wrong from './fixtures/image/wrong.json';
import { behavesLikeASnapshot } from './support/behaves-like-a-snapshot';
import { eachWrong, NO_SLUGS, NO_TAGS, rejectsWrongInput } from './support/behaves-like-strict-input';
import {
  actionJson,
  anApi,
  anyImageJson,
  ENDPOINT,
  fieldsOf,
  imageJson,
  type Json,
  MemoryServer,
  publicImageJson,
  rejection,
} from './support/builders';
import { fakeServer } from './support/nock';

const server = fakeServer();
const api = anApi();
const image = api.image(imageJson());

describe('Image: its fields', () => {
  behavesLikeASnapshot({
    json: imageJson(),
    make: (client, json) => client.image(json),
    fields: [
      ...['id', 'name', 'type', 'distribution', 'slug', 'public', 'regions', 'minDiskSize', 'sizeGigabytes'],
      ...['createdAt', 'description', 'tags', 'status', 'errorMessage'],
    ],
    any: anyImageJson,
    wrong,
    path: 'image',
  });

  it('have JavaScript types', () => {
    expect(fieldsOf(api.image(publicImageJson()))).toStrictEqual({
      id: 6918990,
      name: '14.04 x64',
      type: 'base',
      distribution: 'Ubuntu',
      slug: 'ubuntu-16-04-x64',
      public: true,
      regions: ['nyc1', 'ams1', 'sfo1', 'nyc2', 'nyc3'],
      minDiskSize: 20,
      sizeGigabytes: 2.34,
      createdAt: new Date('2014-10-17T20:24:33Z'),
      description: '',
      tags: [],
      status: 'available',
      errorMessage: '',
    });
  });

  const nothing = {
    ...{ name: '', type: null, distribution: null, slug: null, public: false, regions: [] },
    ...{ minDiskSize: null, sizeGigabytes: null, createdAt: null, description: '', tags: [] },
    ...{ status: null, errorMessage: '' },
  };

  it('may all be absent or null, except the id', () => {
    const nulls = Object.fromEntries(Object.keys(imageJson()).map((key) => [key, null]));
    for (const known of [5, { id: 5 }, { ...nulls, id: 5 }])
      expect(fieldsOf(api.image(known))).toStrictEqual({ id: 5, ...nothing });
  });

  it('have empty values when the response to a create omits them', () => {
    const { regions, minDiskSize, sizeGigabytes, public: shared, status, type } = api.image(created.image);
    expect({ regions, minDiskSize, sizeGigabytes, shared, status, type }).toEqual({
      ...{ regions: [], minDiskSize: null, sizeGigabytes: null },
      ...{ shared: false, status: 'NEW', type: 'custom' },
    });
  });

  it('accept an unknown type and status', () => {
    const { type, status } = api.image({ id: 5, type: 'hologram', status: 'teleporting' });
    expect([type, status]).toEqual(['hologram', 'teleporting']);
  });

  it('read an empty date as null', () => {
    expect(api.image({ id: 5, created_at: '' }).createdAt).toBeNull();
  });

  it('are named in the error of a request', async () => {
    server.replies({ body: { image: imageJson({ size_gigabytes: '2.34' }) } });
    const error = await rejection(image.fetch());
    expect(error).toBeInstanceOf(UnexpectedResponseError);
    expect((error as UnexpectedResponseError).problem).toBe(
      'image.size_gigabytes: expected a number, got "2.34"',
    );
  });
});

describe('Image: its URL and text forms', () => {
  it('has absolute URLs', () => {
    expect(image.url).toBe(`${ENDPOINT}/v2/images/7938269`);
    expect(image.actionUrl).toBe(`${ENDPOINT}/v2/images/7938269/actions`);
    expect(anApi({ endpoint: 'https://proxy.example/do/' }).image(5).url).toBe(
      'https://proxy.example/do/v2/images/5',
    );
  });

  it('is its id as text when its slug is empty', () => {
    const image = anApi().image({ id: 5, slug: '' });
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- users write this
    expect([`${image}`, image.toString(), Number(image)]).toEqual(['5', '5', 5]);
  });

  it('is its slug as text, or its id when it has no slug', () => {
    expect(String(api.image(publicImageJson()))).toBe('ubuntu-16-04-x64');
    // eslint-disable-next-line @typescript-eslint/restrict-template-expressions -- users write this
    expect(`${image}`).toBe('7938269');
    expect(image.toString()).toBe('7938269');
  });

  it('is its id as a number', () => {
    expect(Number(image)).toBe(7938269);
    expect(+image).toBe(7938269);
  });

  it('shows its class in the console', () => {
    expect(inspect(image)).toMatch(/^Image \{/);
  });

  it('cannot be created with new', () => {
    const orphan = new Image();
    expect(() => orphan.url).toThrow(new TypeError('Image: made by a DOApi, never with new'));
    expect(() => orphan.raw).toThrow(TypeError);
  });
});

describe('Image: its methods', () => {
  it('fetch() returns a new object and does not change the old one', async () => {
    const before = fieldsOf(image);
    server.replies({ body: { image: imageJson({ name: 'renamed' }) } });
    const now = await image.fetch();
    expect(now).toBeInstanceOf(Image);
    expect(now).not.toBe(image);
    expect([image.name, now.name]).toEqual(['nightly 2014-11-14', 'renamed']);
    expect(fieldsOf(image)).toStrictEqual(before);
    expect(server.asked).toMatchObject([
      { method: 'GET', path: '/v2/images/7938269', query: {}, body: undefined },
    ]);
  });

  it.each([
    [{ name: 'Nifty New Snapshot' }],
    [{ description: '' }],
    [{ name: 'Nifty New Snapshot', description: ' ', distribution: 'Ubuntu' }],
  ])('update(%j) sends exactly that and returns the new state', async (changes) => {
    server.replies({ body: updated });
    const now = await image.update(changes);
    expect(now.name).toBe('Nifty New Snapshot');
    expect(image.name).toBe('nightly 2014-11-14');
    expect(server.asked).toMatchObject([{ method: 'PUT', path: '/v2/images/7938269' }]);
    expect(server.asked[0]?.body).toStrictEqual(changes);
  });

  it('update() leaves out what is undefined', async () => {
    server.replies({ body: updated });
    await image.update({ name: 'a', description: undefined });
    expect(server.asked[0]?.body).toStrictEqual({ name: 'a' });
  });

  it('delete() sends one request without a body', async () => {
    server.replies({ status: 204 });
    await image.delete();
    expect(server.asked).toMatchObject([{ method: 'DELETE', path: '/v2/images/7938269', body: undefined }]);
  });

  it('delete() of a deleted image is an error, except in a retry after a lost response', async () => {
    const gone = { status: 422, body: { message: 'Can not delete an already deleted image.' } };
    server.replies(gone);
    await expect(image.delete()).rejects.toThrow('Can not delete an already deleted image.');
    const flaky = new MemoryServer((_request, nth) => (nth === 1 ? new Error('socket hang up') : gone));
    await expect(flaky.api({ retries: 1 }).image(5).delete()).resolves.toBeUndefined();
  });

  it('tag() and untag() send the id as text, as the API requires', async () => {
    server.replies({ status: 204 }, { status: 204 });
    await image.tag('env:prod');
    await image.untag('env:prod');
    const sent = { path: '/v2/tags/env:prod/resources' };
    const body = { resources: [{ resource_id: '7938269', resource_type: 'image' }] };
    expect(server.asked).toMatchObject([
      { method: 'POST', ...sent, body },
      { method: 'DELETE', ...sent, body },
    ]);
    expect(image.tags).toEqual(['prod', 'nightly']);
  });

  it('tag() creates a tag that does not exist', async () => {
    const missing = { status: 404, body: { id: 'not_found', message: 'no such tag' } };
    const created = { status: 201, body: { tag: { name: 'new' } } };
    server.replies(missing, { body: { image: imageJson() } }, created, { status: 204 });
    await image.tag('new');
    const lines = server.asked.map(({ path, body }) => [path, body]);
    const resources = [{ resource_id: '7938269', resource_type: 'image' }];
    expect(lines).toEqual([
      ['/v2/tags/new/resources', { resources }],
      ['/v2/images/7938269', undefined],
      ['/v2/tags', { name: 'new' }],
      ['/v2/tags/new/resources', { resources }],
    ]);
  });

  it('tag() creates no tag for an image that no longer exists', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5 }] });
    const [here, gone] = [sandbox.api().image(5), sandbox.api().image(5)];
    await here.delete();
    expect(await rejection(gone.tag('orphan'))).toBeInstanceOf(NotFoundError);
    expect(sandbox.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect(await sandbox.api().paginate('/v2/tags', 'tags').toArray()).toEqual([]);
  });

  it('tag() creates a tag with a token that may not read images, too', async () => {
    const denied = { status: 403, body: { id: 'forbidden', message: 'no' } };
    const memory = new MemoryServer(({ method }, nth) =>
      method === 'GET' ? denied : { status: nth === 1 ? 404 : 204 },
    );
    await memory.api().image(5).tag('new');
    expect(memory.lines.slice(2)).toEqual(['POST /v2/tags', 'POST /v2/tags/new/resources']);
  });

  it('tag() and untag() reject with any other error', async () => {
    server.replies({ status: 422, body: errors[422] }, { status: 404, body: errors[404] });
    await expect(image.tag('new')).rejects.toThrow('422');
    await expect(image.untag('old')).rejects.toBeInstanceOf(NotFoundError);
    expect(server.asked).toHaveLength(2);
  });

  it('tag(), untag() and delete() are retried, since they are idempotent', async () => {
    const flaky = new MemoryServer((_request, nth) => ({ status: nth % 2 === 1 ? 502 : 204 }));
    const again = flaky.api({ retries: 1 }).image(5);
    await again.tag('prod');
    await again.untag('prod');
    await again.delete();
    expect(flaky.requests).toHaveLength(6);
  });

  it('rejects a response without an image', async () => {
    server.replies({ body: { action: actionJson() } });
    const error = await rejection(image.fetch());
    expect(error).toBeInstanceOf(UnexpectedResponseError);
    expect((error as UnexpectedResponseError).problem).toBe('image: expected an object, got nothing');
  });
});

describe('Image: invalid input is rejected before a request is sent', () => {
  const update = (changes: unknown) => (client: DOApi) => client.image(5).update(changes as Json);
  rejectsWrongInput([
    ['update() without a change', update({}), TypeError, 'changes'],
    ['update() of nothing', update({ name: undefined }), TypeError, 'changes'],
    ['update() without an argument', update(undefined), TypeError, 'changes'],
    ['update() with null', update(null), TypeError, 'changes'],
    ['update() with a name only', update('renamed'), TypeError, 'changes'],
    ['update() to an empty name', update({ name: '' }), TypeError, 'name'],
    ['update() to a blank name', update({ name: '  ' }), TypeError, 'name'],
    ['update() to a number as name', update({ name: 5 }), TypeError, 'name'],
    ['update() to null as name', update({ name: null }), TypeError, 'name'],
    ['update() to an empty distribution', update({ distribution: '' }), TypeError, 'distribution'],
    ['update() to a number as description', update({ description: 5 }), TypeError, 'description'],
    ...eachWrong('transfer()', 'region', NO_SLUGS, (client, bad) => client.image(5).transfer(bad)),
    ...eachWrong('tag()', 'name', NO_TAGS, (client, bad) => client.image(5).tag(bad)),
    ...eachWrong('untag()', 'name', NO_TAGS, (client, bad) => client.image(5).untag(bad)),
  ]);
});
