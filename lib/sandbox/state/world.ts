import { EventQueue } from '../clock/event-queue';
import { ApiError } from './api-error';
import { DropletRegistry } from './droplets/droplet-registry';
import type { SandboxClock } from '../clock/sandbox-clock';
import type { ActionJson, ImageJson, RegionJson } from './api-json';
import type {
  ActionRecord,
  DropletRecord,
  ImagePlace,
  ImageRecord,
  LonePageLinks,
  TagRecord,
  WorldEvent,
  WorldRules,
  WorldState,
} from './world-state';

/** The id of the Droplet that an image is a snapshot of. */
export function dropletOf(imageId: number): number {
  return 200_000_000 + (imageId % 1_000_000);
}

/** The account with its resources, and the scheduled events. Route handlers read and change it; it knows no requests. */
export class World implements WorldRules {
  readonly time: SandboxClock;
  readonly actionTime: WorldRules['actionTime'];
  readonly importTime: WorldRules['importTime'];
  readonly lag: WorldRules['lag'];
  readonly lonePageLinks: LonePageLinks;
  readonly teams: readonly string[];

  readonly images: Map<number, ImageRecord>;
  readonly actions: Map<number, ActionRecord>;
  readonly droplets: DropletRegistry;
  readonly regions: Map<string, RegionJson>;
  /** By name in lower case. */
  readonly tags: Map<string, TagRecord>;
  readonly volumeSnapshots: WorldState['volumeSnapshots'];
  readonly accountTransfers: WorldState['accountTransfers'];
  readonly account: WorldState['account'];
  readonly events = new EventQueue<WorldEvent>();
  readonly #slugs = new Map<string, ImageRecord>();
  /** By the type and the id of the resource. */
  readonly #actionsOf = new Map<string, ActionRecord[]>();
  readonly #imagesOfDroplet = new Map<number, ImageRecord[]>();
  /** The next ids, which all accounts share. */
  readonly ids: WorldState['nextId'];
  /** The worlds of all accounts of the sandbox, this one included. */
  readonly accounts: readonly World[];

  constructor(time: SandboxClock, rules: WorldRules, state: WorldState, accounts: World[] = []) {
    accounts.push(this);
    this.accounts = accounts;
    this.time = time;
    this.actionTime = rules.actionTime;
    this.importTime = rules.importTime;
    this.lag = rules.lag;
    this.lonePageLinks = rules.lonePageLinks;
    this.teams = rules.teams;

    this.images = new Map(state.images.map((record) => [record.json.id, record]));
    this.actions = new Map(state.actions.map((record) => [record.json.id, record]));
    this.regions = new Map(state.regions.map((region) => [region.slug, region]));
    this.tags = new Map(state.tags.map((tag) => [tag.name.toLowerCase(), tag]));
    this.volumeSnapshots = state.volumeSnapshots;
    this.accountTransfers = state.accountTransfers;
    this.account = state.account;
    this.ids = state.nextId;
    this.droplets = new DropletRegistry(state.droplets, this.ids, {
      now: () => time.now(),
      lag: this.lag,
      imagesOf: (id) => this.#imagesOfDroplet.get(id)?.filter(({ goneSince }) => goneSince === null) ?? [],
    });
    for (const record of state.images) this.#index(record);
    for (const record of state.actions) this.#indexAction(record);
    for (const { due, event } of state.events) this.events.add(due, event);
  }

  /** A copy of the state. */
  state(): WorldState {
    return structuredClone({
      images: [...this.images.values()],
      actions: [...this.actions.values()],
      droplets: this.droplets.all,
      regions: [...this.regions.values()],
      tags: [...this.tags.values()],
      volumeSnapshots: this.volumeSnapshots,
      accountTransfers: this.accountTransfers,
      account: this.account,
      events: [...this.events].map(({ due, event }) => ({ due, event })),
      nextId: this.ids,
    });
  }

