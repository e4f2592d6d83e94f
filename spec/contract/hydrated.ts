import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Action, Image, Region } from '../../lib';

/** Throws when the result of an operation is wrong. */
export type Check = (result: unknown) => void;

/** Checks the class of a resource, and each field against the example of the file. */
function hydrated(Class: typeof Image | typeof Action | typeof Region): Check {
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

export const anImage = hydrated(Image);
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
