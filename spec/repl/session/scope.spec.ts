import { describe, expect, it } from '@jest/globals';
import { DOApi } from '../../../lib';
import * as library from '../../../lib';
import { createScope } from '../../../lib/repl/session/scope';

const found = { token: 'dop_v1_one', from: 'DIGITALOCEAN_TOKEN' };

describe('what a session begins with', () => {
  it('has, with a token, an api that talks to DigitalOcean', () => {
    const { api, sandbox, values, declarations } = createScope(found);
    expect(api).toBeInstanceOf(DOApi);
    expect(api.endpoint).toBe('https://api.digitalocean.com');
    expect(sandbox).toBeNull();
    expect(values).not.toHaveProperty('sandbox');
    expect(declarations).toContain('declare const api: DOApi;');
  });

  it('goes where the context of doctl says', () => {
    expect(createScope({ ...found, endpoint: 'https://example.com' }).api.endpoint).toBe(
      'https://example.com',
    );
  });

  it('has, without one, an api that talks to a sandbox', async () => {
    const { api, sandbox, values, declarations } = createScope(null);
    expect(await api.fetchAllImages().total()).toBe(60);
    expect(sandbox?.requests).toHaveLength(1);
    expect(values).toMatchObject({ api, sandbox });
    expect(declarations).toContain('declare const sandbox: Sandbox;');
  });

  it('has every class of the library, the errors too, and the sandbox', () => {
    const classes = Object.entries(library).filter(([, value]) => typeof value === 'function');
    const { values } = createScope(found);
    expect(values).toMatchObject(Object.fromEntries(classes));
    expect(Object.keys(values).sort()).toEqual([...classes.map(([name]) => name), 'Sandbox', 'api'].sort());
  });

  it('has a declaration for every value', () => {
    const { values, declarations } = createScope(null);
    const declared = [...declarations.matchAll(/^declare const (\w+):/gm)].map(([, name]) => name);
    expect(declared.sort()).toEqual(Object.keys(values).sort());
  });
});
