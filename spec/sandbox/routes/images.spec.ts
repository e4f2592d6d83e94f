import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Sandbox } from '../../../lib/sandbox';
import { send, withOneImage } from '../support';

describe('GET /v2/images', () => {
  const sandbox = new Sandbox();

  it('lists all images, oldest first, 20 to a page', async () => {
    const { status, body } = await send(sandbox, 'GET /v2/images');
    expect(status).toBe(200);
    expect(body.images).toHaveLength(20);
    expect(body.meta.total).toBe(60);
    const dates = body.images.map((image) => image.created_at);
    expect(dates).toEqual([...dates].sort());
  });

  it('filters distributions and applications, regardless of the type of an image', async () => {
    const distributions = await send(sandbox, 'GET /v2/images?type=distribution');
    const applications = await send(sandbox, 'GET /v2/images?type=application');
    expect(distributions.body.images.map(({ slug }) => slug)).toContain('ubuntu-24-04-x64');
    expect(distributions.body.images.map(({ slug }) => slug)).toContain('rockylinux-9-x64');
    expect(distributions.body.images.every((image) => image.public)).toBe(true);
    expect(applications.body.images.map(({ slug }) => slug)).toContain('wordpress-20-04');
    expect(applications.body.images.every((image) => image.public)).toBe(true);
    expect(distributions.body.meta.total + applications.body.meta.total).toBe(24);
  });

  it('lists only private images with private=true, all with private=false', async () => {
    const own = await send(sandbox, 'GET /v2/images?private=true&per_page=200');
    const all = await send(sandbox, 'GET /v2/images?private=false&per_page=200');
    expect(own.body.images.some((image) => image.public)).toBe(false);
    expect(new Set(own.body.images.map(({ type }) => type))).toEqual(
      new Set(['snapshot', 'backup', 'custom']),
    );
    expect(own.body.meta.total).toBe(36);
    expect(all.body.meta.total).toBe(60);
  });

  it('lists the images with a tag, in any case of letters', async () => {
    const tagged = await send(sandbox, 'GET /v2/images?tag_name=ENV:production');
    expect(tagged.body.meta.total).toBeGreaterThan(0);
    expect(tagged.body.images.every(({ tags }) => tags.includes('env:production'))).toBe(true);
    expect((await send(sandbox, 'GET /v2/images?tag_name=none')).body.images).toEqual([]);
  });
});

describe('GET /v2/images with a filter of another value', () => {
  it.each(['type=snapshot', 'type=', 'private=yes', 'private=1'])('%s is refused', async (query) => {
    const [name] = query.split('=');
    expect(await send(new Sandbox(), `GET /v2/images?${query}`)).toMatchObject({
      status: 422,
      body: { id: 'unprocessable_entity', message: `${String(name)} is invalid.` },
    });
  });

  it('a parameter that does not exist is ignored', async () => {
    expect((await send(new Sandbox(), 'GET /v2/images?name=web')).body.meta.total).toBe(60);
  });
});

describe('GET /v2/images/:id', () => {
  it('finds an image by id, and a public image by slug', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5 }, { id: 6, slug: 'ubuntu-24-04-x64' }] });
    expect((await send(sandbox, 'GET /v2/images/5')).body.image.id).toBe(5);
    expect((await send(sandbox, 'GET /v2/images/ubuntu-24-04-x64')).body.image.id).toBe(6);
  });

  it('does not find private images by slug', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5, slug: 'mine', public: false }] });
    expect((await send(sandbox, 'GET /v2/images/mine')).status).toBe(404);
    expect((await send(sandbox, 'GET /v2/images/5')).status).toBe(200);
  });

  it.each(['6', '005', 'no-such-slug', '0', '-1', '5.0', '%', '5%2F', '99999999999999999999'])(
    'does not find %s',
    async (id) => {
      const { status, body } = await send(withOneImage(), `GET /v2/images/${id}`);
      expect(status).toBe(404);
      expect(body).toEqual({
        id: 'not_found',
        message: 'The resource you were accessing could not be found.',
      });
    },
  );
});

