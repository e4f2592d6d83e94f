import { DropletCreationError } from './errors/droplet-errors';
import { NotFoundError } from './errors/errors';
import type { Requester, Resources } from './model/requester';
import type { WaitPolicy, WaitTarget } from './model/wait-target';
import { throwIfAborted } from './util/abort';
import { MINUTE } from './util/time-units';

type Droplet = Resources['droplet'];

/** A Droplet as a target for the poller, whatever it is waited for. */
export type DropletTarget = Omit<WaitTarget<Droplet>, 'name' | 'isDone'>;

/** A Droplet can be active before its addresses can be read. */
const ADDRESS_LAG = MINUTE;

/** Waits until a Droplet is active, unlocked, and has an address. */
export async function waitUntilActive(
  api: Requester,
  target: DropletTarget,
  policy: WaitPolicy<Droplet>,
): Promise<Droplet> {
  const { id } = target.state;
  let activeSince: number | null = null;
  const isDone = ({ active, locked, networks }: Droplet): boolean => {
    if (!active || locked) {
      activeSince = null;
      return false;
    }
    activeSince ??= api.clock.now();
    const addresses = networks.v4.length + networks.v6.length;
    return addresses > 0 || api.clock.now() - activeSince >= ADDRESS_LAG;
  };
  try {
    return await api.poller.wait({ ...target, name: `Droplet ${id} until it is active`, isDone }, policy);
  } catch (error) {
    // An abort may have any reason, also a NotFoundError.
    throwIfAborted(policy.signal);
    throwIfAborted(api.signal);
    throw error instanceof NotFoundError ? new DropletCreationError(id, error) : error;
  }
}

/** Waits until a Droplet is off. */
export function waitUntilOff(
  api: Requester,
  target: DropletTarget,
  policy: WaitPolicy<Droplet>,
): Promise<Droplet> {
  const { id } = target.state;
  return api.poller.wait(
    { ...target, name: `Droplet ${id} until it is off`, isDone: ({ off }) => off },
    policy,
  );
}
