import { describe, expect, it } from '@jest/globals';
import {
  CreateDropletsError,
  type DOApi,
  type Droplet,
  DropletCreationError,
  LookupError,
  type NewDroplet,
  type NewDroplets,
  ReadOnlyError,
  UnexpectedResponseError,
  UnknownOutcomeError,
  UnprocessableError,
} from '../lib';
import { Sandbox, type SandboxOptions } from '../lib/sandbox';
import { sleep } from '../lib/util/clock';
import { MINUTE, SECOND } from '../lib/util/time-units';
import { eachWrong, NO_SLUGS, rejectsWrongInput, wrongTypes } from './support/behaves-like-strict-input';
import { dropletJson, MemoryServer, rejection } from './support/builders';

const IMAGE = { id: 7, name: 'golden', regions: ['nyc1', 'ams3'], min_disk_size: 25 };
const WEB: NewDroplet = { name: 'web', region: 'nyc1', size: 's-1vcpu-1gb', image: 7 };
const CREATE = { on: 'POST /v2/droplets' };

const anAccount = (options: SandboxOptions = {}): Sandbox =>
  new Sandbox({
    images: [IMAGE],
    droplets: 0,
    actionTime: MINUTE,
    account: { droplet_limit: 100 },
    ...options,
  });

const namesIn = ({ droplets }: Sandbox): string[] => droplets.map(({ name }) => name);
const postsIn = ({ requests }: Sandbox): unknown[] =>
  requests.filter(({ method }) => method === 'POST').map(({ body }) => body);
const withNames = (names: string[]): NewDroplets => ({
  region: 'nyc1',
  size: 's-1vcpu-1gb',
  image: 7,
  names,
});

describe('api.createDroplet()', () => {
  it('returns the Droplet that is being created', async () => {
    const sandbox = anAccount();
    const droplet = await sandbox.api().createDroplet(WEB);
    expect([droplet.name, droplet.status, droplet.image?.id, droplet.region?.slug]).toEqual([
      ...['web', 'new', 7, 'nyc1'],
    ]);
    expect(namesIn(sandbox)).toEqual(['web']);
  });

  it('sends all settings in the names of the API, and nothing else', async () => {
    const server = new MemoryServer(() => ({ status: 202, body: { droplet: dropletJson({ name: 'web' }) } }));
    await server.api().createDroplet({
      ...WEB,
      sshKeys: [5, 'ab:cd'],
      backups: true,
      ipv6: false,
      monitoring: true,
      tags: ['web'],
      userData: '#cloud-config',
      volumes: ['506f78a4'],
      vpcUuid: '760e09ef',
      withDropletAgent: false,
    });
    expect(server.requests[0]?.body).toStrictEqual({
      ...{ name: 'web', region: 'nyc1', size: 's-1vcpu-1gb', image: 7, ssh_keys: [5, 'ab:cd'] },
      ...{ backups: true, ipv6: false, monitoring: true, tags: ['web'], user_data: '#cloud-config' },
      ...{ volumes: ['506f78a4'], vpc_uuid: '760e09ef', with_droplet_agent: false },
    });
    await server.api().createDroplet({ ...WEB, image: 'debian-13-x64' });
    expect(server.requests[1]?.body).toStrictEqual({ ...WEB, image: 'debian-13-x64' });
  });

  it('waits until it is active, with `wait`', async () => {
    const droplet = await anAccount()
      .api()
      .createDroplet({ ...WEB, wait: true });
    expect([droplet.active, droplet.publicIPv4]).toEqual([true, expect.any(String)]);
  });

  it.each(['the call', 'the wait'])('ends with the signal of %s', async (whose) => {
    const sandbox = anAccount();
    const [own, other] = [new AbortController(), new AbortController()];
    const [call, wait] = whose === 'the call' ? [own, other] : [other, own];
    const created = sandbox
      .api()
      .createDroplet({ ...WEB, wait: { signal: wait.signal } }, { signal: call.signal });
    created.catch(() => undefined);
    await sleep(sandbox.clock, 10 * SECOND);
    own.abort(new Error('enough'));
    await expect(created).rejects.toThrow('enough');
    expect(sandbox.clock.now()).toBeLessThan(MINUTE);
  });

  it('tells why the API refuses', async () => {
    const api = anAccount().api();
    const error = await rejection(api.createDroplet({ ...WEB, image: 99 }));
    expect(error).toBeInstanceOf(UnprocessableError);
  });

  it('takes a response about another Droplet for no answer', async () => {
    const server = new MemoryServer(({ method }) =>
      method === 'POST'
        ? { status: 202, body: { droplet: dropletJson({ name: 'other' }) } }
        : { status: 403 },
    );
    expect(await rejection(server.api().createDroplet(WEB))).toBeInstanceOf(UnknownOutcomeError);
  });
});

