import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DOApi } from '../../lib';
import { anApi, ENDPOINT, type Json, rejection, TOKEN } from './builders';

interface Snapshot {
  raw: object;
  toJSON(): object;
}

interface SnapshotOf {
  /** The JSON of the API. */
  json: Json;
  /** Creates the object. */
  make: (api: DOApi, json: Json) => Snapshot | Promise<Snapshot>;
  /** The names of its properties. */
  fields: readonly string[];
  /** Any JSON that the API may send for such an object. */
  any: fc.Arbitrary<Json>;
  /** Invalid fields: the path that is reported, and the value of the field. */
  wrong: unknown[][];
  /** The prefix of the path in a message, such as `image`. */
  path: string;
}

/** A resource has its declared fields; its client and the JSON of the API are private. */
export function behavesLikeASnapshot({ json, make, fields, any, wrong, path }: SnapshotOf): void {
  const made = async (changes: Json = {}): Promise<Snapshot> => make(anApi(), { ...json, ...changes });

  describe('is a snapshot', () => {
    it('has exactly the declared fields', async () => {
      expect(Object.keys(await made()).sort()).toEqual([...fields].sort());
    });

    it('shows neither its client nor the token in any view', async () => {
      const resource = await made();
      const views = [
        inspect(resource, { depth: null, showHidden: true, getters: false }),
        inspect(resource, { depth: null }),
        JSON.stringify(resource),
        inspect({ ...resource }, { depth: null, showHidden: true }),
        inspect(structuredClone({ ...resource }), { depth: null, showHidden: true }),
      ];
      for (const view of views) {
        expect(view).not.toContain(TOKEN);
        expect(view).not.toContain(ENDPOINT);
        expect(view).not.toMatch(/DOApi|requester|receivedAt:|denied/);
      }
    });

    it('can be spread and cloned like a plain object', async () => {
      const resource = await made();
      expect(Object.keys({ ...resource }).sort()).toEqual([...fields].sort());
      expect(Object.keys(structuredClone(resource)).sort()).toEqual([...fields].sort());
    });

    it('returns the JSON that the API sent', async () => {
      const resource = await made();
      expect(JSON.parse(JSON.stringify(resource))).toEqual(json);
    });

    it('keeps unknown fields in `raw` only', async () => {
      const sent = { ...json, brand_new: { deep: [1] } };
      const resource = await make(anApi(), sent);
      expect(resource.raw).toEqual(sent);
      expect(Object.keys(resource)).not.toContain('raw');
      expect('brand_new' in resource).toBe(false);
      expect(resource.toJSON()).not.toHaveProperty('brand_new');
    });

    it('has methods that no key of a response can replace', async () => {
      const wild = {
        fetch: 1,
        url: 2,
        api: 3,
        raw: 4,
        toJSON: 5,
        toString: 6,
        constructor: 7,
        hasOwnProperty: 8,
      };
      const resource = await made(wild);
      expect(typeof resource.toJSON).toBe('function');
      expect(JSON.parse(JSON.stringify(resource))).toEqual(json);
      expect(resource.raw).toMatchObject({ url: 2 });
    });

    it('takes no prototype from a response', async () => {
      const wild = JSON.parse(`{"__proto__": {"polluted": true}, "rest": ${JSON.stringify(json)}}`) as {
        rest: Json;
      };
      const resource = await make(anApi(), Object.assign(wild, wild.rest));
      expect('polluted' in resource).toBe(false);
      expect('polluted' in {}).toBe(false);
    });

    it('survives a round trip through JSON, whatever its values', async () => {
      const property = fc.asyncProperty(any, async (sent) => {
        const there = await make(anApi(), sent);
        expect(JSON.parse(JSON.stringify(there))).toEqual(sent);
        const back = await make(anApi(), JSON.parse(JSON.stringify(there)) as Json);
        expect({ ...back }).toStrictEqual({ ...there });
      });
      await fc.assert(property, { numRuns: 60 });
    });

    it.each(wrong)('rejects a field of the wrong type by its path: %s = %j', async (where, value) => {
      const [field = ''] = String(where).split(/[.[]/, 1);
      const error = await rejection(made({ [field]: value }));
      expect(String(error)).toContain(`${path}.${String(where)}: expected `);
    });
  });
}
