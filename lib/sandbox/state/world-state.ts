import type { AccountJson, ActionJson, ImageJson, RegionJson, SnapshotJson } from './api-json';

/** An image and what the API knows about it without saying so. Moments are in the time of the sandbox's clock. */
export interface ImageRecord {
  json: ImageJson;
  /** When it was created; `null`: before the sandbox was made. */
  since: number | null;
  /** When it was deleted or left the account; `null`: it is there. */
  goneSince: number | null;
  /** The Droplet it was taken of: what a snapshot names as its resource. */
  dropletId: number;
}

/** An action and when it was started; `null`: before the sandbox was made. */
export interface ActionRecord {
  json: ActionJson;
  since: number | null;
}

/** A tag. Which resources carry it stands with the resources. */
export interface TagRecord {
  name: string;
  /** The image that got it last. */
  lastImage: number | null;
}

/** A transfer of an image to another account. */
export interface AccountTransferRecord {
  id: number;
  imageId: number;
  recipient: string;
  status: 'pending' | 'accepted' | 'cancelled' | 'declined';
}

/** Something that will happen by itself. */
export type WorldEvent =
  | { do: 'end-action'; id: number; as: 'completed' | 'errored' }
  | { do: 'begin-import'; id: number }
  | { do: 'end-import'; id: number; region: string; error: string | null };

/** Everything a sandbox knows, as plain JSON. */
export interface WorldState {
  images: ImageRecord[];
  actions: ActionRecord[];
  regions: RegionJson[];
  tags: TagRecord[];
  volumeSnapshots: SnapshotJson[];
  accountTransfers: AccountTransferRecord[];
  account: AccountJson;
  events: { due: number; event: WorldEvent }[];
  nextId: { image: number; action: number; transfer: number };
}

/** How the answer says that there are no more pages when everything fits on one: all three occur. */
export type LonePageLinks = 'absent' | 'empty' | 'pages';
