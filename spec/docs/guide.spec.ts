import { describe, expect, it } from '@jest/globals';
import { PermissionDeniedError } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import { codeIn, readPage, tableOf } from '../support/readme';
import { evaluate } from '../support/evaluate';

/** Rows with a word beside the scopes: those hold in other conditions. */
const rows = tableOf(readPage('docs/guide.md'), 'Call')
  .filter(([, scopes = '']) => /^(`[\w:]+` ?)+$/.test(scopes))
  .flatMap(([calls = '', scopes = '']) => codeIn(calls).map((call) => ({ call, scopes: codeIn(scopes) })));

/** Makes a call of the table with a token that has these scopes. */
async function callWith(call: string, scopes: readonly string[]): Promise<unknown> {
  const sandbox = new Sandbox({
    images: [
      { id: 5, name: 'golden', regions: ['nyc1'], status: 'available', tags: ['known'] },
      { id: 6, slug: 'debian-13-x64' },
    ],
    actions: [{ id: 7, resource_id: 5, status: 'completed' }],
    droplets: [{ id: 9, image: 6, region: 'nyc1' }],
    tokens: { owner: ['image:read', 'droplet:read'], user: scopes },
  });
  const owner = sandbox.api({ token: 'owner' });
  const [image, droplet] = [await owner.fetchImage(5), await owner.fetchDroplet(9)];
  const api = sandbox.api({ token: 'user' });
  const value = await evaluate(call, {
    api,
    image: api.image(image.toJSON()),
    droplet: api.droplet(droplet.toJSON()),
  });
  // The outcome of a region has the error.
  for (const { error } of Array.isArray(value) ? (value as { error?: Error }[]) : []) if (error) throw error;
  return value;
}

describe('the table of scopes in docs/guide.md', () => {
  it('has a row for most calls', () => {
    expect(rows.length).toBeGreaterThan(25);
    expect(new Set(rows.flatMap(({ scopes }) => scopes)).size).toBeGreaterThan(12);
  });

  it.each(rows)('names the scopes that suffice: $call', async ({ call, scopes }) => {
    await callWith(call, scopes);
  });

  it.each(rows.flatMap(({ call, scopes }) => scopes.map((scope) => ({ call, scopes, scope }))))(
    'names no scope that is not needed: $call without $scope',
    async ({ call, scopes, scope }) => {
      const rest = scopes.filter((one) => one !== scope);
      await expect(callWith(call, rest)).rejects.toThrow(PermissionDeniedError);
    },
  );
});
