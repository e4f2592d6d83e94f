import { describe, expect, it } from '@jest/globals';
import {
  type DOApi,
  type Droplet,
  type DOApiOptions,
  type Image,
  LookupError,
  ReadOnlyError,
  type Snapshot,
} from '../lib';
import type { Requester } from '../lib/model/requester';
import { Evaluation } from '../lib/repl/session/evaluation';
import { createScope } from '../lib/repl/session/scope';
import { wrapRequester } from '../lib/repl/session/session-client';
import { Sandbox } from '../lib/sandbox';
import { EVERY_CALL } from './support/behaves-like-a-call';
import { Census } from './support/census';
import { exportsOf, programOf, sourcesUnder } from './support/modules';

type Door = (api: DOApi) => Promise<unknown>;

const SETTINGS = { size: 's-1vcpu-1gb', region: 'nyc3', image: 'debian-13-x64' };

/** The first Droplet, with all its fields. */
const droplet = async (api: DOApi): Promise<Droplet> => {
  const first = await api.fetchAllDroplets().first();
  if (!first) throw new Error('The sandbox has no Droplet.');
  return first;
};
const snapshot = async (api: DOApi): Promise<Snapshot> => {
  const first = await api.fetchAllSnapshots().first();
  if (!first) throw new Error('The sandbox has no snapshot.');
  return first;
};

/** That nothing is found is no failure of the call. */
const unlessLookup = (error: unknown): void => {
  if (!(error instanceof LookupError)) throw error;
};
const aSnapshotImage = (api: DOApi): Promise<Image> => api.findImage({ type: 'snapshot' });

/** Calls whose options are others than those of EVERY_CALL. */
const MORE_CALLS: [name: string, call: Door][] = [
  ['api.request, POST', (api) => api.request('/v2/tags', { method: 'POST', body: { name: 'a' } })],
  ['api.request, PUT', (api) => api.request('/v2/images/5', { method: 'PUT', body: { name: 'a' } })],
  ['api.request, PATCH', (api) => api.request('/v2/account', { method: 'PATCH' })],
  ['api.request, DELETE', (api) => api.request('/v2/images/5', { method: 'DELETE', retries: 0 })],
  ['api.request, HEAD', (api) => api.request('/v2/account', { method: 'HEAD' })],
  ['api.createDroplet, waiting', (api) => api.createDroplet({ ...SETTINGS, name: 'web', wait: true })],
  [
    'api.createDroplets, in several requests',
    (api) => api.createDroplets({ ...SETTINGS, names: Array.from({ length: 25 }, (_, n) => `web-${n}`) }),
  ],
  ['api.planPrune', (api) => api.planPrune({ keep: 1 })],
  ['plan.apply', async (api) => (await api.planPrune({ keep: 1 })).apply()],
  ['plan.apply, of a saved plan', async (api) => api.prunePlan(await savedPlan()).apply()],
  ['image.replicate, to several regions', (api) => api.image(5).replicate(['ams3', 'sgp1'])],
  ['image.act, waiting', (api) => api.image(5).act({ type: 'convert' }, { wait: true })],
  ['droplet.act', (api) => api.droplet(3164444).act({ type: 'anything' })],
  ['droplet.takeSnapshot', async (api) => (await droplet(api)).takeSnapshot()],
  ['droplet.takeSnapshot, off', async (api) => (await droplet(api)).takeSnapshot({ powerOff: true })],
  [
    'droplet.takeSnapshot, reused',
    async (api) => (await droplet(api)).takeSnapshot({ name: 'a', reuse: true }),
  ],
  ['droplet.untag', async (api) => (await droplet(api)).untag('prod')],
  ['droplet.waitForAction', async (api) => (await droplet(api)).waitForAction()],
  ['droplet.waitUntilOff', async (api) => (await droplet(api)).waitUntilOff({ timeout: 0 })],
  ['droplet.fetchAllActions', async (api) => (await droplet(api)).fetchAllActions().toArray()],
  ['droplet.fetchAction', async (api) => (await droplet(api)).fetchAction(5)],
  ['droplet.fetchLastAction', async (api) => (await droplet(api)).fetchLastAction()],
  ['droplet.fetchCurrentAction', async (api) => (await droplet(api)).fetchCurrentAction()],
  ['snapshot.fetch', async (api) => (await snapshot(api)).fetch()],
  ['snapshot.delete', async (api) => (await snapshot(api)).delete()],
  ['api.findImages', (api) => api.findImages({ name: /a/ })],
  ['api.findImage', (api) => api.findImage({ droplet: 3164444 }).catch(unlessLookup)],
  ['api.fetchImageByName', (api) => api.fetchImageByName('none').catch(unlessLookup)],
  [
    'image.createDroplet, in its region',
    async (api) =>
      (await aSnapshotImage(api)).createDroplet({ name: 'web', size: 's-1vcpu-1gb', region: 'nyc1' }),
  ],
  ['offer.accept', (api) => api.imageOffer(5, 7).accept({ uuid: 'a-team' })],
  ['offer.decline', (api) => api.imageOffer(5, 7).decline()],
  ['offer.cancel', (api) => api.imageOffer(5, 7).cancel()],
  ['image.offerTo', async (api) => (await aSnapshotImage(api)).offerTo({ email: 'a@example.com' })],
  ['listing.newest', (api) => api.fetchAllImages().newest()],
  [
    'listing.filter',
    (api) =>
      api
        .fetchAllImages()
        .filter(() => true)
        .toArray(),
  ],
  ['listing.take', (api) => api.fetchAllImages().take(3).toArray()],
  ['listing.pages', (api) => api.fetchAllImages().pages().next()],
  ['listing.toArray', (api) => api.fetchAllImages().toArray()],
  ['listing.first', (api) => api.fetchAllImages().first()],
  ['listing.find', (api) => api.fetchAllImages().find(() => false)],
  ['listing.page', (api) => api.fetchAllImages().page(1)],
  ['listing.total', (api) => api.fetchAllImages().total()],
  ['api.close', (api) => api.close()],
];

