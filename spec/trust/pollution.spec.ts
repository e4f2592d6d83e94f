import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scaled } from '../support/scale';
import { everyNth, everyValue, oneValueEach, PollutionRuns } from './pollution/pollution-runs';

let runs: PollutionRuns;

beforeAll(async () => {
  runs = await PollutionRuns.start();
});

afterAll(() => {
  runs.close();
});

/** On each route a name has another value. */
const OFFSETS = { https: 1, proxy: 2, tunnel: 3, sandbox: 5 };

describe('the names of options', () => {
  it('are read from the source of Node and of the library', () => {
    expect(runs.node.length).toBeGreaterThan(180);
    for (const name of [
      'hostname',
      'path',
      'agent',
      'socketPath',
      'checkServerIdentity',
      'ca',
      'lookup',
      'localAddress',
    ])
      expect(runs.node).toContain(name);
    expect(runs.library.length).toBeGreaterThan(300);
    for (const name of [
      'perPage',
      'throwOnError',
      'interval',
      'method',
      'fallback',
      'isRequired',
      'read',
      'tagName',
      // Only in a type literal or a method signature, and tested with `in`.
      'powerOn',
      'fetchAllActions',
      'encrypted',
      'isTTY',
    ])
      expect(runs.library).toContain(name);
  });
});

describe('a program whose Object.prototype has the name of an option sends and gets the same', () => {
  it('over http:', async () => {
    const jobs = scaled(everyValue(runs.names), oneValueEach(runs.names));
    expect(await runs.differences(['http'], jobs)).toEqual([]);
  }, 600_000);

  it.each(['https', 'proxy', 'tunnel', 'sandbox'] as const)(
    'over %s',
    async (route) => {
      const jobs = oneValueEach(scaled(runs.names, everyNth(runs.names, 8)), OFFSETS[route]);
      expect(await runs.differences([route], jobs)).toEqual([]);
    },
    600_000,
  );

  it('never to another host', () => {
    expect(runs.strays).toBe(0);
  });
});
