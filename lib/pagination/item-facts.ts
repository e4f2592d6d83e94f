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

/** Sorts the newest first, by {@link birthOf}, then by the id; what has no date is oldest. */
export function byAge(a: unknown, b: unknown): number {
  const [birthA, birthB] = [birthOf(a) ?? -Infinity, birthOf(b) ?? -Infinity];
  return birthA === birthB ? compareIds(firstValue(b, ['id']), firstValue(a, ['id'])) : birthB - birthA;
}

/** Numbers by their value, also as text; anything else comes after them, as text. */
function compareIds(a: unknown, b: unknown): number {
  const [numberA, numberB] = [Number(a), Number(b)];
  if (!Number.isNaN(numberA) && !Number.isNaN(numberB)) return numberA - numberB;
  if (Number.isNaN(numberA) !== Number.isNaN(numberB)) return Number.isNaN(numberA) ? 1 : -1;
  const [textA, textB] = [String(a), String(b)];
  return textA < textB ? -1 : Number(textA > textB);
}

function firstValue(item: unknown, fields: readonly string[]): unknown {
  if (typeof item !== 'object' || item === null) return undefined;
  // Not for-of: it is called for each item of a list, mostly before it is optimised.
  for (let at = 0, field = fields[at]; field !== undefined; field = fields[++at]) {
    const value = (item as Record<string, unknown>)[field];
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}