const CALLS: readonly [name: string, call: Door][] = [
  // Its region is refused before a request; there is a case of its own.
  ...EVERY_CALL.filter(([name]) => name !== 'image.createDroplet').map(([name, send]): [string, Door] => [
    name,
    (api) => send(api),
  ]),
  ...MORE_CALLS,
];

/** The accounts of all cases are equal. */
const SEEDS = {
  images: [5, 6, 7938269, 67512819].map((id, index) => ({
    ...{ id, name: `golden-${index}`, type: 'snapshot', regions: ['nyc1'] },
    created_at: `2025-11-0${index + 1}T03:00:00Z`,
  })),
};

const savedPlan = async (): Promise<object> =>
  (await new Sandbox(SEEDS).api().planPrune({ keep: 1 })).toJSON();

/** The calls that change nothing; every other one does, without `readOnly`. */
const READING = /^listing\.|\.(?:fetch|find|wait|paginate|close|planPrune)|^api\.request$|, HEAD$/;

/** What a call ends with, and the requests that it has sent other than GET and HEAD. */
async function run(sandbox: Sandbox, call: Door, options: DOApiOptions = {}) {
  const ended: unknown = await call(sandbox.api(options)).then(
    () => null,
    (error: unknown) => error,
  );
  const changes = sandbox.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  return { ended, changes };
}

describe.each(CALLS)('%s', (name, call) => {
  it('sends nothing but GET and HEAD with readOnly, and rejects if it would', async () => {
    const usual = await run(new Sandbox(SEEDS), call);
    expect(usual.changes.length > 0).toBe(!READING.test(name));
    const { ended, changes } = await run(new Sandbox(SEEDS), call, { readOnly: true });
    expect(changes).toEqual([]);
    expect(ended instanceof ReadOnlyError).toBe(usual.changes.length > 0);
  });

  it('does so in a session that is read-only, without a question', async () => {
    const usual = await run(new Sandbox(SEEDS), call);
    const questions: unknown[] = [];
    const wrap = (requester: Requester): Requester =>
      wrapRequester(requester, {
        evaluation: new Evaluation(),
        isReadOnly: () => true,
        beforeChange: (change) => Promise.resolve(void questions.push(change)),
        onResult: () => undefined,
        onFailure: () => undefined,
        onWait: () => ({ update: () => undefined, end: () => undefined }),
        onLateError: () => undefined,
      });
    const scope = createScope({ token: 'dop_v1_one', from: '' }, wrap);
    const { Sandbox: SessionSandbox } = scope.values as { Sandbox: typeof Sandbox };
    const { ended, changes } = await run(new SessionSandbox(SEEDS), call);
    expect(changes).toEqual([]);
    expect(questions).toEqual([]);
    expect(ended instanceof ReadOnlyError).toBe(usual.changes.length > 0);
  });
});

describe('the calls of this file', () => {
  const program = programOf(sourcesUnder('lib'));
  const checker = program.getTypeChecker();
  const census = new Census(checker, []);
  const exported = exportsOf(program, 'lib/index.ts');

  /** The public methods of a class that may send something: what they return is a promise, or is read later. */
  const senders = (className: string): string[] => {
    const symbol = exported.find(({ name }) => name === className);
    if (!symbol) throw new Error(`${className} is not exported`);
    const type = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol));
    const isSender = (name: string): boolean => {
      const member = type.getProperty(name);
      const signatures = member ? checker.getTypeOfSymbol(member).getCallSignatures() : [];
      const returned = signatures.map((one) => checker.typeToString(one.getReturnType()));
      return returned.some((text) => /^(?:Promise|AsyncGenerator|Listing)</.test(text));
    };
    return census.membersOf(type).filter(isSender);
  };

  it.each([
    ['api', 'DOApi', ['fetchImage', 'request', 'paginate', 'waitActions', 'planPrune']],
    ['image', 'Image', ['transfer', 'replicate', 'fetchAllActions', 'tag']],
    ['action', 'Action', ['wait', 'fetchResource']],
    ['droplet', 'Droplet', ['takeSnapshot', 'powerOn', 'waitUntilActive', 'untag']],
    ['snapshot', 'Snapshot', ['fetch', 'delete']],
    ['listing', 'Listing', ['pages', 'toArray', 'total']],
    ['plan', 'PrunePlan', ['apply']],
    ['offer', 'ImageOffer', ['accept', 'decline', 'cancel']],
  ])('are all that %s has', (prefix, className, some) => {
    const called = new Set(CALLS.map(([name]) => /^\w+\.\w+/.exec(name)?.[0]));
    const methods = senders(className);
    expect(methods).toEqual(expect.arrayContaining(some));
    expect(methods.filter((name) => !called.has(`${prefix}.${name}`))).toEqual([]);
  });
});
