import { describe, expect, it } from '@jest/globals';
import { Sandbox } from '../../../lib/sandbox';
import { send, withOneImage } from '../support';

const url = 'POST /v2/images/5/account_transfer';
const theirs = '4f6c71e2-1e90-4762-9fee-6cc4a0a9f2cf';

async function offer(
  sandbox: Sandbox,
  to: object = { recipient_email: 'alice@example.com' },
): Promise<number> {
  const { status, body } = await send(sandbox, url, to);
  expect(status).toBe(201);
  return body.transfer_id as number;
}

describe('An account transfer of an image', () => {
  it('is offered to an e-mail address; the image moves when it is accepted', async () => {
    const sandbox = withOneImage();
    const transfer_id = await offer(sandbox);
    expect(transfer_id).toBeGreaterThan(0);
    expect((await send(sandbox, 'GET /v2/images/5')).status).toBe(200);
    const accepted = await send(sandbox, `${url}/accept`, { transfer_id, recipient_uuid: theirs });
    expect(accepted).toMatchObject({ status: 201, body: {} });
    expect((await send(sandbox, 'GET /v2/images/5')).status).toBe(404);
  });

  it('to a team is accepted by that team only', async () => {
    const sandbox = withOneImage();
    const transfer_id = await offer(sandbox, { recipient_uuid: theirs });
    const other = { transfer_id, recipient_uuid: 'another' };
    expect((await send(sandbox, `${url}/accept`, other)).status).toBe(404);
    expect((await send(sandbox, `${url}/accept`, { transfer_id, recipient_uuid: theirs })).status).toBe(201);
  });

  it('to a team in `teams` is accepted at once', async () => {
    const sandbox = withOneImage({ teams: [theirs] });
    expect(await offer(sandbox, { recipient_uuid: theirs })).toBe(0);
    expect(sandbox.images).toEqual([]);
  });

  it('to the own team keeps the image in the account', async () => {
    const sandbox = withOneImage({ account: { team: { uuid: 'own', name: 'Own' } } });
    const transfer_id = await offer(sandbox);
    expect((await send(sandbox, `${url}/accept`, { transfer_id, recipient_uuid: 'own' })).status).toBe(201);
    expect(sandbox.images).toHaveLength(1);
  });

  it.each(['cancel', 'decline'])('can be ended by %s, once', async (verb) => {
    const sandbox = withOneImage();
    const transfer_id = await offer(sandbox);
    expect((await send(sandbox, url, { recipient_email: 'bob@example.com' })).status).toBe(400);
    expect((await send(sandbox, `${url}/${verb}`, { transfer_id })).status).toBe(204);
    expect((await send(sandbox, `${url}/${verb}`, { transfer_id })).status).toBe(404);
    expect((await send(sandbox, `${url}/accept`, { transfer_id, recipient_uuid: theirs })).status).toBe(404);
    expect(sandbox.images).toHaveLength(1);
    expect(await offer(sandbox)).not.toBe(transfer_id);
  });

  it.each([
    ['no recipient', {}],
    ['two recipients', { recipient_email: 'a@example.com', recipient_uuid: theirs }],
  ])('needs exactly one recipient, not %s', async (_, body) => {
    expect((await send(withOneImage(), url, body)).status).toBe(400);
  });

  it('is for snapshots only, and needs a transfer_id to end', async () => {
    const backup = new Sandbox({ images: [{ id: 5, type: 'backup' }] });
    expect((await send(backup, url, { recipient_email: 'a@example.com' })).status).toBe(400);
    expect((await send(withOneImage(), `${url}/cancel`, {})).status).toBe(422);
    expect((await send(withOneImage(), `${url}/cancel`, { transfer_id: 1.5 })).status).toBe(422);
  });
});
