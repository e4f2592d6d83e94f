import { describe, expect, it } from '@jest/globals';
import { assert, property } from 'fast-check';
import type { PollAccount } from '../../../lib/polling/fleet/poll-host';
import { readState, writeState } from '../../../lib/polling/fleet/shared-state';
import { scaled } from '../../support/scale';
import {
  actionJson,
  anApi,
  anyActionJson,
  anyDropletJson,
  anyImageJson,
  ENDPOINT,
  TOKEN,
} from '../../support/builders';

const api = anApi();

const account: PollAccount = {
  endpoint: ENDPOINT,
  tokenKey: () => 'a key',
  declaredFields: (kind, json) => api[kind](json).toJSON(),
  hide: (text) => text.replaceAll(TOKEN, '[token]'),
};

describe('a state in a store', () => {
  it.each([
    ['action', anyActionJson],
    ['image', anyImageJson],
    ['droplet', anyDropletJson],
  ] as const)('of an %s reads as what the response has shown, without what is not declared', (kind, any) => {
    assert(
      property(any, (json) => {
        const id = Number(json.id);
        const text = writeState({ ...json, not_declared: 'x' }, { kind, id }, account);
        expect(text).not.toContain('not_declared');
        const state = readState(text, { kind, id }, account);
        expect(api[kind](state ?? {}).toJSON()).toEqual(api[kind](json).toJSON());
      }),
      { numRuns: scaled(1_000, 100) },
    );
  });

  it.each<[string, Record<string, unknown>]>([
    ['cannot be read', { status: 5 }],
    ['quotes the token', { type: `transfer by ${TOKEN}` }],
  ])('is none when it %s', (_what, changes) => {
    expect(writeState(actionJson(), { kind: 'action', id: 1 }, account)).toContain('started_at');
    expect(writeState(actionJson(changes), { kind: 'action', id: 1 }, account)).toBeNull();
  });

  it('has nothing that is not declared, also when another program has written it', () => {
    const text = JSON.stringify({ ...actionJson(), id: 1, links: {}, evil_url: 'http://evil.example/' });
    const state = readState(text, { kind: 'action', id: 1 }, account);
    expect(state).toEqual(api.action({ ...actionJson(), id: 1 }).toJSON());
  });

  it.each([
    ['is another action', JSON.stringify({ ...actionJson(), id: 2 })],
    ['is no object', '[]'],
    ['is no JSON', '{"id":1'],
    ['is no text', 5],
    ['has megabytes', JSON.stringify({ ...actionJson(), id: 1, type: 'x'.repeat(1e6) })],
  ])('is none when it %s', (_what, text) => {
    expect(readState(text, { kind: 'action', id: 1 }, account)).toBeNull();
  });

  it('has no toJSON of another package', () => {
    const prototype = Object.prototype as { toJSON?: unknown };
    const before = writeState(actionJson(), { kind: 'action', id: 1 }, account);
    prototype.toJSON = () => 'polluted';
    try {
      expect(writeState(actionJson(), { kind: 'action', id: 1 }, account)).toBe(before);
    } finally {
      delete prototype.toJSON;
    }
  });
});
