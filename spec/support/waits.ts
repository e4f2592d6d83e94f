import type { JsonObject } from '../../lib/core/fields';
import { VirtualClock } from '../../lib/sandbox/virtual-clock';
import type { Patience } from '../../lib/waiting/patience';
import { type Subject, Wait } from '../../lib/waiting/wait';

/** Something to wait for: plain JSON of an action that began with the clock. */
export function aSubject(changes: Partial<Subject<JsonObject>> = {}): Subject<JsonObject> {
  return {
    name: 'Action 1',
    state: { id: 1, status: 'in-progress' },
    seenAt: 0,
    target: () => ({ kind: 'action', id: 1, image: 5 }),
    status: ({ status }) => status as string | null,
    beganAt: () => null,
    ended: ({ status }) => status === 'completed',
    read: (json) => json,
    ...changes,
  };
}

export const aPatience = (changes: Partial<Patience<JsonObject>> = {}): Patience<JsonObject> => ({
  interval: 5_000,
  timeout: Infinity,
  signal: undefined,
  throwOnError: true,
  onProgress: undefined,
  ...changes,
});

/** A wait by itself, without a look-out, on a clock that stands still. */
export function aWait(
  subject: Partial<Subject<JsonObject>> = {},
  patience: Partial<Patience<JsonObject>> = {},
  clock = new VirtualClock({ auto: false }),
): Wait<unknown> {
  const wait = new Wait(
    aSubject(subject),
    aPatience(patience),
    clock,
    () => undefined,
    () => 0,
  );
  wait.result.catch(() => undefined);
  return wait as Wait<unknown>;
}
