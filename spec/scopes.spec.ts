import { describe, expect, it } from '@jest/globals';
import { PermissionDeniedError } from '../lib';
import { scopeOf } from '../lib/scopes';
import errors from './fixtures/error/documented.json';
import { ENDPOINT, MemoryServer, rejection } from './support/builders';

describe('scopeOf', () => {
  it.each([
    ['GET', '/v2/images', 'image:read'],
    ['POST', '/v2/images', 'image:create'],
    ['GET', '/v2/images/5', 'image:read'],
    ['GET', '/v2/images/ubuntu-24-04-x64', 'image:read'],
    ['PUT', '/v2/images/5', 'image:update'],
    ['DELETE', '/v2/images/5', 'image:delete'],
    ['GET', '/v2/images/5/actions', 'image:read'],
    ['POST', '/v2/images/5/actions', 'image:update'],
    ['GET', '/v2/images/5/actions/6', 'image:read'],
    ['POST', '/v2/images/5/account_transfer', 'image:update'],
    ['POST', '/v2/images/5/account_transfer/cancel', 'image:update'],
    ['POST', '/v2/images/5/account_transfer/accept', 'image:create'],
    ['POST', '/v2/images/5/account_transfer/decline', 'image:create'],
    ['GET', '/v2/droplets', 'droplet:read'],
    ['POST', '/v2/droplets', 'droplet:create'],
    ['DELETE', '/v2/droplets', 'droplet:delete'],
    ['GET', '/v2/droplets/autoscale', 'droplet:read'],
    ['GET', '/v2/droplets/5', 'droplet:read'],
    ['DELETE', '/v2/droplets/5', 'droplet:delete'],
    ['GET', '/v2/droplets/5/actions', 'droplet:read'],
    ['POST', '/v2/droplets/5/actions', 'droplet:update'],
    ['GET', '/v2/droplets/5/actions/6', 'droplet:read'],
    ['GET', '/v2/droplets/5/snapshots', 'droplet:read'],
    ['GET', '/v2/droplets/5/backups', 'droplet:read'],
    ['GET', '/v2/sizes', 'sizes:read'],
    ['GET', '/v2/actions', 'actions:read'],
    ['GET', '/v2/actions/6', 'actions:read'],
    ['GET', '/v2/regions', 'regions:read'],
    ['GET', '/v2/account', 'account:read'],
    ['HEAD', '/v2/account', 'account:read'],
    ['GET', '/v2/snapshots', 'snapshot:read'],
    ['GET', '/v2/snapshots/5', 'snapshot:read'],
    ['DELETE', '/v2/snapshots/5', 'snapshot:delete'],
    ['GET', '/v2/tags', 'tag:read'],
    ['POST', '/v2/tags', 'tag:create'],
    ['GET', '/v2/tags/prod', 'tag:read'],
    ['DELETE', '/v2/tags/prod', 'tag:delete'],
    ['POST', '/v2/tags/prod/resources', 'tag:create'],
    ['DELETE', '/v2/tags/prod/resources', 'tag:delete'],
  ])('%s %s: %s', (method, path, scope) => {
    expect(scopeOf(method, path)).toBe(scope);
  });

  it.each([
    ['GET', '/v2/volumes'],
    ['PUT', '/v2/images'],
    ['DELETE', '/v2/actions/6'],
    ['GET', '/v2/imagesque'],
    ['GET', ''],
  ])('%s %s: not known', (method, path) => {
    expect(scopeOf(method, path)).toBeNull();
  });
});

describe('a 403', () => {
  const server = new MemoryServer(() => ({ status: 403, body: errors[403] }));

  it('names the scope', async () => {
    const error = await rejection(server.api().image(5).transfer('nyc3'));
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect(error).toMatchObject({
      name: 'PermissionDeniedError',
      status: 403,
      id: 'forbidden',
      scope: 'image:update',
    });
    expect((error as Error).message).toBe(
      `POST ${ENDPOINT}/v2/images/5/actions: 403 forbidden: You do not have permission to perform this action.; the token needs the scope image:update`,
    );
  });

  it('names the scope for a path with a query, and under an endpoint with a path', async () => {
    const api = server.api({ endpoint: 'https://proxy.example/do' });
    expect(await rejection(api.fetchAllImages({ private: true }).first())).toMatchObject({
      scope: 'image:read',
    });
  });

  it('names none for an unknown path', async () => {
    const error = await rejection(server.api().request('/v2/volumes'));
    expect(error).toMatchObject({ scope: null });
    expect((error as Error).message).not.toContain('scope');
  });
});
