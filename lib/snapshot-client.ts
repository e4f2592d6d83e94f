import { checkCallOptions } from './model/call-options';
import type { CallOptions } from './model/requester';
import { unwrap } from './model/resource';
import { type Listing, LISTING_OPTIONS, type ListingOptions } from './pagination/listing';
import { ResourceClient } from './resource-client';
import type * as SnapshotModule from './snapshot';
import type { Snapshot } from './snapshot';
import { withoutPollution } from './util/options/own-options';
import { validateOptions } from './util/options/validate-options';
import { is } from './util/validate';

/** A program without snapshots does not pay for them. */
const loadSnapshot = (): typeof SnapshotModule =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded at its first use, synchronously
  withoutPollution(() => require('./snapshot') as typeof SnapshotModule);

/** Selects the snapshots of a listing. */
export interface SnapshotFilter extends ListingOptions {
  /** Only snapshots of Droplets, or only those of volumes. */
  resourceType?: 'droplet' | 'volume' | undefined;
}

const SNAPSHOT_FILTER = { ...LISTING_OPTIONS, resourceType: is.oneOf('droplet', 'volume') };

/** The part of a manager that serves snapshots. */
export abstract class SnapshotClient extends ResourceClient {
  /**
   * Fetches a snapshot of a Droplet or of a volume.
   * @param snapshot an id (digits for a Droplet's snapshot, a UUID for a volume's), or a Snapshot to fetch again
   * @throws NotFoundError when it does not exist, ResponseError for a backup or a custom image, which is no snapshot
   */
  async fetchSnapshot(snapshot: string | number | Snapshot, options: CallOptions = {}): Promise<Snapshot> {
    const { Snapshot, snapshotIdOf } = loadSnapshot();
    const id = snapshotIdOf('snapshot', snapshot);
    return this.requester.send(`${this.endpoint}/v2/snapshots/${encodeURIComponent(id)}`, {
      ...checkCallOptions(options),
      read: (body) => unwrap(Snapshot, 'snapshot', body, this.requester, { id }),
    });
  }

  /** Lists the snapshots of Droplets and volumes. */
  fetchAllSnapshots(filter: SnapshotFilter = {}): Listing<Snapshot> {
    const { resourceType, ...options } = validateOptions(filter, SNAPSHOT_FILTER);
    const params = { resource_type: resourceType };
    return this.list(loadSnapshot().Snapshot, { path: '/v2/snapshots', key: 'snapshots', params }, options);
  }
}
