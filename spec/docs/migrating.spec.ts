import { describe, expect, it, jest } from '@jest/globals';
import { DOApi } from '../../lib';
import { Sandbox } from '../../lib/sandbox';
import { evaluate } from '../support/evaluate';
import { rejection } from '../support/rejection';
import { codeInColumn, readPage } from '../support/readme';

const page = readPage('docs/migrating.md');
const calls = [...new Set(codeInColumn(page, 'doapi-ts'))];

/** What the calls of the tables use, on a sandbox. */
async function variables(): Promise<Record<string, unknown>> {
  const sandbox = new Sandbox({
    images: [
      { id: 5, name: 'golden', type: 'snapshot', regions: ['nyc1'], tags: ['web'] },
      { id: 6, name: 'nightly', type: 'backup', regions: ['nyc1'] },
      { id: 8, slug: 'debian-13-x64', public: true, regions: ['nyc1'] },
    ],
    actions: [
      { id: 7, resource_id: 5, status: 'completed', region_slug: 'nyc1' },
      { id: 11, resource_id: 9, resource_type: 'droplet', type: 'reboot', status: 'completed' },
    ],
    droplets: [
      { id: 10, name: 'web-2', region: 'nyc1', image: 8, status: 'off' },
      { id: 9, name: 'web-1', region: 'nyc1', image: 8, snapshot_ids: [5], backup_ids: [6], tags: ['web'] },
    ],
  });
  jest.replaceProperty(process, 'env', { DIGITALOCEAN_TOKEN: sandbox.token });
  const api = sandbox.api();
  const [snapshot] = await api.fetchAllSnapshots().toArray();
  const [image, droplet] = [await api.fetchImage(5), await api.fetchDroplet(9)];
  const error = await rejection(api.fetchImage(99));
  const offDroplet = await api.fetchDroplet(10);
  const action = await api.fetchAction(7);
  return {
    ...{ DOApi, api, image, droplet, offDroplet, action, snapshot, actions: [action], backup: 6, error },
    ...{ id: 5, actionId: 7, dropletId: 9, slug: 'debian-13-x64', token: sandbox.token, tagName: 'web' },
    ...{ name: 'web-9', names: ['web-9', 'web-10'], region: 'fra1', size: 's-1vcpu-1gb' },
    ...{ path: '/v2/sizes', key: 'sizes', url: 'https://example.com/disk.qcow2' },
  };
}

/** Calls for another thing than an image: their `id` and `region` are those of such a thing. */
function adapted(call: string, given: Record<string, unknown>): Record<string, unknown> {
  if (/powerOn|resize/.test(call)) return { ...given, droplet: given.offDroplet };
  if (/^api\.(fetchDroplet|droplet)\(id\)|^droplet\./.test(call)) {
    const image = call.includes('rebuild') ? 8 : given.image;
    return { ...given, image, id: call.includes('fetchAction') ? 11 : 9 };
  }
  if (call.includes('fetchAction(id)')) return { ...given, id: 7 };
  if (call.includes('fetchSnapshot(id)')) return { ...given, id: '5' };
  if (call.includes('createDroplet')) return { ...given, region: 'nyc1' };
  return given;
}

describe('docs/migrating.md', () => {
  it('has a section for each library', () => {
    const sections = [...page.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    for (const library of [
      'python-digitalocean',
      'dots-wrapper',
      'do-wrapper',
      'digitalocean',
      '@digitalocean/dots',
    ])
      expect(sections).toContain(library);
    expect(calls.length).toBeGreaterThan(80);
  });

  it.each(calls)('has a call that works: %s', async (call) => {
    const result = await evaluate(call, adapted(call, await variables()));
    if (!/\.(close|delete|tag|untag|throwIfErrored)\(/.test(call)) expect(result).not.toBeUndefined();
  });
});