describe('a lost creation', () => {
  it('is found, and not sent again', async () => {
    const sandbox = anAccount({ lag: { lists: 50 * SECOND } });
    sandbox.fail({ ...CREATE, with: 'reset-after-execution', times: 1 });
    const droplet = await sandbox.api().createDroplet({ ...WEB, wait: true });
    expect(sandbox.droplets.map(({ id }) => id)).toEqual([droplet.id]);
    expect(postsIn(sandbox)).toHaveLength(1);
  });

  it('is told from Droplets of the same name, from before and of another size', async () => {
    const droplets = [
      { name: 'web', region: 'nyc1', image: 7, size_slug: 's-1vcpu-1gb', created_at: '2025-01-01T00:00:00Z' },
      { name: 'web', region: 'ams3', image: 7, size_slug: 's-1vcpu-1gb' },
    ];
    const sandbox = anAccount({ droplets });
    const before = sandbox.droplets.map(({ id }) => id);
    sandbox.fail({ ...CREATE, with: 'reset-after-execution', times: 1 });
    const droplet = await sandbox.api().createDroplet(WEB);
    expect(before).not.toContain(droplet.id);
    expect(droplet.region?.slug).toBe('nyc1');
  });

  it('is known not to have happened when it was lost on its way there', async () => {
    const sandbox = anAccount();
    sandbox.fail({ ...CREATE, with: 'reset-before-execution', times: 1 });
    const error = await rejection(sandbox.api().createDroplet(WEB));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect((error as UnknownOutcomeError).mayHaveExecuted).toBe(false);
    expect(postsIn(sandbox)).toHaveLength(1);
  });

  it('can be searched for again: the Droplet, or the list of them', async () => {
    const sandbox = anAccount();
    const api = sandbox.api();
    const blind = sandbox.fail({ on: 'GET /v2/droplets', with: 'status', status: 403 });
    sandbox.fail({ ...CREATE, with: 'reset-after-execution', times: 2 });
    const one = (await rejection(api.createDroplet(WEB))) as UnknownOutcomeError<Droplet>;
    const many = (await rejection(api.createDroplets(withNames(['solo'])))) as UnknownOutcomeError<Droplet[]>;
    blind.lift();
    expect((await one.reconcile())?.name).toBe('web');
    expect((await many.reconcile())?.map(({ name }) => name)).toEqual(['solo']);
  });

  it('of two at once of the same name is a doubt', async () => {
    const sandbox = anAccount();
    sandbox.fail({ ...CREATE, with: 'reset-after-execution', times: 2 });
    const api = sandbox.api();
    const errors = await Promise.all([api.createDroplet(WEB), api.createDroplet(WEB)].map(rejection));
    for (const error of errors) expect((error as Error).cause).toBeInstanceOf(LookupError);
    expect(postsIn(sandbox)).toHaveLength(2);
  });

  it('of many is found whole', async () => {
    const sandbox = anAccount();
    sandbox.fail({ ...CREATE, with: 'reset-after-execution', times: 1 });
    const names = ['a', 'b', 'c'];
    const droplets = await sandbox.api().createDroplets(withNames(names));
    expect(droplets.map(({ name }) => name)).toEqual(names);
    expect(new Set(droplets.map(({ id }) => id)).size).toBe(3);
    expect(postsIn(sandbox)).toHaveLength(1);
  });
});