  /** The image. @throws ApiError 404 if it is gone, or too new to be found */
  image(id: number): ImageRecord {
    const record = this.images.get(id);
    if (record?.goneSince !== null || !this.#isFound(record)) throw new ApiError(404);
    return record;
  }

  /** The public image with the slug. @throws ApiError 404 if there is none */
  imageBySlug(slug: string): ImageRecord {
    const record = this.#slugs.get(slug);
    if (record?.goneSince !== null) throw new ApiError(404);
    return record;
  }

  /** The matching images that lists show, oldest first. One loop, because there may be a million. */
  listedImages(matches: (image: ImageJson) => boolean = () => true): ImageRecord[] {
    const horizon = this.time.now() - this.lag.lists;
    const listed: ImageRecord[] = [];
    for (const record of this.images.values()) {
      const { json, since, goneSince } = record;
      if ((since !== null && since > horizon) || (goneSince !== null && goneSince <= horizon)) continue;
      if (json.status !== 'deleted' && matches(json)) listed.push(record);
    }
    return listed;
  }

  action(id: number): ActionRecord {
    const record = this.actions.get(id);
    if (!record || !this.#isFound(record)) throw new ApiError(404);
    return record;
  }

  /** The actions that lists show, newest first: of the account, or of one resource. */
  listedActions(resource?: { type: string; id: number }): ActionRecord[] {
    const all = resource
      ? (this.#actionsOf.get(`${resource.type} ${resource.id}`) ?? [])
      : [...this.actions.values()];
    const from = this.time.now() - this.lag.lists;
    return all.filter(({ since }) => since === null || since <= from).reverse();
  }

  /** The Droplet. @throws ApiError 404 if it is gone, or too new to be found */
  droplet(id: number): DropletRecord {
    const record = this.droplets.find(id);
    if (!record) throw new ApiError(404);
    return record;
  }

  /** The images made of a Droplet that lists show, oldest first. */
  imagesOf(dropletId: number): ImageRecord[] {
    const horizon = this.time.now() - this.lag.lists;
    const images = this.#imagesOfDroplet.get(dropletId) ?? [];
    return images.filter(
      ({ since, goneSince }) =>
        (since === null || since <= horizon) && (goneSince === null || goneSince > horizon),
    );
  }

  /** @param id one that no image has or had */
  addImage(
    json: Omit<ImageJson, 'id'>,
    { position = 'newest', dropletId, since = this.time.now() }: ImagePlace = {},
    id = this.ids.image,
  ): ImageRecord {
    this.ids.image = Math.max(this.ids.image, id + 1);
    const record: ImageRecord = {
      json: { ...json, id },
      since,
      goneSince: null,
      dropletId: dropletId ?? dropletOf(id),
    };
    const others = position === 'oldest' ? [...this.images] : [];
    if (position === 'oldest') this.images.clear();
    this.images.set(id, record);
    for (const [otherId, other] of others) this.images.set(otherId, other);
    this.#index(record);
    return record;
  }

  /** Takes an image that has left another account, under its id. */
  adopt({ json, dropletId }: ImageRecord): void {
    // Tags are the other account's.
    const own = { ...structuredClone(json), tags: [] };
    const record = { json: own, dropletId, since: this.time.now(), goneSince: null };
    // It may have been here before; it is listed as the newest.
    this.images.delete(json.id);
    this.images.set(json.id, record);
    this.#index(record);
  }

  addAction(json: Omit<ActionJson, 'id'>, args?: Readonly<Record<string, unknown>>): ActionRecord {
    const record = {
      json: { id: this.ids.action++, ...json },
      since: this.time.now(),
      ...(args && { args }),
    };
    this.actions.set(record.json.id, record);
    this.#indexAction(record);
    return record;
  }

  addAccountTransfer(imageId: number, recipient: string): number {
    const id = this.ids.transfer++;
    this.accountTransfers.push({ id, imageId, recipient, status: 'pending' });
    return id;
  }

  /** Removes the backups of a Droplet, whatever lists show. */
  removeBackups(dropletId: number): void {
    for (const image of this.#imagesOfDroplet.get(dropletId) ?? [])
      if (image.json.type === 'backup' && image.goneSince === null) this.remove(image);
  }

  /** Removes the image from the account. Its actions in progress end as errored. */
  remove(record: ImageRecord): void {
    record.goneSince = this.time.now();
    const own = new Set(this.#actionsOf.get(`image ${record.json.id}`)?.map(({ json }) => json.id));
    for (const { event } of this.events) {
      if (event.do === 'end-action' && own.has(event.id)) event.as = 'errored';
    }
  }

  /** The tag with the name, in any case of letters. Creates it if there is none. */
  tag(name: string): TagRecord {
    const key = name.toLowerCase();
    const tag = this.tags.get(key) ?? { name, lastImage: null };
    this.tags.set(key, tag);
    return tag;
  }

  #isFound({ since }: { since: number | null }): boolean {
    return since === null || since + this.lag.items <= this.time.now();
  }

  #index(record: ImageRecord): void {
    const { json, dropletId } = record;
    if (json.public && json.slug) this.#slugs.set(json.slug, record);
    if (!json.public) append(this.#imagesOfDroplet, dropletId, record);
  }

  #indexAction(record: ActionRecord): void {
    const { resource_type, resource_id } = record.json;
    if (resource_id !== null) append(this.#actionsOf, `${resource_type} ${resource_id}`, record);
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
