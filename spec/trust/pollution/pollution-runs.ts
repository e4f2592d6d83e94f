import { expect } from '@jest/globals';
import { runProgram } from '../../support/program';
import type { PollutedJob, PollutionPlan, Route } from '../programs/polluted';
import { optionNamesOfLibrary, optionNamesOfNode } from './option-names';
import { RecordingServers } from './recording-servers';

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

/** One value for each name; the next name has the next value. */
export const oneValueEach = (all: readonly string[], offset = 0): Omit<PollutedJob, 'route'>[] =>
  all.map((name, index) => ({ name, value: VALUES[(index + offset) % VALUES.length] }));

/** All values for each name. */
export const everyValue = (all: readonly string[]): Omit<PollutedJob, 'route'>[] =>
  all.flatMap((name) => VALUES.map((value) => ({ name, value })));

/** Every so many names. */
export const everyNth = (all: readonly string[], n: number): string[] =>
  all.filter((_, index) => index % n === 0);

/** How many requests the main job sends. */
const REQUESTS: Readonly<Record<Route, number>> = { http: 7, https: 7, proxy: 7, tunnel: 7, sandbox: 0 };

/** The names that Object.prototype may have, and runs of the main job in which it has one. */
export class PollutionRuns {
  private constructor(
    private readonly servers: RecordingServers,
    private readonly ports: PollutionPlan['ports'],
    readonly node: readonly string[],
    readonly library: readonly string[],
  ) {}

  static async start(): Promise<PollutionRuns> {
    const { servers, ports } = await RecordingServers.start();
    return new PollutionRuns(servers, ports, await optionNamesOfNode(), optionNamesOfLibrary());
  }

  /** The names of Node's and of the library's options. */
  get names(): string[] {
    return [...new Set([...this.node, ...this.library])];
  }

  /** How many connections came to another host. */
  get strays(): number {
    return this.servers.strays;
  }

  close(): void {
    this.servers.close();
  }

  /** Runs the jobs on each route, and one without pollution. @returns those that differ from it */
  async differences(
    routes: readonly Route[],
    jobs: readonly Omit<PollutedJob, 'route'>[],
    early = false,
  ): Promise<string[]> {
    const clean = { name: '', value: null };
    const all = [clean, ...jobs].flatMap((job) => routes.map((route) => ({ ...job, route })));
    const ended = await this.outcomes(all, early);
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

  /** What each job gave and sent, without what tells them apart. */
  private async outcomes(
    jobs: readonly PollutedJob[],
    early: boolean,
  ): Promise<{ result: string; sent: string[] }[]> {
    this.servers.requests.length = 0;
    const plan: PollutionPlan = { early, jobs, ports: this.ports, ca: this.servers.ca };
    const { output, errors, code } = await runProgram('spec/trust/programs/polluted.ts', {
      input: JSON.stringify(plan),
    });
    expect([errors, code]).toEqual(['', 0]);
    const sent = jobs.map((): string[] => []);
    for (const request of this.servers.requests) {
      const index = /job-(\d+)\//.exec(request)?.[1];
      sent[Number(index)]?.push(request.replace(/job-\d+/, 'job'));
    }
    return (JSON.parse(output) as unknown[]).map((result, index) => ({
      result: JSON.stringify(result),
      sent: sent[index] ?? [],
    }));
  }
}