describe('api.createDroplets()', () => {
  const many = Array.from({ length: 25 }, (_, index) => `web-${index}`);

  it('sends ten names in each request, and returns the Droplets in their order', async () => {
    const sandbox = anAccount();
    const droplets = await sandbox.api().createDroplets(withNames(many));
    expect(droplets.map(({ name }) => name)).toEqual(many);
    const sent = postsIn(sandbox) as { names: string[] }[];
    expect(sent.map(({ names }) => names.length).sort()).toEqual([10, 10, 5]);
  });

  it('accepts any order in the response, one name, the same name twice, and none', async () => {
    const server = new MemoryServer(({ body }) => {
      const { name, names = [name] } = body as { name?: string; names?: string[] };
      const droplets = names.map((one, index) => dropletJson({ id: 10 - index, name: one })).reverse();
      return { status: 202, body: { droplets } };
    });
    const api = server.api();
    const ids = async (names: string[]): Promise<number[]> =>
      (await api.createDroplets(withNames(names))).map(({ id }) => id);
    expect(await ids(['a', 'b', 'c'])).toEqual([10, 9, 8]);
    expect(await ids(['a'])).toEqual([10]);
    expect(new Set(await ids(['a', 'a']))).toEqual(new Set([9, 10]));
    expect(await ids([])).toEqual([]);
    expect(server.requests).toHaveLength(3);
  });

  it('waits for all, with `wait`', async () => {
    const droplets = await anAccount()
      .api()
      .createDroplets({ ...withNames(many), wait: true });
    expect(droplets.map(({ active }) => active)).toEqual(many.map(() => true));
  });

  it('names the Droplets that exist when some were not created', async () => {
    const sandbox = anAccount({ account: { droplet_limit: 22 } });
    const error = (await rejection(
      sandbox.api().createDroplets(withNames(many)),
    )) as CreateDropletsError<Droplet>;
    expect(error).toBeInstanceOf(CreateDropletsError);
    expect(error.droplets.map(({ name }) => name)).toEqual(many.slice(0, 20));
    expect(error.failures).toEqual([{ names: many.slice(20), error: expect.any(UnprocessableError) }]);
    expect(error.message).toMatch(
      /^20 of 25 Droplets were created, see droplets; failures names the rest: web-20/,
    );
  });

  it('names the Droplets that exist when some disappear', async () => {
    const sandbox = anAccount();
    sandbox.fail({ ...CREATE, with: 'errored-action', times: 1 });
    const call = sandbox.api().createDroplets({ ...withNames(many), wait: true });
    const error = (await rejection(call)) as CreateDropletsError<Droplet>;
    expect(error.droplets).toHaveLength(25);
    expect(error.failures).toHaveLength(10);
    expect(error.failures[0]?.error).toBeInstanceOf(DropletCreationError);
  });

  it('rejects with the only reason when none was created', async () => {
    const sandbox = anAccount();
    const call = sandbox.api().createDroplets({ ...withNames(['a', 'b']), image: 99 });
    expect(await rejection(call)).toBeInstanceOf(UnprocessableError);
  });

  it('rejects with a ReadOnlyError in a read-only manager, whatever the number', async () => {
    const sandbox = anAccount();
    const call = sandbox.api({ readOnly: true }).createDroplets(withNames(many));
    expect(await rejection(call)).toBeInstanceOf(ReadOnlyError);
    expect(postsIn(sandbox)).toEqual([]);
  });

  it('ends with the signal', async () => {
    const sandbox = anAccount();
    const controller = new AbortController();
    const reason = new Error('enough');
    const call = sandbox.api().createDroplets(withNames(many), { signal: controller.signal });
    call.catch(() => undefined);
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });
});

