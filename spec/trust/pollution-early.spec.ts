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

/** How many names one process tries. */
const NAMES_IN_PROCESS = 200;

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
    // Modules that were loaded stay in memory: a process for each part of the names takes less time than one for all.
    const found: string[] = [];
    for (let at = 0; at < jobs.length; at += NAMES_IN_PROCESS)
      found.push(
        ...(await runs.differences(['http', 'sandbox'], jobs.slice(at, at + NAMES_IN_PROCESS), true)),
      );
    expect(found).toEqual([]);
  }, 600_000);

  it('never to another host', () => {
    expect(runs.strays).toBe(0);
  });
});
