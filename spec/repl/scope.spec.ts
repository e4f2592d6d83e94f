import { describe, expect, it, jest } from '@jest/globals';
import { DOApi } from '../../lib';
import { createScope } from '../../lib/repl/scope';

describe('what a session begins with', () => {
  it.each([
    ['DIGITALOCEAN_TOKEN', { DIGITALOCEAN_TOKEN: 'dop_v1_one' }],
    ['DIGITALOCEAN_ACCESS_TOKEN', { DIGITALOCEAN_ACCESS_TOKEN: 'dop_v1_two' }],
  ])('with a token in %s: an api that talks to DigitalOcean', (_, env) => {
    jest.replaceProperty(process, 'env', env);
    const { values, declarations, greeting } = createScope();
    expect(values).toHaveProperty('api', expect.any(DOApi));
    expect(values).not.toHaveProperty('sandbox');
    expect(declarations).toContain('declare const api: DOApi;');
    expect(greeting).toBe('api talks to https://api.digitalocean.com with your token.');
  });

  it.each([[{}], [{ DIGITALOCEAN_TOKEN: ' ' }]])(
    'without one (%j): an api that talks to a sandbox',
    async (env) => {
      jest.replaceProperty(process, 'env', env);
      const { values, declarations, greeting } = createScope();
      const { api } = values as { api: DOApi };
      expect(await api.fetchAllImages().total()).toBe(60);
      expect(values).toHaveProperty('sandbox.requests.length', 1);
      expect(declarations).toContain('declare const sandbox: Sandbox;');
      expect(greeting).toContain('sandbox');
    },
  );

  it('has a declaration for every value', () => {
    const { values, declarations } = createScope();
    const declared = [...declarations.matchAll(/^declare const (\w+):/gm)].map(([, name]) => name);
    expect(declared.sort()).toEqual(Object.keys(values).sort());
  });
});
