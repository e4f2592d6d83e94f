import { MachineDate } from '../util/machine-timers';

/** The fields that identify a resource, the first one it has. */
const RESOURCE_IDENTITY = ['id', 'slug', 'name'];

/** The fields that hold when an item came into being, of resources and of raw items. */
const DATE_FIELDS = ['createdAt', 'startedAt', 'created_at', 'started_at'];

/**
 * What identifies an item on another page. An item without identity is different from every other.
 * @param fields the first one the item has; default those of resources
 */
export function identityOf(item: unknown, fields: readonly string[] = RESOURCE_IDENTITY): unknown {
  return firstValue(item, fields) ?? Symbol('unidentified');
}

/** Whether {@link identityOf} has found no identity. */
export function isUnidentified(id: unknown): boolean {
  return typeof id === 'symbol';
}

/** When an item came into being, in milliseconds since 1970 by the server's clock; `null` when it does not say. */
export function birthOf(item: unknown): number | null {
  const value = firstValue(item, DATE_FIELDS);
  const time =
    value instanceof MachineDate
      ? value.getTime()
      : typeof value === 'string'
        ? MachineDate.parse(value)
        : NaN;
  return Number.isNaN(time) ? null : time;
}

function firstValue(item: unknown, fields: readonly string[]): unknown {
  if (typeof item !== 'object' || item === null) return undefined;
  for (const field of fields) {
    const value = (item as Record<string, unknown>)[field];
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}
