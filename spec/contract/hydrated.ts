import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Action, Droplet, Image, Region, Snapshot } from '../../lib';

/** Throws when the result of an operation is wrong. */
export type Check = (result: unknown) => void;

/** Checks the class of a resource, and each field against the example of the file. */
function hydrated(Class: typeof Image | typeof Action | typeof Region | typeof Snapshot): Check {
  return (result) => {
    assert(result instanceof Class, `expected ${Class.name}, got ${show(result)}`);
    const json = JSON.parse(JSON.stringify(result)) as Record<string, unknown>;
    for (const [name, sent] of Object.entries(result.raw)) {
      // Duplicates in a list are removed.
      if (Array.isArray(sent)) assert.deepEqual(json[name], [...new Set<unknown>(sent)], name);
      else assert.deepEqual(json[name], sent, name);
    }
  };
}

/** Fields of a Droplet that are read as they are: the others become objects, or are not read. */
const AS_SENT = [
  'id',
  'name',
  'status',
  'memory',
  'vcpus',
  'disk',
  'locked',
  'created_at',
  'size_slug',
  'vpc_uuid',
];
const LISTS = ['features', 'backup_ids', 'snapshot_ids', 'tags', 'volume_ids'];

export const aDroplet: Check = (result) => {
  assert(result instanceof Droplet, `expected a Droplet, got ${show(result)}`);
  const json = JSON.parse(JSON.stringify(result)) as Record<string, unknown>;
  const { raw } = result as unknown as { raw: Record<string, Record<string, unknown>> };
  for (const name of AS_SENT) assert.deepEqual(json[name] ?? null, raw[name] ?? null, name);
  for (const name of LISTS) assert.deepEqual(json[name], raw[name] ?? [], name);
  assert.equal(result.region?.slug, raw.region?.slug, 'region');
  assert.equal(result.image?.id, raw.image?.id, 'image');
  assert.equal(result.networks.v4.length, ((raw.networks?.v4 ?? []) as unknown[]).length, 'networks');
};

export const anImage = hydrated(Image);
export const aSnapshot = hydrated(Snapshot);
export const anAction = hydrated(Action);
const aRegion = hydrated(Region);

/** Checks each item and the number of items. */
function list(item: Check, length: number): Check {
  return (result) => {
    assert(Array.isArray(result), `expected a list, got ${show(result)}`);
    result.forEach(item);
    assert.equal(result.length, length, 'number of items');
  };
}

/** Checks each item, of which there is one at least. */
export const listOf =
  (item: Check, length?: number): Check =>
  (result) => {
    assert(Array.isArray(result) && result.length > 0, `expected items, got ${show(result)}`);
    list(item, length ?? result.length)(result);
  };

export const images = (length: number): Check => list(anImage, length);
export const actions = (length: number): Check => list(anAction, length);
export const regions = (length: number): Check => list(aRegion, length);

/** The result of a delete or a tag. */
export const nothing: Check = (result) => assert.equal(result ?? null, null);

export const exactly =
  (expected: unknown): Check =>
  (result) =>
    assert.deepEqual(result, expected);

/** Plain JSON with these properties, as `api.request` returns it. */
export const jsonWith =
  (...names: string[]): Check =>
  (result) => {
    assert(typeof result === 'object' && result !== null, `expected an object, got ${show(result)}`);
    for (const name of names) assert(name in result, `${name} is missing`);
  };

function show(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Infinity });
}
