import type { TargetRef } from '../../model/wait-target';
import type { PollDemand, PollDemands } from '../../shared-polls';
import { accountListOf } from '../poll-lists';
import type { PollTarget } from '../poll-target';
import { RemoteWaiter } from './remote-waiter';

/** Names a target in a store: `actions/5`. */
export function nameOfTarget(ref: TargetRef): string {
  return `${accountListOf(ref)}/${ref.id}`;
}

const NAME = /^(action|image|droplet)s\/([1-9]\d{0,15})$/;
const PARENT = /^(?:image|droplet)s\/[1-9]\d{0,15}$/;

/** What the waits of this process need of its targets: what shows whether that has changed, and the shortest interval. */
export function demandsOf(
  targets: readonly PollTarget[],
  now: number,
): { demands: PollDemands; signature: string; interval: number } {
  const demands: Record<string, PollDemand> = {};
  const lasting: unknown[] = [];
  let least = Infinity;
  for (const target of targets) {
    const demand = demandOf(target, now);
    if (!demand) continue;
    const { parent, interval, dueIn, isNew, isUrgent } = demand;
    const name = nameOfTarget(target.ref);
    demands[name] = demand;
    least = Math.min(least, interval);
    lasting.push([name, parent, interval, isNew, isUrgent && Math.round(now + dueIn)]);
  }
  return { demands, signature: JSON.stringify(lasting), interval: least };
}

/** What the waits of this process need of the polls of a target; `null`: nothing. */
function demandOf(target: PollTarget, now: number): PollDemand | null {
  let demand: PollDemand | null = null;
  for (const waiter of target.waiters) {
    if (waiter instanceof RemoteWaiter || waiter.dueAt === Infinity) continue;
    const one = {
      parent: target.ref.parent ?? waiter.ref.parent ?? null,
      interval: Math.ceil(waiter.interval),
      dueIn: Math.round(waiter.dueAt - now),
      age: Math.max(0, Math.round(waiter.age)),
      isNew: waiter.isNew,
      // The last poll before a deadline is urgent, too, but this process sends it.
      isUrgent: waiter.isUrgent && !waiter.cannotWait,
    };
    demand = demand ? mergeDemands(demand, one) : one;
  }
  return demand;
}

/** What serves both. */
export function mergeDemands(one: PollDemand, other: PollDemand): PollDemand {
  return {
    parent: one.parent ?? other.parent,
    interval: Math.min(one.interval, other.interval),
    dueIn: Math.min(one.dueIn, other.dueIn),
    // The younger one wants the shorter pause.
    age: Math.min(one.age, other.age),
    isNew: one.isNew && other.isNew,
    isUrgent: one.isUrgent || other.isUrgent,
  };
}

/**
 * Reads the demands of another process, which may be anything. What is none is left out.
 * @param age of the demands, in milliseconds
 */
export function readDemands(given: unknown, age: number): Map<string, PollDemand> {
  const demands = new Map<string, PollDemand>();
  if (typeof given !== 'object' || given === null) return demands;
  for (const [name, value] of Object.entries(given)) {
    const demand = refOfName(name) && readDemand(value, age);
    if (demand) demands.set(name, demand);
  }
  return demands;
}

/** The target of this name; `null` when there can be none. */
export function refOfName(name: string): Pick<TargetRef, 'kind' | 'id'> | null {
  const [, kind, digits] = NAME.exec(name) ?? [];
  const id = Number(digits);
  return Number.isSafeInteger(id) ? { kind: kind as TargetRef['kind'], id } : null;
}

function readDemand(value: unknown, elapsed: number): PollDemand | null {
  if (typeof value !== 'object' || value === null) return null;
  const { parent, interval, dueIn, age, isNew, isUrgent } = value as Partial<Record<string, unknown>>;
  if (!isTime(interval) || interval < 1 || !isTime(dueIn) || !isTime(age)) return null;
  return {
    // It becomes part of the path of requests.
    parent: typeof parent === 'string' && PARENT.test(parent) ? parent : null,
    interval,
    dueIn: dueIn - elapsed,
    age: age + elapsed,
    isNew: isNew === true,
    isUrgent: isUrgent === true,
  };
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
}
