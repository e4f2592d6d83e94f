import { describe, expect, it } from '@jest/globals';
import { anAction, anImage, aRegion, Sandbox } from '../../lib/sandbox';

/** Runs code while Object.prototype has a property. */
async function polluted<T>(name: string, value: unknown, work: () => T | Promise<T>): Promise<T> {
  Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
}

const VALUES: Readonly<Record<string, unknown>> = {
  id: 9,
  slug: 'evil',
  regions: ['evil'],
  public: true,
  region_slug: 'evil',
  region: { slug: 'evil' },
  status: 'in-progress',
  tags: ['evil'],
  description: 'evil',
  distribution: 'Debian',
  times: 1,
  after: 5,
  probability: 0,
  when: () => false,
  on: 'DELETE /v2/images/:id',
  seed: 2,
  retryAfter: 5,
};

/** All that seeds, faults and request bodies give. */
async function results(): Promise<unknown> {
  const sandbox = new Sandbox({
    images: [{ id: 5, name: 'a' }],
    actions: [{ id: 7, resource_id: 5 }],
    regions: ['nyc1', aRegion('nyc3')],
    clock: 'manual',
  });
  const rule = sandbox.fail({ with: 'delay', ms: 0 } as never);
  const refused: unknown[] = [];
  for (let count = 0; count < 3; count++) {
    const { status, body } = await sandbox.adapter({
      method: 'POST',
      url: 'https://api.digitalocean.com/v2/images',
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'b', url: 'https://a.example/b.gz', region: 'nyc1' }),
      signal: new AbortController().signal,
    });
    refused.push(status, body);
  }
  return [anImage({}), anAction({}), aRegion('x'), sandbox.images, sandbox.snapshot(), refused, rule.met];
}

describe('a sandbox in a program whose Object.prototype has the names of its seeds and faults', () => {
  it.each(Object.keys(VALUES))('has the same images, actions and faults: %s', async (name) => {
    const clean = JSON.stringify(await results());
    const shown = await polluted(name, VALUES[name], async () => JSON.stringify(await results()));
    expect(shown).toBe(clean);
  });
});