describe('POST /v2/images', () => {
  const wanted = { name: 'mine', url: 'https://example.com/disk.qcow2', region: 'nyc3' };

  it('responds with 202 and only the documented fields', async () => {
    const { status, body } = await send(withOneImage(), 'POST /v2/images', {
      ...wanted,
      distribution: 'Ubuntu',
      description: 'ours',
      tags: ['base'],
    });
    expect(status).toBe(202);
    expect(body.image).toEqual({
      id: expect.any(Number),
      name: 'mine',
      type: 'custom',
      distribution: 'Ubuntu',
      regions: [],
      created_at: '2026-01-01T00:00:00Z',
      description: 'ours',
      tags: ['base'],
      status: 'NEW',
      error_message: '',
    });
  });

  it('imports in steps: NEW, pending, available; regions and sizes are set at the end', async () => {
    const sandbox = withOneImage({ importTime: 100_000 });
    const { id } = (await send(sandbox, 'POST /v2/images', wanted)).body.image;
    const look = async () => (await send(sandbox, `GET /v2/images/${id}`)).body.image;
    expect(await look()).toMatchObject({
      status: 'NEW',
      regions: [],
      size_gigabytes: null,
      min_disk_size: null,
    });
    await sandbox.advance(25_000);
    expect(await look()).toMatchObject({ status: 'pending', regions: [] });
    await sandbox.advance(75_000);
    expect(await look()).toMatchObject({ status: 'available', regions: ['nyc3'], size_gigabytes: 2.34 });
  });

  it('fails for a host that cannot exist: the image is deleted, and its error_message is still readable', async () => {
    const sandbox = withOneImage();
    const url = 'https://nowhere.invalid/disk.qcow2';
    const { id } = (await send(sandbox, 'POST /v2/images', { ...wanted, url })).body.image;
    await sandbox.settle();
    const { status, body } = await send(sandbox, `GET /v2/images/${id}`);
    expect(status).toBe(200);
    expect(body.image).toMatchObject({
      status: 'deleted',
      error_message: `Could not download the image from ${url}.`,
    });
    expect((await send(sandbox, 'GET /v2/images')).body.images.map((image) => image.id)).not.toContain(id);
    expect((await send(sandbox, `DELETE /v2/images/${id}`)).status).toBe(422);
  });

  /** The status and the error message of an import that has ended. */
  async function imported(url: string): Promise<[status: string, message: string]> {
    const sandbox = withOneImage();
    const { id } = (await send(sandbox, 'POST /v2/images', { ...wanted, url })).body.image;
    await sandbox.settle();
    const { image } = (await send(sandbox, `GET /v2/images/${id}`)).body;
    return [image.status, image.error_message];
  }

  it.each([
    ...['raw', 'img', 'qcow2', 'vhdx', 'vdi', 'vmdk', 'QCOW2'].flatMap((one) => [
      one,
      `${one}.gz`,
      `${one}.bz2`,
    ]),
    'qcow2?X-Signature=1&name=a.iso',
    'raw#a.zip',
    'qcow2%2Egz',
  ])('imports disk.%s', async (extension) => {
    expect(await imported(`https://example.com/disk.${extension}`)).toEqual(['available', '']);
  });

  it.each(['/download', '/images/5', '/disk.gz', '/debian-12.5', '/a.iso/latest', '/', '/%E0%A4%A'])(
    'imports %s, which has no extension: the API looks at the content, not at the name',
    async (path) => {
      expect(await imported(`https://example.com${path}?file=a.zip`)).toEqual(['available', '']);
    },
  );

  it.each([
    ...[
      'iso',
      'zip',
      'tar',
      'tar.gz',
      'tgz',
      'qcow2.xz',
      'raw.zst',
      'raw.gz.gz',
      'vhd',
      'ova',
      'qcow',
      '7z',
      'html',
    ],
    'iso?name=disk.raw',
  ])('fails to import disk.%s', async (extension) => {
    const file = `disk.${extension.replace(/\?.*/, '')}`;
    expect(await imported(`https://example.com/disk.${extension}`)).toEqual([
      'deleted',
      `The format of ${file} is not supported: expected raw, qcow2, vhdx, vdi or vmdk, plain or compressed with gzip or bzip2.`,
    ]);
  });

  it('imports or fails for any URL, in one line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.webUrl({ withQueryParameters: true, withFragments: true }), async (url) => {
        fc.pre(/^https?:\/\/[^/\s]+\/\S/.test(url));
        const [status, message] = await imported(url);
        expect(['available', 'deleted']).toContain(status);
        expect(message).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 50 },
    );
  });

  it('sets an unknown distribution to Unknown', async () => {
    const { body } = await send(withOneImage(), 'POST /v2/images', {
      ...wanted,
      distribution: 'Hannah Montana Linux',
    });
    expect(body.image.distribution).toBe('Unknown');
  });

  it.each([
    ['no name', { name: undefined }, 'name is required.'],
    ['an empty name', { name: '' }, 'name is required.'],
    ['a name of another type', { name: 5 }, 'name is invalid.'],
    ['tags of another type', { tags: 'base' }, 'tags is invalid.'],
    ['a tag that cannot exist', { tags: ['base', 'no spaces'] }, 'tags is invalid.'],
    ['a URL that is none', { url: 'disk.qcow2' }, 'URL is not valid.'],
    ['a URL with a port that cannot be', { url: 'https://a.example:99999/disk.qcow2' }, 'URL is not valid.'],
    ['a URL with a host that cannot be', { url: 'https://[a/disk.qcow2' }, 'URL is not valid.'],
    ['a region that does not exist', { region: 'mars1' }, 'Region is not valid.'],
  ])('refuses %s', async (_, change, message) => {
    const sandbox = withOneImage();
    const { status, body } = await send(sandbox, 'POST /v2/images', { ...wanted, ...change });
    expect(status).toBe(422);
    expect(body).toEqual({ id: 'unprocessable_entity', message });
    expect(sandbox.images).toHaveLength(1);
  });
});

