import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scaled } from '../support/scale';
import { runProgram } from '../support/program';
import { optionNamesOfLibrary, optionNamesOfNode } from './pollution/option-names';
import { RecordingServers } from './pollution/recording-servers';
import type { PollutedJob, PollutionPlan, Route } from './programs/polluted';

/** What a polluted property holds: whatever JSON can say. */
const VALUES: readonly unknown[] = [
  '127.0.0.2',
  1,
  true,
  false,
  null,
  { host: '127.0.0.2', polluted: true },
  ['127.0.0.2'],
];

/**
 * Node reads these names itself, for each response and in every client of the process, from an object that nobody hands over:
 * the response cannot be read. Nothing goes elsewhere.
 */
const READ_BY_NODE_ALONE = ['defaultEncoding', 'encoding', 'signal'];

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

let servers: RecordingServers;
let ports: PollutionPlan['ports'];
let names: { node: string[]; library: string[]; all: string[] };

beforeAll(async () => {
  ({ servers, ports } = await RecordingServers.start());
  const [node, library] = [await optionNamesOfNode(), optionNamesOfLibrary()];
  names = { node, library, all: [...new Set([...node, ...library])] };
});

afterAll(() => servers.close());

/** What each job gave and sent, without what tells them apart. */
async function outcomes(
  jobs: readonly PollutedJob[],
  early: boolean,
): Promise<{ result: string; sent: string[] }[]> {
  servers.requests.length = 0;
  const plan: PollutionPlan = { early, jobs, ports, ca: servers.ca };
  const { output, errors, code } = await runProgram('spec/trust/programs/polluted.ts', {
    input: JSON.stringify(plan),
  });
  expect([errors, code]).toEqual(['', 0]);
  const sent = jobs.map((): string[] => []);
  for (const request of servers.requests) {
    const index = /job-(\d+)\//.exec(request)?.[1];
    sent[Number(index)]?.push(request.replace(/job-\d+/, 'job'));
  }
  return (JSON.parse(output) as unknown[]).map((result, index) => ({
    result: JSON.stringify(result),
    sent: sent[index] ?? [],
  }));
}

/** How many requests the main job sends. */
const REQUESTS: Readonly<Record<Route, number>> = { http: 7, https: 7, proxy: 7, tunnel: 7, sandbox: 0 };

/** Runs the jobs on each route, and one without pollution. @returns those that differ from it */
async function differences(
  routes: readonly Route[],
  jobs: readonly Omit<PollutedJob, 'route'>[],
  early = false,
): Promise<string[]> {
  const clean = { name: '', value: null };
  const all = [clean, ...jobs].flatMap((job) => routes.map((route) => ({ ...job, route })));
  const ended = await outcomes(all, early);
  expect(ended).toHaveLength(all.length);
  const expected = new Map(routes.map((route, index) => [route, ended[index]]));
  for (const [route, { result, sent } = { result: '', sent: [] }] of expected) {
    expect(result).toContain('"action":{"id":');
    expect(sent).toHaveLength(REQUESTS[route]);
  }
  return all.flatMap(({ name, value, route }, index) => {
    const { result, sent } = ended[index] ?? { result: '', sent: [] };
    const wanted = expected.get(route);
    const isExempt = route !== 'sandbox' && READ_BY_NODE_ALONE.includes(name);
    const same = isExempt
      ? sent.every((request) => wanted?.sent.includes(request))
      : result === wanted?.result && JSON.stringify(sent) === JSON.stringify(wanted.sent);
    return same
      ? []
      : [`${route}, ${name} = ${JSON.stringify(value)}: ${result.slice(0, 300)} ${sent.join()}`];
  });
}

/** One value for each name; the next name has the next value. */
const oneValueEach = (all: readonly string[], offset = 0): Omit<PollutedJob, 'route'>[] =>
  all.map((name, index) => ({ name, value: VALUES[(index + offset) % VALUES.length] }));

/** On each route a name has another value. */
const OFFSETS = { https: 1, proxy: 2, tunnel: 3, sandbox: 5 };

const everyValue = (all: readonly string[]): Omit<PollutedJob, 'route'>[] =>
  all.flatMap((name) => VALUES.map((value) => ({ name, value })));

const everyNth = (all: readonly string[], n: number): string[] => all.filter((_, index) => index % n === 0);

describe('the names of options', () => {
  it('are read from the source of Node and of the library', () => {
    expect(names.node.length).toBeGreaterThan(180);
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
      expect(names.node).toContain(name);
    expect(names.library.length).toBeGreaterThan(300);
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
      expect(names.library).toContain(name);
  });
});

describe('a program whose Object.prototype has the name of an option sends and gets the same', () => {
  it('over http:', async () => {
    const jobs = scaled(everyValue(names.all), oneValueEach(names.all));
    expect(await differences(['http'], jobs)).toEqual([]);
  }, 600_000);

  it.each(['https', 'proxy', 'tunnel', 'sandbox'] as const)(
    'over %s',
    async (route) => {
      const jobs = oneValueEach(scaled(names.all, everyNth(names.all, 8)), OFFSETS[route]);
      expect(await differences([route], jobs)).toEqual([]);
    },
    600_000,
  );

  it('when it had the name before the library was loaded', async () => {
    const loadable = names.all.filter((name) => !READ_BY_LOADERS.includes(name));
    const jobs = oneValueEach(scaled(loadable, everyNth(loadable, 12)), 5);
    expect(await differences(['http', 'sandbox'], jobs, true)).toEqual([]);
  }, 600_000);

  it('never to another host', () => {
    expect(servers.strays).toBe(0);
  });
});
