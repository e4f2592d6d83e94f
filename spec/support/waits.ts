import type { JsonObject } from '../../lib/model/fields';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import type { WaitPolicy } from '../../lib/polling/wait-options';
import { type WaitTarget, Waiter } from '../../lib/polling/waiter';

/** A target: the JSON of an action that is in progress. */
export function aSubject(changes: Partial<WaitTarget<JsonObject>> = {}): WaitTarget<JsonObject> {
  return {
    name: 'Action 1',
    state: { id: 1, status: 'in-progress' },
    seenAt: 0,
    target: () => ({ kind: 'action', id: 1, image: 5 }),
    status: ({ status }) => status as string | null,
    beganAt: () => null,
    isDone: ({ status }) => status === 'completed',
    read: (json) => json,
    ...changes,
  };
}

export const aPatience = (changes: Partial<WaitPolicy<JsonObject>> = {}): WaitPolicy<JsonObject> => ({
  interval: 5_000,
  timeout: Infinity,
  signal: undefined,
  throwOnError: true,
  onProgress: undefined,
  ...changes,
});

/** A waiter without a poller, on a clock that stands still. */
export function aWait(
  target: Partial<WaitTarget<JsonObject>> = {},
  policy: Partial<WaitPolicy<JsonObject>> = {},
  clock = new VirtualClock({ auto: false }),
): Waiter<unknown> {
  const waiter = new Waiter(
    aSubject(target),
    aPatience(policy),
    clock,
    () => undefined,
    () => 0,
  );
  waiter.result.catch(() => undefined);
  return waiter as Waiter<unknown>;
}