describe('PUT /v2/images/:id', () => {
  it('renames an image', async () => {
    const sandbox = withOneImage();
    const { status, body } = await send(sandbox, 'PUT /v2/images/5', { name: 'new' });
    expect(status).toBe(200);
    expect(body.image.name).toBe('new');
    expect(sandbox.images[0]?.name).toBe('new');
  });

  it('changes description and distribution of custom images only', async () => {
    const sandbox = new Sandbox({ images: [{ id: 5 }, { id: 6, type: 'custom' }] });
    const change = { description: 'ours', distribution: 'Debian' };
    expect((await send(sandbox, 'PUT /v2/images/5', change)).body.image).toMatchObject({
      description: '',
      distribution: 'Ubuntu',
    });
    expect((await send(sandbox, 'PUT /v2/images/6', change)).body.image).toMatchObject(change);
    expect((await send(sandbox, 'PUT /v2/images/6', { name: 'new' })).body.image).toMatchObject(change);
  });

  it('accepts an empty change, refuses an empty name and a body that is not an object', async () => {
    const sandbox = withOneImage();
    expect((await send(sandbox, 'PUT /v2/images/5', {})).status).toBe(200);
    expect((await send(sandbox, 'PUT /v2/images/5')).status).toBe(200);
    expect((await send(sandbox, 'PUT /v2/images/5', { name: '' })).status).toBe(422);
    expect((await send(sandbox, 'PUT /v2/images/5', 'not JSON')).body).toEqual({
      id: 'bad_request',
      message: 'error parsing request body',
      request_id: expect.any(String),
    });
    expect((await send(sandbox, 'PUT /v2/images/5', [1])).status).toBe(400);
  });

  it('refuses public images and slugs', async () => {
    const sandbox = new Sandbox({ images: [{ id: 6, slug: 'ubuntu-24-04-x64' }] });
    expect((await send(sandbox, 'PUT /v2/images/6', { name: 'mine' })).status).toBe(403);
    expect((await send(sandbox, 'PUT /v2/images/ubuntu-24-04-x64', { name: 'mine' })).status).toBe(404);
  });
});

describe('DELETE /v2/images/:id', () => {
  it('responds with 204 without a body, and removes the image', async () => {
    const sandbox = withOneImage();
    const { status, headers } = await send(sandbox, 'DELETE /v2/images/5');
    expect(status).toBe(204);
    expect(headers).not.toHaveProperty('content-type');
    expect((await send(sandbox, 'GET /v2/images/5')).status).toBe(404);
    expect((await send(sandbox, 'GET /v2/images')).body.images).toEqual([]);
    expect(sandbox.images).toEqual([]);
  });

  it('responds with 422 to every further delete', async () => {
    const sandbox = withOneImage();
    await send(sandbox, 'DELETE /v2/images/5');
    for (let again = 0; again < 2; again++) {
      expect(await send(sandbox, 'DELETE /v2/images/5')).toMatchObject({
        status: 422,
        body: { id: 'unprocessable_entity', message: 'Can not delete an already deleted image.' },
      });
    }
  });

  it('responds with 404 to an unknown image, and with 403 to a public one', async () => {
    const sandbox = new Sandbox({ images: [{ id: 6, slug: 'ubuntu-24-04-x64' }] });
    expect((await send(sandbox, 'DELETE /v2/images/7')).status).toBe(404);
    expect((await send(sandbox, 'DELETE /v2/images/6')).status).toBe(403);
  });

  it('ends the actions in progress of the image as errored', async () => {
    const ofADroplet = { id: 9, resource_type: 'droplet', resource_id: 5, status: 'in-progress' };
    const sandbox = withOneImage({ actions: [ofADroplet] });
    const { id } = (await send(sandbox, 'POST /v2/images/5/actions', { type: 'transfer', region: 'nyc3' }))
      .body.action;
    await send(sandbox, 'DELETE /v2/images/5');
    await sandbox.settle();
    expect((await send(sandbox, `GET /v2/actions/${id}`)).body.action.status).toBe('errored');
    expect((await send(sandbox, 'GET /v2/images/5/actions')).status).toBe(404);
    expect((await send(sandbox, 'GET /v2/actions/9')).body.action.status).toBe('completed');
  });
});
