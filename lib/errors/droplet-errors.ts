import { excerpt } from '../util/text/sanitize';
import { DOApiError, type NotFoundError, setName } from './errors';

/** Droplets that were not created, or whose wait failed. */
export interface CreateFailure {
  /** The names of a request, or the one of a wait. */
  names: readonly string[];
  /** What the request or the wait rejected with. */
  error: unknown;
}

/** Some of many Droplets were created, others were not, or are not active. */
export class CreateDropletsError<T = unknown> extends DOApiError {
  /** The Droplets that were created, in the order of their names. They exist, and are paid for. */
  readonly droplets: readonly T[];
  /** Why others were not created, or are not active. */
  readonly failures: readonly CreateFailure[];

  /** @param count how many Droplets there should be */
  constructor(droplets: readonly T[], failures: readonly CreateFailure[], count: number) {
    const [first] = failures;
    const error = first?.error instanceof Error ? first.error.message : String(first?.error);
    const reason = first ? `: ${excerpt(first.names.join(', '))}: ${excerpt(error)}` : '';
    const state =
      droplets.length === count
        ? 'all Droplets were created, but some are not active'
        : `${droplets.length} of ${count} Droplets were created`;
    super(`${state}, see droplets; failures names the rest${reason}`);
    this.droplets = droplets;
    this.failures = failures;
  }
}
setName(CreateDropletsError, 'CreateDropletsError');

/** A new Droplet has disappeared. DigitalOcean gives no reason: it found no capacity for it, or the Droplet was deleted. */
export class DropletCreationError extends DOApiError {
  /** Of the Droplet. */
  readonly id: number;

  constructor(id: number, cause: NotFoundError) {
    super(
      `Droplet ${id} has disappeared: DigitalOcean had no capacity for it, or it was deleted; try another region or size`,
    );
    this.id = id;
    this.cause = cause;
  }
}
setName(DropletCreationError, 'DropletCreationError');
