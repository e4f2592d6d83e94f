import { describe, expect, it } from '@jest/globals';
import type { DOApi } from '../../lib';
import { Sandbox, type SandboxOptions } from '../../lib/sandbox';
import { rejection } from '../support/rejection';
import { send } from './support';

const OFFER = 'POST /v2/images/5/account_transfer';

/** A sandbox with a snapshot, and another account. */
function two(options: SandboxOptions = {}): { sandbox: Sandbox; bob: Sandbox } {
  const images = [
    { id: 5, name: 'golden', tags: ['prod'] },
    { id: 6, slug: 'debian-13-x64', distribution: 'Debian' },
  ];
  const sandbox = new Sandbox({ images, droplets: 1, ...options });
  return { sandbox, bob: sandbox.account('bob') };
}

interface Account {
  email: string;
  uuid: string;
  team: { uuid: string };
}
const accountOf = async (api: DOApi): Promise<Account> =>
  ((await api.request('/v2/account')) as { account: Account }).account;

async function offered(sandbox: Sandbox, to: object): Promise<number> {
  const { status, body } = await send(sandbox, OFFER, to);
  expect(status).toBe(201);
  return body.transfer_id as number;
}

describe('sandbox.account', () => {
  it('is another account: the same one for the same name, of the sandbox and of each other account', () => {
    const { sandbox, bob } = two();
    expect(bob).toBeInstanceOf(Sandbox);
    expect(bob).not.toBe(sandbox);
    expect(sandbox.account('bob')).toBe(bob);
    expect(sandbox.account('eve')).not.toBe(bob);
    expect(bob.account('eve')).toBe(sandbox.account('eve'));
  });

  it('has images, Droplets, actions and requests of its own; public images and regions are the same', async () => {
    const { sandbox, bob } = two();
    expect(bob.images.map(({ id }) => id)).toEqual([6]);
    expect([bob.droplets, bob.actions]).toEqual([[], []]);
    const own = bob.addImage({ name: 'own' });
    const api = bob.api();
    expect((await api.findImages()).map(({ name }) => name)).toEqual(['own']);
    expect(await rejection(api.fetchImage(5))).toMatchObject({ status: 404 });
    expect((await api.fetchImage('debian-13-x64')).id).toBe(6);
    await api.image(own.id).transfer('fra1', { wait: true });
    expect([bob.actions.length, sandbox.actions.length]).toEqual([1, 0]);
    expect(sandbox.requests).toEqual([]);
    expect(await api.fetchAllRegions().toArray()).toEqual(await sandbox.api().fetchAllRegions().toArray());
  });

  it('never has an id that another account has', async () => {
    const { sandbox, bob } = two();
    const made = [sandbox, bob, sandbox, bob].map((account) => account.addImage().id);
    expect(new Set(made).size).toBe(4);
    const droplet = { name: 'web', region: 'nyc1', size: 's-1vcpu-1gb', image: 6 };
    const droplets = [await sandbox.api().createDroplet(droplet), await bob.api().createDroplet(droplet)];
    expect(droplets[0]?.id).not.toBe(droplets[1]?.id);
  });

  it('has a token, an e-mail address and UUIDs of its own, the same in every sandbox', async () => {
    const [one, other] = [two(), two()];
    const account = await accountOf(one.bob.api());
    expect(account).toEqual(await accountOf(other.bob.api()));
    expect(one.bob.token).toBe(other.bob.token);
    expect(account.email).toBe('bob@example.com');
    const [owner, eve] = [await accountOf(one.sandbox.api()), await accountOf(one.bob.account('eve').api())];
    expect(new Set([account, owner, eve].flatMap(({ uuid, team }) => [uuid, team.uuid])).size).toBe(6);
    expect(new Set([one.sandbox, one.bob, one.bob.account('eve')].map(({ token }) => token)).size).toBe(3);
  });

  it('is chosen by the token, in process and over HTTP', async () => {
    const { sandbox, bob } = two();
    expect((await accountOf(sandbox.api({ token: bob.token }))).email).toBe('bob@example.com');
    expect((await accountOf(bob.api({ token: sandbox.token }))).email).toBe('sammy@example.com');
    const { url, close } = await sandbox.listen();
    const get = async (token: string): Promise<number> => {
      const response = await fetch(`${url}/v2/images/5`, { headers: { authorization: `Bearer ${token}` } });
      return response.status;
    };
    expect([await get(sandbox.token), await get(bob.token), await get('unknown')]).toEqual([200, 404, 401]);
    await close();
  });

  it('has the clock of the sandbox: its actions end, whichever of them moves it', async () => {
    const { sandbox, bob } = two({ clock: 'manual', actionTime: 60_000 });
    await bob.api().image(bob.addImage().id).transfer('fra1');
    await sandbox.advance(60_000);
    expect(bob.actions[0]).toMatchObject({ status: 'completed', completed_at: '2026-01-01T00:01:00Z' });
    expect(bob.clock.now()).toBe(60_000);
    await sandbox.api().image(5).transfer('fra1');
    await bob.settle();
    expect(sandbox.actions[0]?.status).toBe('completed');
  });

  it('has faults of its own, and a quota', async () => {
    const { sandbox, bob } = two({ rateLimit: { perMinute: 2 } });
    bob.fail({ with: 'status', status: 500 });
    expect((await send(bob, 'GET /v2/account')).status).toBe(500);
    expect((await send(sandbox, 'GET /v2/account')).status).toBe(200);
    bob.heal();
    expect((await send(bob, 'GET /v2/account')).status).toBe(200);
    expect((await send(bob, 'GET /v2/account')).status).toBe(429);
    expect((await send(sandbox, 'GET /v2/account')).status).toBe(200);
  });

  it('is part of a snapshot', async () => {
    const { sandbox, bob } = two();
    bob.addImage({ name: 'own' });
    const transfer_id = await offered(sandbox, { recipient_email: 'bob@example.com' });
    const from = JSON.parse(JSON.stringify(sandbox.snapshot())) as ReturnType<Sandbox['snapshot']>;
    const copy = new Sandbox({ from });
    expect(copy.snapshot()).toEqual(from);
    const team = await accountOf(copy.account('bob').api());
    const body = { transfer_id, recipient_uuid: team.uuid };
    expect((await send(copy.account('bob'), `${OFFER}/accept`, body)).status).toBe(201);
    expect(copy.account('bob').images.map(({ name }) => name)).toEqual([expect.any(String), 'own', 'golden']);
    expect(copy.addImage().id).not.toBe(copy.account('bob').addImage().id);
    expect(new Sandbox({ images: 1 }).snapshot()).not.toHaveProperty('accounts');
  });

  it.each(['', 'a b', 'a@b', 'a'.repeat(61), 5, null, undefined])('refuses the name %p', (name) => {
    expect(() => new Sandbox({ images: 0 }).account(name as string)).toThrow(
      /^name: expected a name of 1 to 60/,
    );
  });
});

