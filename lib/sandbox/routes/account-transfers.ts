import type { RouteContext, Reply } from './route-handler';
import { ownImage } from './images';
import { parseRequestFields } from './request-fields';
import { ApiError } from '../state/api-error';
import type { AccountTransferRecord } from '../state/world-state';

/** Offers a snapshot to another account. A team of `SandboxOptions.teams` accepts at once: `transfer_id` is 0. */
export function createAccountTransfer(context: RouteContext): Reply {
  const { world } = context;
  const image = ownImage(context);
  const { recipient_email: email, recipient_uuid: uuid } = parseRequestFields(context.body, {
    recipient_email: 'text?',
    recipient_uuid: 'text?',
  });
  const recipient = email ?? uuid;
  if (!recipient || (email !== undefined && uuid !== undefined)) {
    throw new ApiError(400, 'Exactly one of recipient_email and recipient_uuid is required.');
  }
  if (image.json.type !== 'snapshot') throw new ApiError(400, 'the resource is not a snapshot');
  if (world.accountTransfers.some((one) => one.imageId === image.json.id && one.status === 'pending')) {
    throw new ApiError(400, 'An account transfer of this image is pending already.');
  }
  if (uuid !== undefined && world.teams.includes(uuid)) {
    world.remove(image);
    return { status: 201, body: { transfer_id: 0 } };
  }
  return { status: 201, body: { transfer_id: world.addAccountTransfer(image.json.id, recipient) } };
}

/** Moves the image to the team that accepts. It leaves this account, unless the team is its own. */
export function acceptAccountTransfer(context: RouteContext): Reply {
  const image = ownImage(context);
  const transfer = pendingTransfer(context);
  const { recipient_uuid: recipient } = parseRequestFields(context.body, { recipient_uuid: 'text' });
  if (!transfer.recipient.includes('@') && transfer.recipient !== recipient) throw new ApiError(404);
  transfer.status = 'accepted';
  if (recipient !== context.world.account.team.uuid) context.world.remove(image);
  return { status: 201 };
}

export function cancelAccountTransfer(context: RouteContext): Reply {
  ownImage(context);
  pendingTransfer(context).status = 'cancelled';
  return { status: 204 };
}

export function declineAccountTransfer(context: RouteContext): Reply {
  ownImage(context);
  pendingTransfer(context).status = 'declined';
  return { status: 204 };
}

function pendingTransfer(context: RouteContext): AccountTransferRecord {
  const { transfer_id: id } = parseRequestFields(context.body, { transfer_id: 'id' });
  const imageId = Number(context.params.image);
  const transfer = context.world.accountTransfers.find((one) => one.id === id && one.imageId === imageId);
  if (transfer?.status !== 'pending') throw new ApiError(404);
  return transfer;
}
