import { describe, expect, it } from '@jest/globals';
import { ClosedError, ReadOnlyError } from '../lib';
import { Sandbox } from '../lib/sandbox';
import { rejection } from './support/builders';

const image = { id: 5, name: 'golden', type: 'snapshot', regions: ['nyc1'] };

describe('a read-only manager', () => {
  const sandbox = new Sandbox({ images: [image] });
  const api = sandbox.api({ readOnly: true });
  const five = api.image({ ...image });

  it.each<[string, () => Promise<unknown>, Partial<ReadOnlyError>]>([
    ['delete', () => five.delete(), { method: 'DELETE', scope: 'image:delete' }],
    [
      'update',
      () => five.update({ name: 'x' }),
      { method: 'PUT', body: { name: 'x' }, scope: 'image:update' },
    ],
    ['transfer', () => five.transfer('fra1'), { method: 'POST', body: { type: 'transfer', region: 'fra1' } }],
    ['transfer with wait', () => five.transfer('fra1', { wait: true }), { method: 'POST' }],
    ['convert', () => five.convert(), { method: 'POST', body: { type: 'convert' } }],
    ['act', () => five.act({ type: 'anything' }), { method: 'POST', scope: 'image:update' }],
    ['tag', () => five.tag('a'), { method: 'POST', scope: 'tag:create' }],
    ['untag', () => five.untag('a'), { method: 'DELETE', scope: 'tag:delete' }],
    ['replicate', () => five.replicate(['fra1', 'sgp1']), { method: 'POST' }],
    ['offerTo', () => five.offerTo({ email: 'bob@example.com' }), { method: 'POST', scope: 'image:update' }],
    ['offer.cancel', () => api.imageOffer(5, 7).cancel(), { method: 'POST', scope: 'image:update' }],
    [
      'offer.accept',
      () => api.imageOffer(5, 7).accept({ uuid: 'a' }),
      { method: 'POST', scope: 'image:create' },
    ],
    ['offer.decline', () => api.imageOffer(5, 7).decline(), { method: 'POST', scope: 'image:create' }],
    [
      'createCustomImage',
      () => api.createCustomImage({ name: 'n', url: 'https://example.com/a.raw', region: 'nyc3' }),
      { method: 'POST', scope: 'image:create' },
    ],
    [
      'request',
      () => api.request('/v2/x', { method: 'POST', body: 5 }),
      { method: 'POST', body: 5, scope: null },
    ],
    ['request, PATCH', () => api.request('/v2/x', { method: 'PATCH' }), { method: 'PATCH' }],
    [
      'request, PUT',
      () => api.request('/v2/x', { method: 'PUT', params: { a: 1 } }),
      { url: `${api.endpoint}/v2/x?a=1` },
    ],
    ['request, DELETE', () => api.request('/v2/x', { method: 'DELETE' }), { method: 'DELETE' }],
  ])('sends nothing that changes anything: %s', async (_name, work, would) => {
    const before = sandbox.requests.length;
    const error = await rejection(work());
    expect(error).toBeInstanceOf(ReadOnlyError);
    expect(error).toMatchObject(would);
    expect((error as ReadOnlyError).message).toContain('not sent, since this DOApi is read-only');
    expect(sandbox.requests.slice(before).filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it('reads as usual', async () => {
    expect((await api.fetchImage(5)).name).toBe('golden');
    expect(await api.fetchAllPrivateImages().toArray()).toHaveLength(1);
    await expect(api.request('/v2/images/5', { method: 'HEAD' })).resolves.toBeNull();
  });

  it('still says when it is closed', async () => {
    const closed = sandbox.api({ readOnly: true });
    await closed.close();
    expect(await rejection(closed.fetchImage(5))).toBeInstanceOf(ClosedError);
  });
});
