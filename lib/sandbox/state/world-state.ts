import type { AccountJson, ActionJson, DropletJson, ImageJson, RegionJson, SnapshotJson } from './api-json';

/** An image, and what the API does not show of it. Moments are those of the sandbox's clock. */
export interface ImageRecord {
  json: ImageJson;
  /** When it was created; `null`: before the sandbox. */
  since: number | null;
  /** When it was deleted or left the account; `null`: not yet. */
  goneSince: number | null;
  /** The Droplet it is a snapshot of: the `resource_id` of the snapshot. */
  dropletId: number;
}

/** What a Droplet has of its own. `locked`, `disk_info` and the ids of its images follow from the rest of the world. */
export type DropletState = Omit<DropletJson, 'locked' | 'disk_info' | 'snapshot_ids' | 'backup_ids'>;

/** A Droplet, and what the API does not show of it. Moments are those of the sandbox's clock. */
export interface DropletRecord {
  json: DropletState;
  /** When it was created; `null`: before the sandbox. */
  since: number | null;
  /** When it was destroyed; `null`: not yet. */
  goneSince: number | null;
  /** The action that runs: the API refuses another one meanwhile. */
  pending: number | null;
}

/** An action, and when it started; `null`: before the sandbox. */
export interface ActionRecord {
  json: ActionJson;
  since: number | null;
  /** The arguments of the request that started it, which the API does not show. */
  args?: Readonly<Record<string, unknown>>;
}

/** A tag. The tagged resources hold its name. */
export interface TagRecord {
  name: string;
  /** The image that was tagged last. */
  lastImage: number | null;
}

/** A transfer of an image to another account. */
export interface AccountTransferRecord {
  id: number;
  imageId: number;
  recipient: string;
  status: 'pending' | 'accepted' | 'cancelled' | 'declined';
}

/** A scheduled change of the world. */
export type WorldEvent =
  | { do: 'end-action'; id: number; as: 'completed' | 'errored' }
  | { do: 'change-droplet'; id: number; to: Partial<DropletState> }
  | { do: 'begin-import'; id: number }
  | { do: 'end-import'; id: number; region: string; error: string | null };

/** The state of a world as plain JSON. */
export interface WorldState {
  images: ImageRecord[];
  actions: ActionRecord[];
  droplets: DropletRecord[];
  regions: RegionJson[];
  tags: TagRecord[];
  volumeSnapshots: SnapshotJson[];
  accountTransfers: AccountTransferRecord[];
  account: AccountJson;
  events: { due: number; event: WorldEvent }[];
  nextId: { image: number; action: number; droplet: number; transfer: number };
}

/** The form of `links` in a list of one page: all three occur. */
export type LonePageLinks = 'absent' | 'empty' | 'pages';

/** The behaviour of a world, as opposed to its state. */
export interface WorldRules {
  actionTime: (action: Readonly<ActionJson>) => number;
  importTime: (image: Readonly<ImageJson>) => number;
  /** How long a new item is not found by id, and how long lists do not show a change, in milliseconds. */
  lag: { items: number; lists: number };
  lonePageLinks: LonePageLinks;
  /** UUIDs of teams that accept an account transfer at once. */
  teams: readonly string[];
}

/** Where a new image is in the lists, and of what it is. */
export interface ImagePlace {
  position?: 'newest' | 'oldest';
  dropletId?: number;
  /** When it was made; default: now. */
  since?: number;
}
