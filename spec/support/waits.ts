import type { JsonObject } from '../../lib/model/fields';
import { VirtualClock } from '../../lib/sandbox/clock/virtual-clock';
import type { WaitPolicy } from '../../lib/polling/wait-options';
import { type WaitTarget, Waiter } from '../../lib/polling/waiter';

/** Something to wait for: plain JSON of an action that began with the clock. */
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

/** A wait by itself, without a look-out, on a clock that stands still. */
export function aWait(
  subject: Partial<WaitTarget<JsonObject>> = {},
  patience: Partial<WaitPolicy<JsonObject>> = {},
  clock = new VirtualClock({ auto: false }),
): Waiter<unknown> {
  const wait = new Waiter(
    aSubject(subject),
    aPatience(patience),
    clock,
    () => undefined,
    () => 0,
  );
  wait.result.catch(() => undefined);
  return wait as Waiter<unknown>;
}
