import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scaled } from '../support/scale';
import { everyNth, oneValueEach, PollutionRuns } from './pollution/pollution-runs';

/** With these, no module can be loaded: Node and the modules read them from descriptors and options of their own. */
const READ_BY_LOADERS = [
  'auth',
  'encoding',
  'get',
  'path',
  'prototype',
  'set',
  'signal',
  'value',
  'writable',
];

let runs: PollutionRuns;

beforeAll(async () => {
  runs = await PollutionRuns.start();
});

afterAll(() => {
  runs.close();
});

describe('a program whose Object.prototype has the name of an option', () => {
  it('sends and gets the same when it had the name before the library was loaded', async () => {
    const loadable = runs.names.filter((name) => !READ_BY_LOADERS.includes(name));
    const jobs = oneValueEach(scaled(loadable, everyNth(loadable, 12)), 5);
    expect(await runs.differences(['http', 'sandbox'], jobs, true)).toEqual([]);
  }, 600_000);

  it('never to another host', () => {
    expect(runs.strays).toBe(0);
  });
});
