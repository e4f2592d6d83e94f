import type { DropletJson, ImageJson } from '../api-json';
import { diskInfo } from './sizes';
import type { DropletRecord, DropletState, ImageRecord } from '../world-state';

/** What the registry needs of the world. */
interface Surroundings {
  now: () => number;
  /** See `WorldRules.lag`. */
  lag: { items: number; lists: number };
  /** The images that were made of a Droplet and still exist, oldest first. */
  imagesOf: (dropletId: number) => ImageRecord[];
}

/** The Droplets of an account. */
export class DropletRegistry {
  readonly #records: Map<number, DropletRecord>;
  readonly #world: Surroundings;
  /** The next id, which all accounts share. */
  readonly #ids: { droplet: number };

  constructor(records: readonly DropletRecord[], ids: { droplet: number }, world: Surroundings) {
    this.#records = new Map(records.map((record) => [record.json.id, record]));
    this.#ids = ids;
    this.#world = world;
  }

  get all(): DropletRecord[] {
    return [...this.#records.values()];
  }

  /** Those that exist, whatever lists show. */
  get present(): DropletRecord[] {
    return this.all.filter(({ goneSince }) => goneSince === null);
  }

  /** Those that lists show, oldest first. */
  get listed(): DropletRecord[] {
    const horizon = this.#world.now() - this.#world.lag.lists;
    return this.all.filter(
      ({ since, goneSince }) =>
        (since === null || since <= horizon) && (goneSince === null || goneSince > horizon),
    );
  }

  /** The Droplet; `null` if it is gone, or too new to be found. */
  find(id: number): DropletRecord | null {
    const record = this.#records.get(id);
    if (record?.goneSince !== null) return null;
    const foundFrom = (record.since ?? -Infinity) + this.#world.lag.items;
    return foundFrom > this.#world.now() ? null : record;
  }

  /** A Droplet that was destroyed less than `lag.items` ago. */
  findLingering(id: number): DropletRecord | null {
    const record = this.#records.get(id);
    const goneSince = record?.goneSince ?? -Infinity;
    return record && goneSince + this.#world.lag.items > this.#world.now() ? record : null;
  }

  add(json: Omit<DropletState, 'id'>): DropletRecord {
    const record = {
      json: { id: this.#ids.droplet++, ...json },
      since: this.#world.now(),
      goneSince: null,
      pending: null,
    };
    this.#records.set(record.json.id, record);
    return record;
  }

  /** The record, found or not. */
  get(id: number): DropletRecord | undefined {
    return this.#records.get(id);
  }

  /** The Droplet as the API shows it. */
  toJson({ json, pending }: DropletRecord): DropletJson {
    const images = this.#world.imagesOf(json.id).map((record) => record.json);
    return {
      ...structuredClone(json),
      disk_info: diskInfo(json.disk),
      locked: pending !== null || json.status === 'new',
      snapshot_ids: idsOf(images, 'snapshot'),
      backup_ids: idsOf(images, 'backup'),
    };
  }
}

function idsOf(images: readonly ImageJson[], type: string): number[] {
  return images.filter((image) => image.type === type).map(({ id }) => id);
}
