import { describe, expect, it } from '@jest/globals';
import { type DOApi, UnexpectedResponseError, UnknownOutcomeError, WaitTimeoutError } from '../../lib';
import {
  actionJson,
  imageJson,
  type Json,
  MemoryServer,
  pageJson,
  publicImageJson,
  rejection,
} from '../support/builders';

/** A manager whose server answers every request with this body. */
function answering(body: Json): DOApi {
  return new MemoryServer(() => ({ body })).api();
}

const action = (changes: Json): Json => actionJson({ resource_id: 5, ...changes });
const known = { id: 7, status: 'in-progress', resource_id: 5, resource_type: 'image' };

type Case = [what: string, answer: Json, call: (api: DOApi) => Promise<unknown>, problem: string];

const OTHER_IMAGE = { image: imageJson({ id: 6 }) };
const OTHER_SLUG = { image: publicImageJson({ slug: 'debian-12-x64' }) };
const OTHER_ACTION = { action: action({ id: 8 }) };
const OTHER_RESOURCE = { action: action({ id: 7, resource_id: 6 }) };

const ID_5 = 'image.id: expected 5, as asked for, got 6';
const ID_7 = 'action.id: expected 7, as asked for, got 8';
const OF_5 = 'action.resource_id: expected 5, as asked for, got 6';

describe('an answer about something else than was asked for is an UnexpectedResponseError', () => {
  const cases: Case[] = [
    ['image.fetch()', OTHER_IMAGE, (api) => api.image(5).fetch(), ID_5],
    ['image.update()', OTHER_IMAGE, (api) => api.image(5).update({ name: 'new' }), ID_5],
    ['fetchImage() of an id', OTHER_IMAGE, (api) => api.fetchImage(5), ID_5],
    ['fetchImage() of an id as text', OTHER_IMAGE, (api) => api.fetchImage('5'), ID_5],
    ['fetchImage() of an Image', OTHER_IMAGE, (api) => api.fetchImage(api.image(5)), ID_5],
    [
      'fetchImage() of a slug',
      OTHER_SLUG,
      (api) => api.fetchImage('ubuntu-24-04-x64'),
      'image.slug: expected ubuntu-24-04-x64, as asked for, got "debian-12-x64"',
    ],
    [
      'fetchImageBySlug(), of an image without a slug',
      { image: imageJson({ slug: null }) },
      (api) => api.fetchImageBySlug('ubuntu-24-04-x64'),
      'image.slug: expected ubuntu-24-04-x64, as asked for, got null',
    ],
    ['fetchAction()', OTHER_ACTION, (api) => api.fetchAction(7), ID_7],
    ['action.fetch()', OTHER_ACTION, (api) => api.action(7).fetch(), ID_7],
    ['action.fetch(), of another image', OTHER_RESOURCE, (api) => api.action(known).fetch(), OF_5],
    ['image.fetchAction()', OTHER_ACTION, (api) => api.image(5).fetchAction(7), ID_7],
    ['image.fetchAction(), of another image', OTHER_RESOURCE, (api) => api.image(5).fetchAction(7), OF_5],
    ['action.fetchResource()', OTHER_IMAGE, (api) => api.action(known).fetchResource(), ID_5],
    [
      'image.fetchAllActions()',
      { actions: [action({ id: 1 }), action({ id: 2, resource_id: 6 })] },
      (api) => api.image(5).fetchAllActions().toArray(),
      'actions[1] (id 2).resource_id: expected 5, as asked for, got 6',
    ],
    [
      'image.fetchLastAction()',
      { actions: [action({ id: 2, resource_id: 6 })] },
      (api) => api.image(5).fetchLastAction(),
      'actions[0] (id 2).resource_id: expected 5, as asked for, got 6',
    ],
  ];
  it.each(cases)('%s', async (_what, answer, call, problem) => {
    const error = await rejection(call(answering(answer)));
    expect(error).toBeInstanceOf(UnexpectedResponseError);
    expect(error).toMatchObject({ problem });
  });
});

