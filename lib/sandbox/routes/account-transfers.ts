import type { RouteContext, Reply } from './route-handler';
import { ownImage } from './images';
import { parseRequestFields, readId } from './request-fields';
import { ApiError } from '../state/api-error';
import type { World } from '../state/world';
import type { AccountTransferRecord } from '../state/world-state';

/** A pending transfer, and the account of its sender. */
interface PendingTransfer {
  sender: World;
  transfer: AccountTransferRecord;
}

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
    const team = recipientOf(world, uuid);
    if (team !== world) move(world, image.json.id, team);
    return { status: 201, body: { transfer_id: 0 } };
  }
  return { status: 201, body: { transfer_id: world.addAccountTransfer(image.json.id, recipient) } };
}

/** Moves the image to the team that accepts. It leaves the account of the sender, unless the team is its own. */
export function acceptAccountTransfer(context: RouteContext): Reply {
  const { world } = context;
  const { sender, transfer } = receivedTransfer(context);
  const { recipient_uuid: uuid } = parseRequestFields(context.body, { recipient_uuid: 'text' });
  const isOwn = isOf(world, uuid);
  const isTo = transfer.recipient === uuid || transfer.recipient.includes('@');
  if (sender === world ? !isTo : !isOwn) throw new ApiError(404);
  transfer.status = 'accepted';
  if (sender !== world || !isOwn) move(sender, transfer.imageId, isOwn ? world : null);
  return { status: 201 };
}

export function cancelAccountTransfer(context: RouteContext): Reply {
  const transfer = pendingIn(context.world, ownImage(context).json.id, transferId(context));
  if (!transfer) throw new ApiError(404);
  transfer.status = 'cancelled';
  return { status: 204 };
}

export function declineAccountTransfer(context: RouteContext): Reply {
  receivedTransfer(context).transfer.status = 'declined';
  return { status: 204 };
}

function transferId({ body }: RouteContext): number {
  return parseRequestFields(body, { transfer_id: 'id' }).transfer_id;
}

/**
 * The pending transfer that the account of the request may accept or decline. A recipient that is no account of the sandbox
 * is played by the sender.
 */
function receivedTransfer(context: RouteContext): PendingTransfer {
  const { world, params } = context;
  const [imageId, id] = [readId(params.image), transferId(context)];
  for (const sender of world.accounts) {
    const transfer = pendingIn(sender, imageId, id);
    if (transfer && (recipientOf(sender, transfer.recipient) ?? sender) === world)
      return { sender, transfer };
  }
  throw new ApiError(404);
}

function pendingIn(world: World, imageId: number, id: number): AccountTransferRecord | null {
  const transfer = world.accountTransfers.find((one) => one.id === id && one.imageId === imageId);
  const isHere = world.images.get(imageId)?.goneSince === null;
  return transfer?.status === 'pending' && isHere ? transfer : null;
}

/** The account of the sandbox with this e-mail address or UUID; `null` for one outside of it. */
function recipientOf(sender: World, recipient: string): World | null {
  const others = sender.accounts.filter((world) => world !== sender);
  return [...others, sender].find((world) => isOf(world, recipient)) ?? null;
}

function isOf({ account }: World, recipient: string): boolean {
  return [account.email, account.uuid, account.team.uuid].includes(recipient);
}

/** @param to `null`: out of the sandbox */
function move(sender: World, imageId: number, to: World | null): void {
  const image = sender.images.get(imageId);
  if (!image) return;
  sender.remove(image);
  to?.adopt(image);
}
