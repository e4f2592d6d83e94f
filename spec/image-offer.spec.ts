import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { type DOApi, ImageOffer, NotFoundError, UnknownOutcomeError } from '../lib';
import { type ImageSeed, Sandbox, type SandboxOptions } from '../lib/sandbox';
import {
  eachWrong,
  NO_IDS,
  rejectsWrongInput,
  throwsWrongInput,
  wrongTypes,
} from './support/behaves-like-strict-input';
import { imageJson, MemoryServer, rejection, TOKEN } from './support/builders';

const BOB = { email: 'bob@example.com' };
const image: ImageSeed = { id: 5, name: 'golden', type: 'snapshot' };

function accounts(options: SandboxOptions = {}): { sandbox: Sandbox; bob: Sandbox } {
  const sandbox = new Sandbox({ images: [image], droplets: 0, ...options });
  return { sandbox, bob: sandbox.account('bob') };
}

async function teamOf(api: DOApi): Promise<string> {
  const { account } = (await api.request('/v2/account')) as { account: { team: { uuid: string } } };
  return account.team.uuid;
}

describe('image.offerTo', () => {
  it('offers the image; accepted, it has moved: it is no copy', async () => {
    const { sandbox, bob } = accounts();
    const golden = await sandbox.api().fetchImage(5);
    const offer = await golden.offerTo(BOB);
    expect(offer).toBeInstanceOf(ImageOffer);
    expect(Object.keys(offer)).toEqual(['id', 'image', 'accepted']);
    expect([offer.id, offer.accepted]).toEqual([expect.any(Number), false]);
    expect(offer.image).toBe(golden);
    expect((await golden.fetch()).id).toBe(5);

    const uuid = await teamOf(bob.api());
    const received = bob.api().imageOffer(5, offer.id);
    expect([received.id, received.image.id, received.accepted]).toEqual([offer.id, 5, false]);
    await received.accept({ uuid });
    expect((await received.image.fetch()).name).toBe('golden');
    expect(await rejection(golden.fetch())).toBeInstanceOf(NotFoundError);
  });

  it('sends the recipient, and nothing else', async () => {
    const { sandbox, bob } = accounts();
    const uuid = await teamOf(bob.api());
    const api = sandbox.api();
    const first = await api.image(5).offerTo({ uuid });
    await first.cancel();
    await api.image(5).offerTo({ ...BOB, uuid: undefined });
    expect(sandbox.requests.map(({ path, body }) => [path, body])).toEqual([
      ['/v2/images/5/account_transfer', { recipient_uuid: uuid }],
      ['/v2/images/5/account_transfer/cancel', { transfer_id: first.id }],
      ['/v2/images/5/account_transfer', { recipient_email: 'bob@example.com' }],
    ]);
  });

  it('may be accepted at once: the API says so by the id 0', async () => {
    const team = await teamOf(accounts().bob.api());
    const { sandbox, bob } = accounts({ teams: [team] });
    const offer = await sandbox.api().image(5).offerTo({ uuid: team });
    expect([offer.id, offer.accepted]).toEqual([0, true]);
    expect([sandbox.images.length, bob.images.length]).toEqual([0, 1]);
    sandbox.clearRequests();
    for (const end of [() => offer.cancel(), () => offer.decline(), () => offer.accept({ uuid: team })])
      expect(await rejection(end())).toMatchObject({
        name: 'TypeError',
        message: expect.stringMatching(
          /^(cancel|decline|accept): the offer was accepted at once, so that it has ended$/,
        ),
      });
    expect(sandbox.requests).toEqual([]);
  });

  it.each<[ImageSeed, string]>([
    [
      { type: 'backup' },
      'offerTo: image 5 (golden) is of type backup, and only snapshots of the account can be offered; convert() makes one of a backup',
    ],
    [
      { type: 'custom' },
      'offerTo: image 5 (golden) is of type custom, and only snapshots of the account can be offered',
    ],
    [
      { slug: 'ubuntu-24-04-x64', type: 'base' },
      'offerTo: image 5 (golden) is public, and only snapshots of the account can be offered',
    ],
    [
      { slug: 'wordpress', type: 'snapshot' },
      'offerTo: image 5 (golden) is public, and only snapshots of the account can be offered',
    ],
  ])('refuses what is known to be no snapshot, before a request: %j', async (changes, message) => {
    const { sandbox } = accounts({ images: [{ ...image, ...changes }] });
    const known = await sandbox.api().fetchImage(5);
    sandbox.clearRequests();
    expect(await rejection(known.offerTo(BOB))).toMatchObject({ name: 'TypeError', message });
    expect(sandbox.requests).toEqual([]);
  });

  it('leaves it to the API where the type is not known', async () => {
    const { sandbox } = accounts({ images: [{ ...image, type: 'backup' }] });
    expect(await rejection(sandbox.api().image(5).offerTo(BOB))).toMatchObject({ status: 400 });
  });

  it.each([{}, { transfer_id: '5' }, { transfer_id: -1 }, { transfer_id: null }, []])(
    'takes an answer without an id for a lost one: %j',
    async (body) => {
      const api = new MemoryServer(() => ({ status: 201, body })).api();
      const error = await rejection(api.image(5).offerTo(BOB));
      expect(error).toBeInstanceOf(UnknownOutcomeError);
      expect(error).toMatchObject({ status: 201, mayHaveExecuted: true, canReconcile: false });
      expect(String(error)).toContain('transfer_id: expected an id, or 0');
    },
  );

  it('names the scopes of each side', async () => {
    const server = new MemoryServer(() => ({ status: 403, body: { id: 'forbidden', message: 'no' } }));
    const offer = server.api().imageOffer(5, 7);
    const errors: unknown[] = [];
    for (const call of [
      server.api().image(5).offerTo(BOB),
      offer.cancel(),
      offer.decline(),
      offer.accept({ uuid: 'a' }),
    ])
      errors.push(await rejection(call));
    const needed = ['image:update', 'image:update', 'image:create', 'image:create'];
    expect(errors).toMatchObject(needed.map((scope) => ({ scope })));
  });
});

