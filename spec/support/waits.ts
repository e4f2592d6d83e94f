import type { JsonObject } from '../../lib/model/fields';
import type { WaitPolicy, WaitTarget } from '../../lib/model/wait-target';
import { Waiter } from '../../lib/polling/waiter';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';

/** Something to wait for: the plain JSON of an action, received when the clock started. */
export function aWaitTarget(changes: Partial<WaitTarget<JsonObject>> = {}): WaitTarget<JsonObject> {
  return {
    name: 'Action 1',
    state: { id: 1, status: 'in-progress' },
    receivedAt: 0,
    ref: () => ({ kind: 'action', id: 1, parent: 'images/5' }),
    status: ({ status }) => status as string | null,
    startedAt: () => null,
    isDone: ({ status }) => status === 'completed',
    read: (json) => json,
    ...changes,
  };
}

export const aPolicy = (changes: Partial<WaitPolicy<JsonObject>> = {}): WaitPolicy<JsonObject> => ({
  interval: 5_000,
  timeout: Infinity,
  signal: undefined,
  throwOnError: true,
  onProgress: undefined,
  ...changes,
});

/** A waiter without a poller, on a clock that stands still. */
export function aWaiter(
  target: Partial<WaitTarget<JsonObject>> = {},
  policy: Partial<WaitPolicy<JsonObject>> = {},
  clock = new VirtualClock({ auto: false }),
): Waiter<unknown> {
  const waiter = new Waiter(aWaitTarget(target), aPolicy(policy), clock, () => undefined);
  waiter.result.catch(() => undefined);
  return waiter as Waiter<unknown>;
}