describe('an image that moves to another account', () => {
  it.each<[string, (account: Account) => { recipient_email?: string; recipient_uuid?: string }]>([
    ['e-mail address', ({ email }) => ({ recipient_email: email })],
    ['UUID', ({ uuid }) => ({ recipient_uuid: uuid })],
    ['UUID of its team', ({ team }) => ({ recipient_uuid: team.uuid })],
  ])('is offered by %s; once accepted, it has left the sender', async (_how, to) => {
    const { sandbox, bob } = two();
    const account = await accountOf(bob.api());
    const transfer_id = await offered(sandbox, to(account));
    expect([sandbox.images.length, bob.images.length]).toEqual([2, 1]);
    const { recipient_uuid = account.team.uuid } = to(account);
    const accepted = await send(bob, `${OFFER}/accept`, { transfer_id, recipient_uuid });
    expect(accepted).toMatchObject({ status: 201, body: {} });
    expect(sandbox.images.map(({ id }) => id)).toEqual([6]);
    expect(bob.images.at(-1)).toMatchObject({ id: 5, name: 'golden', tags: [] });
    expect((await send(sandbox, `${OFFER}/cancel`, { transfer_id })).status).toBe(404);
    expect((await send(bob, `${OFFER}/accept`, { transfer_id, recipient_uuid })).status).toBe(404);
  });

  it('can be accepted and declined by its recipient only', async () => {
    const { sandbox, bob } = two();
    const eve = sandbox.account('eve');
    const transfer_id = await offered(sandbox, { recipient_email: 'bob@example.com' });
    for (const other of [sandbox, eve]) {
      const recipient_uuid = (await accountOf(other.api())).team.uuid;
      expect((await send(other, `${OFFER}/accept`, { transfer_id, recipient_uuid })).status).toBe(404);
      expect((await send(other, `${OFFER}/decline`, { transfer_id })).status).toBe(404);
    }
    const { uuid } = await accountOf(eve.api());
    expect((await send(bob, `${OFFER}/accept`, { transfer_id, recipient_uuid: uuid })).status).toBe(404);
    expect((await send(bob, `${OFFER}/cancel`, { transfer_id })).status).toBe(404);
    expect((await send(bob, `${OFFER}/decline`, { transfer_id })).status).toBe(204);
    expect((await send(bob, `${OFFER}/decline`, { transfer_id })).status).toBe(404);
    expect(sandbox.images).toHaveLength(2);
  });

  it('stays where it is when the sender cancels, or deletes it', async () => {
    const { sandbox, bob } = two();
    const recipient_uuid = (await accountOf(bob.api())).uuid;
    const transfer_id = await offered(sandbox, { recipient_uuid });
    expect((await send(sandbox, `${OFFER}/cancel`, { transfer_id })).status).toBe(204);
    expect((await send(bob, `${OFFER}/accept`, { transfer_id, recipient_uuid })).status).toBe(404);
    const second = await offered(sandbox, { recipient_uuid });
    await sandbox.api().image(5).delete();
    const late = await send(bob, `${OFFER}/accept`, { transfer_id: second, recipient_uuid });
    expect([late.status, bob.images.length]).toEqual([404, 1]);
  });

  it('may come back, and is there once', async () => {
    const { sandbox, bob } = two();
    const go = async (from: Sandbox, to: Sandbox): Promise<void> => {
      const recipient_uuid = (await accountOf(to.api())).uuid;
      const transfer_id = await offered(from, { recipient_uuid });
      expect((await send(to, `${OFFER}/accept`, { transfer_id, recipient_uuid })).status).toBe(201);
    };
    await go(sandbox, bob);
    await go(bob, sandbox);
    const other = bob.addImage({ type: 'custom' });
    await go(sandbox, bob);
    // The newest comes last, though it was there before.
    expect([sandbox.images.length, bob.images.map(({ id }) => id)]).toEqual([1, [6, other.id, 5]]);
    const { snapshots } = await send(bob, 'GET /v2/snapshots?resource_type=droplet').then(({ body }) => body);
    expect(snapshots).toHaveLength(1);
  });

  it('moves at once to a team in `teams`, also that of another account', async () => {
    const team = (await accountOf(two().bob.api())).team.uuid;
    const { sandbox, bob } = two({ teams: [team] });
    expect(await offered(sandbox, { recipient_uuid: team })).toBe(0);
    expect([sandbox.images.length, bob.images.length]).toEqual([1, 2]);
  });

  it('is a snapshot of the account: a backup and a public image are refused', async () => {
    const { sandbox } = two({
      images: [
        { id: 5, type: 'backup' },
        { id: 6, slug: 'a' },
      ],
    });
    const to = { recipient_email: 'bob@example.com' };
    expect((await send(sandbox, OFFER, to)).status).toBe(400);
    expect((await send(sandbox, OFFER.replace('5', '6'), to)).status).toBe(403);
  });
});
