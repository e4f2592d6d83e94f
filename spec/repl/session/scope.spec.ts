import { describe, expect, it } from '@jest/globals';
import { DOApi } from '../../../lib';
import * as library from '../../../lib';
import type { Requester } from '../../../lib/model/requester';
import { createScope } from '../../../lib/repl/session/scope';

const asItIs = (requester: Requester): Requester => requester;
const found = { token: 'dop_v1_one', from: 'DIGITALOCEAN_TOKEN' };

describe('the scope of a session', () => {
  it('has an api that uses DigitalOcean when there is a token', () => {
    const { api, sandbox, values, declarations } = createScope(found, asItIs);
    expect(api).toBeInstanceOf(DOApi);
    expect(api.endpoint).toBe('https://api.digitalocean.com');
    expect(sandbox).toBeNull();
    expect(values).not.toHaveProperty('sandbox');
    expect(declarations).toContain('declare var api: DOApi;');
  });

  it('uses the endpoint of the doctl context', () => {
    expect(createScope({ ...found, endpoint: 'https://example.com' }, asItIs).api.endpoint).toBe(
      'https://example.com',
    );
  });

  it('has an api that uses a sandbox when there is no token', async () => {
    const { api, sandbox, values, declarations } = createScope(null, asItIs);
    expect(await api.fetchAllImages().total()).toBe(60);
    expect(sandbox?.requests).toHaveLength(1);
    expect(values).toMatchObject({ api, sandbox });
    expect(declarations).toContain('declare var sandbox: Sandbox;');
  });

  it('has every class of the library, the errors included, and Sandbox', () => {
    const classes = Object.entries(library).filter(([, value]) => typeof value === 'function');
    const { values } = createScope(found, asItIs);
    // DOApi and Sandbox have a constructor of the session: see session-client.spec.ts.
    const unchanged = classes.filter(([name]) => name !== 'DOApi');
    expect(unchanged).toHaveLength(classes.length - 1);
    expect(values).toMatchObject(Object.fromEntries(unchanged));
    expect(Object.keys(values).sort()).toEqual([...classes.map(([name]) => name), 'Sandbox', 'api'].sort());
  });

  it('declares every value, and the last result', () => {
    const { values, declarations } = createScope(null, asItIs);
    const declared = [...declarations.matchAll(/^declare var (\w+):/gm)].map(([, name]) => name);
    expect(declared.sort()).toEqual([...Object.keys(values), '_'].sort());
  });

  it('lets a line declare any of them again', () => {
    const { values } = createScope(null, asItIs);
    for (const name of Object.keys(values)) expect(Reflect.set(values, name, 5)).toBe(true);
    expect(new Set(Object.values(values))).toEqual(new Set([5]));
  });
});