describe('an answer to a POST about something else is an UnknownOutcomeError', () => {
  it.each<[string, (api: DOApi) => Promise<unknown>]>([
    ['transfer()', (api) => api.image(5).transfer('nyc3')],
    ['convert()', (api) => api.image(5).convert()],
    ['act()', (api) => api.image(5).act({ type: 'rename' })],
  ])('%s', async (_what, call) => {
    const error = await rejection(call(answering(OTHER_RESOURCE)));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(error).toMatchObject({ mayHaveExecuted: true, canReconcile: true });
    expect((error as Error).message).toContain(OF_5);
  });

  const toSfo3 = (api: DOApi): Promise<unknown> => api.image(5).transfer('sfo3');
  const converted = (api: DOApi): Promise<unknown> => api.image(5).convert();

  it.each<[string, (api: DOApi) => Promise<unknown>, Json, string]>([
    ['a transfer by a convert', toSfo3, { type: 'convert' }, 'action.type: expected transfer, as asked for'],
    ['a convert by a transfer', converted, {}, 'action.type: expected convert, as asked for'],
    ['a transfer by one to another region', toSfo3, {}, 'action.region_slug: expected sfo3, as asked for'],
    [
      'a transfer by one to another region, as an object only',
      toSfo3,
      { region_slug: null, region: { slug: 'nyc1', name: 'New York 1' } },
      'action.region_slug: expected sfo3, as asked for, got "nyc1"',
    ],
    [
      'a transfer of act()',
      (api) => api.image(5).act({ type: 'transfer', region: 'sfo3' }),
      {},
      'action.region_slug: expected sfo3, as asked for',
    ],
  ])('%s', async (_what, call, changes, problem) => {
    const error = await rejection(call(answering({ action: action({ id: 7, ...changes }) })));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(error).toMatchObject({ mayHaveExecuted: true, canReconcile: true });
    expect((error as Error).message).toContain(problem);
  });

  it.each<[string, (api: DOApi) => Promise<unknown>, Json]>([
    ['a transfer without type and region', toSfo3, { type: null, region_slug: null, region: null }],
    ['a transfer to a region in other case', toSfo3, { region_slug: 'SFO3' }],
    ['a convert under its older name', converted, { type: 'convert_to_snapshot' }],
    ['a convert in a region', converted, { type: 'convert', region_slug: 'nyc1' }],
    ['an action of another type', (api) => api.image(5).act({ type: 'shutdown' }), { type: 'power_off' }],
  ])('but not %s', async (_what, call, changes) => {
    expect(await call(answering({ action: action({ id: 7, ...changes }) }))).toMatchObject({ id: 7 });
  });
});

describe('an answer that leaves out what is not required', () => {
  it.each<[string, Json, (api: DOApi) => Promise<unknown>]>([
    ['the resource of an action', { action: { id: 7 } }, (api) => api.image(5).fetchAction(7)],
    [
      'the resource of a new action',
      { action: { id: 7, resource_id: null } },
      (api) => api.image(5).convert(),
    ],
    ['the resource of a known action', { action: { id: 7 } }, (api) => api.action(known).fetch()],
  ])('is accepted: %s', async (_what, answer, call) => {
    expect(await call(answering(answer))).toMatchObject({ id: 7 });
  });

  it('is accepted: the case of a slug', async () => {
    const image = await answering({ image: publicImageJson({ slug: 'ubuntu-24-04-x64' }) }).fetchImage(
      'Ubuntu-24-04-X64',
    );
    expect(image.slug).toBe('ubuntu-24-04-x64');
  });
});

describe('a wait', () => {
  const ENDED = { status: 'completed' };

  it.each<[string, (api: DOApi) => Promise<unknown>, Json]>([
    ['action.wait()', (api) => api.action(7).wait(), { action: action({ id: 8, ...ENDED }) }],
    [
      'action.wait(), of another image',
      (api) => api.action(known).wait(),
      { action: action({ id: 7, resource_id: 6, ...ENDED }) },
    ],
    [
      'image.waitUntilAvailable()',
      (api) => api.image(5).waitUntilAvailable(),
      { image: imageJson({ id: 6, status: 'available' }) },
    ],
  ])('takes no answer about something else for its own: %s', async (_what, wait, one) => {
    const server = new MemoryServer((request) => ({
      body: { ...one, ...pageJson('actions', [], request), images: [], meta: { total: 0 } },
    }));
    const error = await rejection(wait(server.api({ waitTime: 60_000 })));
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect((error as Error).cause).toBeInstanceOf(UnexpectedResponseError);
  });

  it('ignores other items of a list, and ends with its own', async () => {
    const others = [8, 9].map((id) => action({ id, resource_id: 6, ...ENDED }));
    const server = new MemoryServer((request, nth) => {
      const own = action({ id: 7, ...(nth > 3 ? ENDED : {}) });
      return request.path === '/v2/actions'
        ? { body: pageJson('actions', [...others, own], request) }
        : { body: { action: own } };
    });
    const ended = await server.api().action(7).wait();
    expect(ended).toMatchObject({ id: 7, ...ENDED });
  });

  it('does not use a list of its image that has actions of another one', async () => {
    const denied = {
      status: 403,
      body: { id: 'forbidden', message: 'You are not authorized to perform this operation' },
    };
    const server = new MemoryServer((request) => {
      if (request.path.startsWith('/v2/actions')) return denied;
      return request.path.endsWith('/7')
        ? { body: { action: action({ id: 7, ...ENDED }) } }
        : { body: pageJson('actions', [action({ id: 7, resource_id: 6, status: 'errored' })], request) };
    });
    expect(await server.api().action(known).wait()).toMatchObject({ id: 7, resourceId: 5, ...ENDED });
  });
});