describe('an offer', () => {
  it('can be cancelled by its sender, and accepted no more', async () => {
    const { sandbox, bob } = accounts();
    const offer = await sandbox.api().image(5).offerTo(BOB);
    await offer.cancel();
    const received = bob.api().imageOffer(5, offer.id);
    expect(await rejection(received.accept({ uuid: await teamOf(bob.api()) }))).toBeInstanceOf(NotFoundError);
    expect(await rejection(offer.cancel())).toBeInstanceOf(NotFoundError);
    expect(sandbox.images).toHaveLength(1);
  });

  it('can be declined by its recipient', async () => {
    const { sandbox, bob } = accounts();
    const { id } = await sandbox.api().image(5).offerTo(BOB);
    await bob.api().imageOffer(5, id).decline();
    expect(await rejection(bob.api().imageOffer(5, id).decline())).toBeInstanceOf(NotFoundError);
    expect([sandbox.images.length, bob.images.length]).toEqual([1, 0]);
  });

  it('is made without a request on the side of the recipient', () => {
    const { bob } = accounts();
    bob.api().imageOffer(5, 7);
    expect(bob.requests).toEqual([]);
  });

  it('shows neither its manager nor the token', async () => {
    const api = new MemoryServer(() => ({ status: 201, body: { transfer_id: 7 } })).api();
    const offer = await api.image(imageJson({ id: 5 })).offerTo(BOB);
    for (const view of [
      inspect(offer, { depth: null, showHidden: true, getters: false }),
      JSON.stringify(offer),
    ]) {
      expect(view).not.toContain(TOKEN);
      expect(view).not.toMatch(/DOApi|requester/);
    }
    expect(JSON.parse(JSON.stringify(offer))).toMatchObject({ id: 7, accepted: false, image: { id: 5 } });
  });
});

describe('a lost answer about an offer', () => {
  it.each<[string, (api: DOApi) => Promise<unknown>]>([
    ['offerTo', (api) => api.image(5).offerTo(BOB)],
    ['cancel', (api) => api.imageOffer(5, 7).cancel()],
    ['accept', (api) => api.imageOffer(5, 7).accept({ uuid: 'a' })],
    ['decline', (api) => api.imageOffer(5, 7).decline()],
  ])(
    'is an unknown outcome, sent once; no search is promised, since there is none: %s',
    async (_verb, call) => {
      const server = new MemoryServer(() => new Error('socket hang up'));
      const error = (await rejection(call(server.api()))) as UnknownOutcomeError;
      expect(error).toBeInstanceOf(UnknownOutcomeError);
      expect(error).toMatchObject({ mayHaveExecuted: true, canReconcile: false });
      expect(error.message).toContain('check before you send it again');
      expect(error.message).not.toMatch(/reconcile/);
      expect(String(await rejection(error.reconcile()))).toContain('one about an offer, so only you know');
      expect(server.requests).toHaveLength(1);
    },
  );
});

const NO_MAILS = wrongTypes('', 'bob', 'bob@', '@example.com', 'a b@example.com', 5, null);
const NO_UUIDS = wrongTypes('', 'a b', '../x', 5, null);

describe('an invalid argument', () => {
  rejectsWrongInput([
    ...eachWrong(
      'offerTo()',
      'recipient',
      wrongTypes(null, undefined, 'bob@example.com', 5, {}),
      (api, bad) => api.image(5).offerTo(bad),
    ),
    ...eachWrong('offerTo()', 'recipient', wrongTypes({ ...BOB, uuid: 'a' }), (api, bad) =>
      api.image(5).offerTo(bad),
    ),
    ...eachWrong('offerTo()', 'recipient.email', NO_MAILS, (api, bad) =>
      api.image(5).offerTo({ email: bad }),
    ),
    ...eachWrong('offerTo()', 'recipient.uuid', NO_UUIDS, (api, bad) => api.image(5).offerTo({ uuid: bad })),
    ...eachWrong('accept()', 'recipient.uuid', [...NO_UUIDS, ...wrongTypes(undefined)], (api, bad) =>
      api.imageOffer(5, 7).accept({ uuid: bad }),
    ),
    ...eachWrong('accept()', 'recipient', wrongTypes(null, undefined, 'a'), (api, bad) =>
      api.imageOffer(5, 7).accept(bad),
    ),
  ]);
  throwsWrongInput([
    ...eachWrong('imageOffer()', 'imageId', NO_IDS, (api, bad) => api.imageOffer(bad, 7)),
    ...eachWrong('imageOffer()', 'offerId', NO_IDS, (api, bad) => api.imageOffer(5, bad)),
  ]);
});
