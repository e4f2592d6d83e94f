import { runInThisContext } from 'node:vm';
import { Action, DOApi, Droplet, Image, ImageOffer, PrunePlan, Region, Snapshot } from '../..';
import { isInstance } from '../show/explain-error';

type Class = abstract new (...args: never[]) => object;

const OF_RESOURCES = ['api', 'receivedAt', 'attached'];
const OF_ACTIONABLES = [...OF_RESOURCES, 'sendTag', 'start', 'fetchLastWithin', 'resourceType'];

/** What objects have at run time that is not public: members that are private, protected or internal. */
export const INTERNAL_NAMES: readonly (readonly [() => Class, readonly string[]])[] = [
  [() => DOApi, ['requester', 'fetchResource', 'declaredFields', 'createDropletOf', 'create', 'list']],
  [() => Image, [...OF_ACTIONABLES, 'reader', 'importFailed']],
  [() => Droplet, [...OF_ACTIONABLES, 'waitUntilOff', 'waitTarget', 'images', 'newSnapshotName']],
  [() => Action, [...OF_RESOURCES, 'waitTarget', 'throwIfAborted', 'resourceUrl']],
  [() => Snapshot, OF_RESOURCES],
  [() => Region, OF_RESOURCES],
  [() => ImageOffer, ['end']],
];

/** The same of the classes themselves. */
export const INTERNAL_STATICS: readonly (readonly [() => Class, readonly string[]])[] = [
  ...[() => Image, () => Droplet, () => Snapshot, () => Region].map((type) => [type, ['attach']] as const),
  [() => Action, ['attach', 'waitTargetMembers']],
  [() => PrunePlan, ['read']],
];

/**
 * Whether a completion of code, such as `image.start`, is internal.
 * @param valueOf reads a variable; it may throw
 */
export function isInternal(
  completion: string,
  valueOf: (variable: string) => unknown = runInThisContext,
): boolean {
  const [, variable = '', name = ''] = /^([\w$]+(?:\.[\w$]+)*)\??\.([\w$]+)$/.exec(completion) ?? [];
  const isNamed = ([, names]: readonly [unknown, readonly string[]]): boolean => names.includes(name);
  const members = INTERNAL_NAMES.filter(isNamed);
  const statics = INTERNAL_STATICS.filter(isNamed);
  if (members.length + statics.length === 0) return false;
  try {
    const value = valueOf(variable);
    return members.some(([type]) => isInstance(value, type())) || statics.some(([type]) => value === type());
  } catch {
    return false;
  }
}
