import type { RouteContext, Reply } from './route-handler';
import { ownImage } from './images';
import { parseRequestFields } from './request-fields';
import { ApiError } from './api-error';
import type { AccountTransferRecord } from '../state/world-state';

/** Offers a snapshot to another account. A team the token may act for takes it at once: `transfer_id` is 0. */
export function createAccountTransfer(call: RouteContext): Reply {
  const { world } = call;
  const image = ownImage(call);
  const { recipient_email: email, recipient_uuid: uuid } = parseRequestFields(call.body, {
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

/** The image moves to the team that accepts: unless that is this account's own team, it is gone from here. */
export function acceptAccountTransfer(call: RouteContext): Reply {
  const image = ownImage(call);
  const transfer = pendingTransfer(call);
  const { recipient_uuid: recipient } = parseRequestFields(call.body, { recipient_uuid: 'text' });
  if (!transfer.recipient.includes('@') && transfer.recipient !== recipient) throw new ApiError(404);
  transfer.status = 'accepted';
  if (recipient !== call.world.account.team.uuid) call.world.remove(image);
  return { status: 201 };
}

export function cancelAccountTransfer(call: RouteContext): Reply {
  ownImage(call);
  pendingTransfer(call).status = 'cancelled';
  return { status: 204 };
}

export function declineAccountTransfer(call: RouteContext): Reply {
  ownImage(call);
  pendingTransfer(call).status = 'declined';
  return { status: 204 };
}

function pendingTransfer(call: RouteContext): AccountTransferRecord {
  const { transfer_id: id } = parseRequestFields(call.body, { transfer_id: 'id' });
  const imageId = Number(call.params.image);
  const transfer = call.world.accountTransfers.find((one) => one.id === id && one.imageId === imageId);
  if (transfer?.status !== 'pending') throw new ApiError(404);
  return transfer;
}
