import { Image } from './image';
import { checkCallOptions } from './model/call-options';
import { field } from './model/fields';
import { checkSegment, isId } from './util/validate';
import type { CallOptions } from './model/requester';
import { hydrate, Resource, unwrap } from './model/resource';

/**
 * A snapshot of a Droplet or of a volume, in the state in which it was received. That of a Droplet is an Image too, whose
 * id is the same number.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Snapshots
 */
export class Snapshot extends Resource {
  /** A literal, which minifiers keep. @internal */
  static override readonly name = 'Snapshot';
  /** Digits for a snapshot of a Droplet, a UUID for one of a volume. */
  @field.name() readonly id!: string;
  /** Need not be unique. */
  @field.text({ absent: '' }) readonly name!: string;
  /** When it was taken; `null` when the API does not say. */
  @field.date({ wire: 'created_at', absent: null }) readonly createdAt!: Date | null;
  /** Slugs of the regions that have the snapshot, each once. */
  @field.texts() readonly regions!: readonly string[];
  /** The id of the Droplet or the volume. */
  @field.text({ wire: 'resource_id', absent: '' }) readonly resourceId!: string;
  /** What it is of; `null` when the API does not say. */
  @field.text({ wire: 'resource_type', absent: null }) readonly resourceType!: SnapshotResourceType | null;
  /** The smallest disk for the snapshot, in gigabytes; `null` when the API does not say. */
  @field.number({ wire: 'min_disk_size', absent: null }) readonly minDiskSize!: number | null;
  /** What it takes of the storage, in gigabytes, by which DigitalOcean charges; `null` while it is not known. */
  @field.number({ wire: 'size_gigabytes', absent: null }) readonly sizeGigabytes!: number | null;
  /** Names of its tags. */
  @field.texts() readonly tags!: readonly string[];

  /** `<endpoint>/v2/snapshots/<id>`. */
  get url(): string {
    return `${this.api.endpoint}/v2/snapshots/${encodeURIComponent(this.id)}`;
  }

  /**
   * Fetches the snapshot's current state.
   * @returns a new Snapshot
   * @throws NotFoundError when it no longer exists
   */
  async fetch(options: CallOptions = {}): Promise<Snapshot> {
    const call = checkCallOptions(options);
    return this.api.send(this.url, {
      ...call,
      read: (body) => unwrap(Snapshot, 'snapshot', body, this.api, { id: this.id }),
    });
  }

  /** Deletes the snapshot in all regions, irreversibly. @throws NotFoundError when it is gone already */
  async delete(options: CallOptions = {}): Promise<void> {
    const call = checkCallOptions(options);
    await this.api.send(this.url, { ...call, method: 'DELETE', read: () => undefined });
  }

  /**
   * The Image of a Droplet's snapshot, without a request; it knows its id alone.
   * @throws TypeError for a snapshot of a volume, which is no image
   */
  image(): Image {
    if (!/^\d+$/.test(this.id)) {
      throw new TypeError(`Snapshot ${this.id}: is of a volume, which is no image`);
    }
    return hydrate(Image, { id: Number(this.id) }, this.api);
  }

  /** The name. */
  override toString(): string {
    return this.name;
  }
}

/** What a snapshot is of; DigitalOcean may add others. */
export type SnapshotResourceType = 'droplet' | 'volume' | (string & {});

/** The id of a snapshot, as text. @throws TypeError naming the argument */
export function snapshotIdOf(name: string, snapshot: unknown): string {
  if (snapshot instanceof Snapshot) return snapshot.id;
  return isId(snapshot) ? String(snapshot) : checkSegment(name, snapshot);
}