describe('image.createDroplet()', () => {
  it('starts from the image, by default in its first region', async () => {
    const sandbox = anAccount();
    const image = await sandbox.api().fetchImage(7);
    const droplet = await image.createDroplet({ name: 'web', size: 's-1vcpu-1gb' });
    expect([droplet.image?.id, droplet.region?.slug]).toEqual([7, 'nyc1']);
    expect(
      (await image.createDroplet({ name: 'web', size: 's-1vcpu-1gb', region: 'ams3' })).region?.slug,
    ).toBe('ams3');
  });

  it('fetches an image that is known by its id alone', async () => {
    const sandbox = anAccount();
    const droplet = await sandbox.api().image(7).createDroplet({ name: 'web', size: 's-1vcpu-1gb' });
    expect(droplet.region?.slug).toBe('nyc1');
  });

  it('takes no image in its settings', async () => {
    const call = anAccount()
      .api()
      .image(7)
      .createDroplet({ name: 'web', size: 's', image: 5 } as never);
    await expect(call).rejects.toThrow('image: unknown option');
  });
});

describe('what is known of an image is checked before the request', () => {
  const refused = async (droplet: object, options: SandboxOptions = {}): Promise<[unknown, unknown[]]> => {
    const sandbox = anAccount(options);
    const api = sandbox.api();
    const image = await api.fetchImage(7);
    const error = await rejection(api.createDroplet({ ...WEB, image, ...droplet }));
    return [error, postsIn(sandbox)];
  };

  it('refuses a region that does not have it', async () => {
    const [error, posts] = await refused({ region: 'sgp1' });
    expect(error).toEqual(
      new RangeError(
        'region: expected one that has image 7 (nyc1, ams3), got sgp1; image.transfer brings it there',
      ),
    );
    expect(posts).toEqual([]);
  });

  it('fetches the image before it refuses a region: it may have been copied there', async () => {
    const sandbox = anAccount();
    const image = await sandbox.api().fetchImage(7);
    await image.transfer('sgp1', { wait: true });
    const droplet = await image.createDroplet({ name: 'web', size: 's-1vcpu-1gb', region: 'sgp1' });
    expect(droplet.region?.slug).toBe('sgp1');
  });

  it('lets a prefix of a region through', async () => {
    const server = new MemoryServer(({ path }) =>
      path === '/v2/sizes'
        ? { body: { sizes: [] } }
        : { status: 202, body: { droplet: dropletJson({ name: 'web' }) } },
    );
    const api = server.api();
    await expect(
      api.createDroplet({ ...WEB, image: api.image(IMAGE), region: 'ams' }),
    ).resolves.toBeDefined();
  });

  it('refuses a size whose disk is too small', async () => {
    const [error, posts] = await refused({}, { images: [{ ...IMAGE, min_disk_size: 60 }] });
    expect(error).toEqual(
      new RangeError('size: expected a disk of at least 60 GB for image 7, got s-1vcpu-1gb with 25 GB'),
    );
    expect(posts).toEqual([]);
  });

  it('leaves the check of the size to the API when the token may not read sizes', async () => {
    const scopes = ['droplet:create', 'droplet:read', 'image:read'];
    const [error, posts] = await refused({}, { images: [{ ...IMAGE, min_disk_size: 60 }], scopes });
    expect(error).toBeInstanceOf(UnprocessableError);
    expect(posts).toHaveLength(1);
  });

  it('reads the sizes once for many Droplets', async () => {
    const sandbox = anAccount();
    const image = await sandbox.api().fetchImage(7);
    for (const name of ['a', 'b', 'c']) await image.createDroplet({ name, size: 's-1vcpu-1gb' });
    expect(sandbox.requests.filter(({ path }) => path === '/v2/sizes')).toHaveLength(1);
  });
});

