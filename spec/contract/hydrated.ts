import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Action, Image, Region } from '../../lib';

/** Throws when what an operation gave is something else. */
export type Check = (given: unknown) => void;

/** What holds for every resource: its class, and that each field of the file's example arrived as it was sent. */
function hydrated(Class: typeof Image | typeof Action | typeof Region): Check {
  return (given) => {
    assert(given instanceof Class, `expected ${Class.name}, got ${show(given)}`);
    const json = JSON.parse(JSON.stringify(given)) as Record<string, unknown>;
    for (const [name, sent] of Object.entries(given.raw)) {
      // A list that repeats itself is read without the repeats.
      if (Array.isArray(sent)) assert.deepEqual(json[name], [...new Set<unknown>(sent)], name);
      else assert.deepEqual(json[name], sent, name);
    }
  };
}

export const anImage = hydrated(Image);
export const anAction = hydrated(Action);
const aRegion = hydrated(Region);

/** Each item passes, and there are that many. */
function list(item: Check, length: number): Check {
  return (given) => {
    assert(Array.isArray(given), `expected a list, got ${show(given)}`);
    given.forEach(item);
    assert.equal(given.length, length, 'number of items');
  };
}

export const images = (length: number): Check => list(anImage, length);
export const actions = (length: number): Check => list(anAction, length);
export const regions = (length: number): Check => list(aRegion, length);

/** A delete, a tag: nothing is given. */
export const nothing: Check = (given) => assert.equal(given ?? null, null);

export const exactly =
  (expected: unknown): Check =>
  (given) =>
    assert.deepEqual(given, expected);

/** Plain JSON with these names in it, as a request of one's own gives it. */
export const jsonWith =
  (...names: string[]): Check =>
  (given) => {
    assert(typeof given === 'object' && given !== null, `expected an object, got ${show(given)}`);
    for (const name of names) assert(name in given, `${name} is missing`);
  };

function show(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Infinity });
}
