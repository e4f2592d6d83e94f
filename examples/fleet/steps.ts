import {
  AuthenticationError,
  type DOApi,
  NotFoundError,
  PermissionDeniedError,
  type Replication,
} from '../../lib';
import type { JobProgress, JobResult } from './jobs';
import type { Leases } from './leases';

/** What a step needs. */
export interface StepContext {
  api: DOApi;
  leases: Leases;
  /** Ends the step. What it has started continues at DigitalOcean. */
  signal: AbortSignal;
  onProgress: (progress: JobProgress) => void;
}

/**
 * Takes the snapshot, unless the Droplet has an image of that name. One that is being made is waited for.
 * @returns the id of the image
 */
export function snapshotDroplet(
  { api, leases, signal, onProgress }: StepContext,
  droplet: number,
  name: string,
): Promise<number> {
  return leases.hold(`droplet-${droplet}`, signal, async (lease) => {
    await lease.settled();
    const source = await api.fetchDroplet(droplet, { signal: lease.signal });
    const image = await source.takeSnapshot({
      name,
      reuse: true,
      signal: lease.signal,
      onProgress: ({ state }) => onProgress({ step: 'snapshot', status: String(state.status) }),
    });
    return image.id;
  });
}

/**
 * Brings the image to the regions: skips those that have it, joins transfers that are in progress, starts the others.
 * @throws ReplicationError when it is not in all of them afterwards
 */
export function replicateImage(
  { api, leases, signal, onProgress }: StepContext,
  image: number,
  regions: readonly string[],
): Promise<JobResult> {
  return leases.hold(`image-${image}`, signal, async (lease) => {
    await lease.settled();
    const states: Record<string, string> = {};
    const results = await api.image(image).replicate(regions, {
      signal: lease.signal,
      onProgress: ({ state }) => {
        states[String(state.regionSlug)] = String(state.status);
        onProgress({ step: 'transfer', image, regions: { ...states } });
      },
    });
    const missing = results.filter(({ outcome }) => outcome !== 'completed' && outcome !== 'present');
    if (missing.length > 0) throw new ReplicationError(image, missing);
    return { image, regions: results.map(({ region }) => region) };
  });
}

/** The image did not reach all regions. */
export class ReplicationError extends Error {
  override readonly name = 'ReplicationError';

  constructor(
    image: number,
    readonly missing: readonly Replication[],
  ) {
    const reasons = missing.map(
      ({ region, outcome, error }) => `${region}: ${outcome} (${String(error?.message)})`,
    );
    super(`Image ${image} is not in all regions. ${reasons.join('; ')}`);
  }
}

/** Errors that the next attempt would meet again. */
const FINAL = [AuthenticationError, NotFoundError, PermissionDeniedError, RangeError, TypeError];

/** Whether it is no use to try again. */
export function isFinal(error: unknown): boolean {
  if (error instanceof ReplicationError) return error.missing.every((one) => isFinal(one.error));
  return FINAL.some((type) => error instanceof type);
}