describe('creating Droplets: invalid input is rejected before a request is sent', () => {
  const create = (client: DOApi, changes: object): Promise<unknown> =>
    client.createDroplet({ ...WEB, ...changes });
  const NO_NAMES = wrongTypes('', 'a b', 'a_b', 5, null, undefined);
  rejectsWrongInput([
    ...eachWrong('createDroplet()', 'name', NO_NAMES, (client, name) => create(client, { name })),
    ...eachWrong('createDroplet()', 'size', NO_SLUGS, (client, size) => create(client, { size })),
    ...eachWrong('createDroplet()', 'region', NO_SLUGS, (client, region) => create(client, { region })),
    ...eachWrong(
      'createDroplet()',
      'image',
      wrongTypes('', '8eb4d51a-873f-11e6-bd32-000f53315a41', {}, null),
      (client, image) => create(client, { image }),
    ),
    ...eachWrong('createDroplet()', 'sshKeys[0]', wrongTypes([''], [0], [null]), (client, sshKeys) =>
      create(client, { sshKeys }),
    ),
    ...eachWrong('createDroplet()', 'tags[0]', wrongTypes(['a b'], [5]), (client, tags) =>
      create(client, { tags }),
    ),
    ...eachWrong('createDroplet()', 'userData', wrongTypes(5, 'x'.repeat(65_537)), (client, userData) =>
      create(client, { userData }),
    ),
    ...eachWrong('createDroplet()', 'wait', wrongTypes(5, 'yes'), (client, wait) => create(client, { wait })),
    ...eachWrong('createDroplets()', 'names[1]', wrongTypes(['a', ''], ['a', 5]), (client, names) =>
      client.createDroplets(withNames(names)),
    ),
    ...eachWrong('createDroplets()', 'names', wrongTypes('a', null, undefined), (client, names) =>
      client.createDroplets(withNames(names)),
    ),
  ]);

  it('names an unknown setting', async () => {
    const call = anAccount()
      .api()
      .createDroplet({ ...WEB, user_data: 'x' } as never);
    await expect(call).rejects.toThrow('user_data: unknown option; did you mean userData?');
    await expect(
      anAccount()
        .api()
        .createDroplet({ ...WEB, wait: { throwOnError: false } } as never),
    ).rejects.toThrow('wait.throwOnError: unknown option');
  });
});

describe('api.fetchAllDroplets()', () => {
  const lists = anAccount({
    droplets: [
      { name: 'web', tags: ['prod'] },
      { name: 'db', tags: [] },
    ],
  });

  it('filters by name, by tag and by type', async () => {
    const api = lists.api();
    const names = async (filter: object): Promise<string[]> =>
      (await api.fetchAllDroplets(filter).toArray()).map(({ name }) => name);
    expect((await names({})).sort()).toEqual(['db', 'web']);
    expect(await names({ name: 'WEB' })).toEqual(['web']);
    expect(await names({ tagName: 'prod' })).toEqual(['web']);
    expect(await names({ type: 'gpus' })).toEqual([]);
  });

  it('refuses filters that DigitalOcean does not combine, and unknown ones', () => {
    const api = lists.api();
    for (const other of [{ name: 'web' }, { type: 'gpus' } as const])
      expect(() => api.fetchAllDroplets({ tagName: 'prod', ...other })).toThrow(
        new TypeError('tagName: cannot be combined with name or type'),
      );
    expect(() => api.fetchAllDroplets({ tag: 'x' } as never)).toThrow('did you mean tagName?');
    expect(() => api.fetchAllDroplets({ type: 'gpu' } as never)).toThrow('type: expected');
  });

  it('rejects a list with a wrong field by its path', async () => {
    const server = new MemoryServer(() => ({
      body: { droplets: [{ id: 5 }, { id: 'x' }], meta: { total: 2 } },
    }));
    expect(await rejection(server.api().fetchAllDroplets().toArray())).toBeInstanceOf(
      UnexpectedResponseError,
    );
  });
});
