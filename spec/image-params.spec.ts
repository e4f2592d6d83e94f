import { describe, expect, it } from '@jest/globals';
import { type NewImage } from '../lib';
import { eachWrong, NO_SLUGS, rejectsWrongInput, type WrongInput } from './support/behaves-like-strict-input';
import { imageJson, MemoryServer } from './support/builders';

const least = { name: 'mine', url: 'https://example.com/disk.qcow2.gz', region: 'nyc3' };

/** The request body for a new image. */
async function bodyOf(image: NewImage): Promise<unknown> {
  const server = new MemoryServer(() => ({ status: 202, body: { image: imageJson({ status: 'NEW' }) } }));
  await server.api().createCustomImage(image);
  return server.requests[0]?.body;
}

describe('a new image', () => {
  it('needs a name, a URL and a region', async () => {
    expect(await bodyOf(least)).toStrictEqual(least);
  });

  it('may have a distribution, a description and tags', async () => {
    const more = { distribution: 'Ubuntu', description: '', tags: ['base-image', 'env:prod'] };
    expect(await bodyOf({ ...least, ...more })).toStrictEqual({ ...least, ...more });
    expect(await bodyOf({ ...least, tags: [] })).toStrictEqual({ ...least, tags: [] });
  });

  it('leaves out what is undefined', async () => {
    expect(await bodyOf({ ...least, description: undefined })).toStrictEqual(least);
  });

  it('may have an http: URL, which is sent unchanged', async () => {
    const url = 'HTTP://example.com/disk.raw?signature=a%2Fb&expires=1#part';
    expect(await bodyOf({ ...least, url })).toStrictEqual({ ...least, url });
  });
});

describe('a new image: invalid input is rejected before a request is sent', () => {
  const texts = ['', '  ', 5, null, undefined].map((bad): [unknown, typeof TypeError] => [bad, TypeError]);
  const urls = [
    'disk.raw',
    '/disk.raw',
    'ftp://example.com/disk',
    'javascript:1',
    'file:///etc/passwd',
    'https://',
  ];
  const tags = ['prod', {}, null].map((bad): [unknown, typeof TypeError] => [bad, TypeError]);
  const create =
    (image: unknown): WrongInput[1] =>
    (api) =>
      api.createCustomImage(image as NewImage);
  const wrong = (
    name: string,
    values: [unknown, typeof TypeError | typeof RangeError][],
    names = name,
  ): WrongInput[] =>
    eachWrong('createCustomImage()', names, values, (api, bad) =>
      api.createCustomImage({ ...least, [name]: bad }),
    );
  rejectsWrongInput([
    ['nothing', create(undefined), TypeError, 'image'],
    ['null', create(null), TypeError, 'image'],
    ['a URL alone', create(least.url), TypeError, 'image'],
    ...wrong('name', texts),
    ...wrong('url', texts),
    ...wrong(
      'url',
      urls.map((bad) => [bad, TypeError]),
    ),
    ...wrong('region', NO_SLUGS),
    ...wrong('distribution', [
      ['', TypeError],
      [5, TypeError],
      [null, TypeError],
    ]),
    ...wrong('description', [
      [5, TypeError],
      [null, TypeError],
    ]),
    ...wrong('tags', tags),
    ...wrong('tags', [[['ok', 'not ok'], TypeError]], 'tags[1]'),
  ]);

  it('does not show a URL, which may contain a signature', async () => {
    const server = new MemoryServer(() => ({}));
    const url = 'ftp://example.com/disk?signature=secret';
    const refused = server.api().createCustomImage({ ...least, url });
    await expect(refused).rejects.toThrow(new TypeError('url: expected an absolute http: or https: URL'));
  });
});
